import type { LegParty, LegQuality, TimelineFact } from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';

/** Bounds of ITU-T G.107 Annex B: from 4.0 users are satisfied, below 3.6 many are not. */
const goodFrom = 4;
const fairFrom = 3.6;

export function qualityTone({ mos }: LegQuality): Tone {
  if (mos >= goodFrom) return 'talk';
  return mos >= fairFrom ? 'hold' : 'bad';
}

/** One line for the timeline. */
export function qualityWords(quality: LegQuality | undefined): string {
  if (quality === undefined) return '';
  const { mos, lossPercent, jitterMs } = quality;
  return m.timeline_quality({
    mos: shown.number(mos, 1),
    loss: shown.percent(lossPercent / 100, 1),
    jitter: shown.number(jitterMs, 0),
  });
}

export interface LegHeard {
  legId: string;
  party: LegParty;
  quality: LegQuality;
}

/** How each leg of a contact was heard, in the order in which they ended. */
export function legsHeard(facts: readonly TimelineFact[]): LegHeard[] {
  return facts.flatMap((fact) => {
    if (fact.type !== 'leg.ended' || fact.data.quality === undefined) return [];
    const { legId, party, quality } = fact.data;
    return [{ legId, party, quality }];
  });
}
