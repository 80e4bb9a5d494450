/** Below this nothing is changed: 2.5 dB under full scale. */
const knee = 24_576;
const room = 32_767 - knee;

/** Brings a sum back into 16 bits: unchanged up to 24,576, then bent ever flatter towards full scale, never clipped hard. */
export function softLimit(sum: number): number {
  if (sum > knee) {
    const excess = (sum - knee) / room;
    return knee + Math.round((room * excess) / (1 + excess));
  }
  if (sum < -knee) {
    const excess = (-sum - knee) / room;
    return -knee - Math.round((room * excess) / (1 + excess));
  }
  return sum;
}
