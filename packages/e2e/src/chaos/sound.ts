import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { PhoneCall } from '@crosspoint/sim/phones';

const packetMs = 20;

/** What ends of calls missed in a stretch of time, in milliseconds. */
export interface Missed {
  /** Sound whose packets never came, at the end that missed most. */
  lostMs: number;
  /** The longest time between two packets at any end. */
  pauseMs: number;
  /** For so long the machine let the phones themselves wait at most: they neither heard nor said anything, and may have lost what came. */
  stillMs: number;
}

/** Begins to count what these ends miss; the result tells what they missed until then. */
export function listen(calls: readonly PhoneCall[]): () => Missed {
  const lostBefore = calls.map(({ sound }) => sound.statistics.packetsLost);
  for (const { sound } of calls) sound.statistics.longestPauseMs = 0;
  const own = monitorEventLoopDelay({ resolution: packetMs });
  own.enable();
  return () => {
    own.disable();
    const missed: Missed = { lostMs: 0, pauseMs: 0, stillMs: Math.round(own.max / 1e6) };
    for (const [index, call] of calls.entries()) {
      // Who goes down meanwhile hears nothing from then on.
      if (!call.isUp) continue;
      const { packetsLost, longestPauseMs } = call.sound.statistics;
      missed.lostMs = Math.max(missed.lostMs, (packetsLost - (lostBefore[index] ?? 0)) * packetMs);
      missed.pauseMs = Math.max(missed.pauseMs, Math.round(longestPauseMs));
    }
    return missed;
  };
}
