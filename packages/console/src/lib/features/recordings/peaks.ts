/** Below this loudness a recording counts as silence and is not drawn louder than it is. */
const loudestMin = 0.1;

/**
 * Peaks scaled so that the loudest moment of the recording fills its lane. All channels share one scale: who is quieter
 * stays quieter, and silence stays a line.
 */
export function visiblePeaks(channels: readonly (readonly number[])[]): number[][] {
  const loudest = channels.reduce(
    (most, channel) => channel.reduce((high, peak) => Math.max(high, peak), most),
    loudestMin,
  );
  return channels.map((channel) => channel.map((peak) => Math.min(1, peak / loudest)));
}

/** Of one party's lane in the drawing, in pixels. */
export const laneHeight = 56;
