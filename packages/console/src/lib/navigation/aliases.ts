/**
 * Other addresses by which pages are asked for: words that the centre's people use for them, and steps that have no page of
 * their own because the page itself holds them.
 */
const aliases: Readonly<Record<string, string>> = {
  '/operations/hours': '/operations/calendars',
  '/operations/voicemail': '/operations/voicemails',
  '/operations/voicemail/settings': '/operations/voicemails',
  '/operations/voicemail/greetings': '/operations/voicemails',
  '/operations/ivr/scripts': '/operations/prompts',
  '/operations/routing/builder': '/operations/routing',
  '/operations/routing/test': '/operations/routing',
  '/admin/webhooks': '/admin/notifications',
};

/** The page that this address stands for; undefined for an address that means nothing. */
export const aliasOf = (pathname: string): string | undefined => aliases[pathname.replace(/\/$/, '')];
