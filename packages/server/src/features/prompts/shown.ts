import type { Prompt, PromptId } from '@crosspoint/contracts';
import { promptTexts } from '@crosspoint/core';
import type { FoundPrompt } from './recordings.ts';
import type { PromptDetails } from './repo.ts';
import type { SoundLengths } from './sound-lengths.ts';
import type { PromptUsers } from './users.ts';

/** What is known about recordings beside their files. */
export interface PromptKnowledge {
  details: ReadonlyMap<PromptId, PromptDetails>;
  users: PromptUsers;
  lengths: SoundLengths;
}

/** A recording as the API shows it. */
export async function shownPrompt(
  { path, ...found }: FoundPrompt,
  { details, users, lengths }: PromptKnowledge,
): Promise<Prompt> {
  const { id, name, language, origin } = found;
  // A row may be left of a file that somebody took away by hand.
  const noted = origin === 'own' ? details.get(id) : undefined;
  return {
    ...found,
    text: noted?.text ?? (origin === 'shipped' ? (promptTexts(language)[name] ?? null) : null),
    source: noted?.source ?? (origin === 'shipped' ? 'shipped' : 'file'),
    durationSeconds: await lengths.of(path),
    gainDb: noted?.gainDb ?? null,
    pacePercent: noted?.pacePercent ?? null,
    changedAt: noted === undefined ? null : new Date(noted.changedAt).toISOString(),
    usedBy: users(name, language),
  };
}

/** Whether the name or the words hold that text. */
export function isSought({ name, text }: Prompt, search: string): boolean {
  const sought = search.toLowerCase();
  return name.includes(sought) || (text?.toLowerCase().includes(sought) ?? false);
}
