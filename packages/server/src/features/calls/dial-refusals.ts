import type { DialResult } from './door.ts';

const dialRefusals: Readonly<Record<string, (what: string) => string>> = {
  'agent-unknown': () => 'There is no such agent.',
  'caller-unreachable': () => 'None of your devices can be reached. Register a telephone and try again.',
  'own-extension': (to) => `${to} is the extension of the agent who calls.`,
  'no-route': (to) => `No trunk takes calls to ${to}. Look at the prefixes of the trunks.`,
  'trunk-unknown': (trunk) => `There is no trunk ${trunk}.`,
  'shutting-down': () => 'The server stops.',
  'database-away': () =>
    'The database does not answer, so that the call could not be recorded. Try again soon.',
};

/** A call that cannot be made, in words. */
export function refusedCall(code: string, what: string): DialResult {
  return { ok: false, code, detail: dialRefusals[code]?.(what) ?? `The call cannot be made: ${code}.` };
}
