import type { CodecName, SampleRateHz } from './port.ts';

/**
 * The rate asked for, or the first of those that the codec works at.
 * @throws RangeError when the codec does not work at the rate.
 */
export function requireSampleRate<Rate extends SampleRateHz>(
  name: CodecName,
  asked: SampleRateHz | undefined,
  offered: readonly [Rate, ...Rate[]],
): Rate {
  if (asked === undefined) return offered[0];
  const rate = offered.find((candidate) => candidate === asked);
  if (rate === undefined)
    throw new RangeError(
      `sampleRateHz: ${name} works at ${offered.join(', ')} Hz, not ${asked}; convert with RateConverter`,
    );
  return rate;
}
