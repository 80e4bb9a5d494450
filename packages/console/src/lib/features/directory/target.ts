import type { AgentId, QueueId } from '@crosspoint/contracts';

/** Whom a call goes to, as chosen from the directory or typed. */
export type DirectoryTarget =
  | { kind: 'agent'; id: AgentId; name: string; extension: string | null }
  | { kind: 'queue'; id: QueueId; name: string }
  | { kind: 'number'; number: string };

/** The number that somebody typed, without what only divides it; null when it is none. */
export function typedNumber(text: string): string | null {
  const compact = text.replace(/[\s().\-/]/g, '');
  return /^\+?[0-9*#]{2,32}$/.test(compact) ? compact : null;
}
