import type { AgentId, DirectoryEntry, Presence, QueueId } from '@crosspoint/contracts';

/** Whom a call goes to, as chosen from the directory or typed. */
export type DirectoryTarget =
  | { kind: 'agent'; id: AgentId; name: string; extension: string | null; presence: Presence }
  | { kind: 'queue'; id: QueueId; name: string }
  | { kind: 'number'; number: string };

/** The number that somebody typed, without what only divides it; null when it is none. */
export function typedNumber(text: string): string | null {
  const compact = text.replace(/[\s().\-/]/g, '');
  return /^\+?[0-9*#]{2,32}$/.test(compact) ? compact : null;
}

/** Whether an entry has the words in its name or extension, so that it is meant before the server has searched for them. */
export function fits(entry: DirectoryEntry, words: string): boolean {
  const sought = words.trim().toLowerCase();
  const extension = entry.kind === 'agent' ? entry.extension : null;
  return entry.name.toLowerCase().includes(sought) || (extension?.includes(sought) ?? false);
}
