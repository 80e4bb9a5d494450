import type { QueueAnnouncements } from '@crosspoint/contracts';
import type { Sentence } from '../prompts/index.ts';
import type { CallerPlace } from './door.ts';

const spokenPositionMax = 9_999;
const minuteMs = 60_000;

/** What was said last; null: nothing yet. */
export interface LastSaid {
  position: number | null;
  minutes: number | null;
}

/** The wait as it is said: whole minutes, coarser the longer it is. */
export function spokenMinutes(waitMs: number): number {
  const minutes = Math.max(1, Math.ceil(waitMs / minuteMs));
  const step = minutes > 60 ? 15 : minutes > 10 ? 5 : 1;
  return Math.ceil(minutes / step) * step;
}

/** Place and wait, as far as they are to be said; what is said is noted in `last`. */
export function placeSentences(
  { position: mode, moreThan, estimatedWait, onlyWhenImproved }: QueueAnnouncements,
  place: CallerPlace | null,
  last: LastSaid,
): Sentence[] {
  if (place === null) return [];
  const sentences: Sentence[] = [];
  const isBetter = (value: number, former: number | null) =>
    !onlyWhenImproved || former === null || value < former;
  const { position, estimatedWaitMs } = place;
  if (mode !== 'off') {
    const limit = mode === 'more-than' ? moreThan : spokenPositionMax;
    const ahead = position - 1;
    // Everything above the limit sounds the same, and is no improvement on itself.
    const heard = Math.min(position, limit + 2);
    if (isBetter(heard, last.position)) {
      last.position = heard;
      const isAbove = ahead > limit || position > spokenPositionMax;
      sentences.push(isAbove ? { kind: 'more-than', count: limit } : { kind: 'position', position });
    }
  }
  if (estimatedWait && estimatedWaitMs !== null) {
    const minutes = spokenMinutes(estimatedWaitMs);
    if (isBetter(minutes, last.minutes)) {
      last.minutes = minutes;
      sentences.push({ kind: 'wait', minutes });
    }
  }
  return sentences;
}
