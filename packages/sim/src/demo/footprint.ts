import { queues } from './company.ts';
import { randomOf } from './chance.ts';
import { talkMs } from './conversation.ts';
import { meanCallsPerMinute, type Wave } from './wave.ts';

/** Recordings are 16-bit stereo at 8,000 Hz. */
const recordedBytesPerSecond = 8_000 * 2 * 2;
const draws = 2_000;

/** What the recordings of an hour take on disk at most: when every caller reaches an agent. */
export function recordedBytesPerHour(wave: Wave): number {
  const callsPerHour = meanCallsPerMinute(wave) * 60;
  const shares = queues.reduce((sum, { share }) => sum + share, 0);
  const recordedSecondsPerCall = queues
    .filter(({ settings }) => settings.recording === 'always')
    .reduce((sum, { key, share, talkMedianMs }) => {
      const random = randomOf(0, 'footprint', key);
      let totalMs = 0;
      for (let draw = 0; draw < draws; draw += 1) totalMs += talkMs(random, talkMedianMs);
      return sum + (share / shares) * (totalMs / draws / 1000);
    }, 0);
  return callsPerHour * recordedSecondsPerCall * recordedBytesPerSecond;
}
