import { around, clamp, type Random } from './chance.ts';

/** What happens in a conversation, counted from the moment the agent answers. */
export type Cue =
  | { atMs: number; do: 'agent-speaks' | 'customer-speaks' | 'silence' }
  | { atMs: number; do: 'hold' | 'resume' }
  | { atMs: number; do: 'agent-hangs-up' | 'customer-hangs-up' };

export const talkMinMs = 7_000;
export const talkMaxMs = 80_000;
const holdShare = 0.16;
const agentHangsUpShare = 0.35;

/** Length of a conversation of a queue with that median; log-normal within limits. */
export function talkMs(random: Random, medianMs: number): number {
  return Math.round(clamp(around(random, medianMs, 0.45), talkMinMs, talkMaxMs));
}

/**
 * The script of a conversation: the agent greets, then they take turns with small pauses; now and then the agent
 * puts the customer on hold for a while; one of them hangs up at the end. Cues come in order of time.
 */
export function scriptConversation(random: Random, durationMs: number): Cue[] {
  const hold = drawHold(random, durationMs);
  const cues: Cue[] = [];
  let atMs = 300;
  let speaker: 'agent' | 'customer' = 'agent';
  let turnMs = clamp(around(random, 2_400, 0.2), 1_500, 4_000);
  while (atMs < durationMs - 500) {
    const turnEndMs = Math.min(atMs + turnMs, durationMs - 400);
    cues.push({ atMs: Math.round(atMs), do: speaker === 'agent' ? 'agent-speaks' : 'customer-speaks' });
    cues.push({ atMs: Math.round(turnEndMs), do: 'silence' });
    atMs = turnEndMs + random.uniform(200, 900);
    speaker = speaker === 'agent' ? 'customer' : 'agent';
    turnMs = clamp(around(random, 2_800, 0.5), 900, 9_000);
  }
  const kept = hold === undefined ? cues : withHold(cues, hold);
  kept.push({
    atMs: durationMs,
    do: random.chance(agentHangsUpShare) ? 'agent-hangs-up' : 'customer-hangs-up',
  });
  return kept;
}

type Hold = { fromMs: number; toMs: number };

/** Only a conversation that is long enough has time for it. */
function drawHold(random: Random, durationMs: number): Hold | undefined {
  const wanted = random.chance(holdShare);
  const fromMs = Math.round(durationMs * random.uniform(0.3, 0.5));
  const lengthMs = Math.round(random.uniform(5_000, 14_000));
  return wanted && fromMs + lengthMs < durationMs - 5_000 ? { fromMs, toMs: fromMs + lengthMs } : undefined;
}

/** Nobody speaks during the hold; a turn that it would cut into goes on afterwards. */
function withHold(cues: readonly Cue[], hold: Hold): Cue[] {
  const before = cues.filter(({ atMs }) => atMs < hold.fromMs);
  const after = cues.filter(({ atMs }) => atMs > hold.toMs);
  const interrupted = cues.findLast(({ atMs }) => atMs <= hold.toMs);
  const goesOn = interrupted === undefined ? [] : [{ ...interrupted, atMs: hold.toMs }];
  return [
    ...before,
    { atMs: hold.fromMs, do: 'silence' },
    { atMs: hold.fromMs, do: 'hold' },
    { atMs: hold.toMs, do: 'resume' },
    ...goesOn,
    ...after,
  ];
}
