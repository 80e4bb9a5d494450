import type { Me, ProfileInput } from '@crosspoint/contracts';
import { act } from '#lib/api/act.ts';
import { api } from '#lib/api/client.ts';
import type { Language } from '#lib/i18n/detect.ts';
import { language } from '#lib/i18n/language.svelte.ts';
import { session } from '#lib/session/session.svelte.ts';

/** Changes the own profile at the server and here. */
export async function saveProfile(input: ProfileInput): Promise<void> {
  session.replace(await api.patch<Me>('/auth/me', input));
}

/** The language changes at once; when somebody is signed in it is kept with the profile too. */
export async function chooseLanguage(next: Language): Promise<void> {
  language.choose(next);
  if (session.me) await act(() => saveProfile({ language: next }));
}
