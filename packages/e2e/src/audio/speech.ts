import { synthesizeTone } from '@crosspoint/media';

/** Of 20 ms at 8,000 Hz. */
const packetSamples = 160;

/** A tone with pauses, which counts as speech for as long as it lasts; a steady one is silence after a while. */
export function speech(hz: number): Int16Array {
  const sound = new Int16Array(63 * packetSamples);
  sound.set(synthesizeTone({ frequenciesHz: [hz], levelDbm0: -10, onMs: 1_000 }));
  return sound;
}
