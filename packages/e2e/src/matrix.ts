import { toneLevelDbm0 } from '@crosspoint/media';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { until } from './wait.ts';

/** A tone of a phone is well above this, in whatever mix; what leaks of others well below. */
const heardDbm0 = -30;
const unheardDbm0 = -45;
const windowSamples = 3_200;

/** Waits until that phone hears each of these tones and none of the others, for 0.4 s. */
export async function hearsExactly(
  call: PhoneCall,
  heard: readonly number[],
  unheard: readonly number[],
): Promise<void> {
  let levels: number[][] = [];
  await until(
    `a phone to hear ${heard.join(', ') || 'none'} and not ${unheard.join(', ')} Hz`,
    async () => {
      const { ear } = call.sound;
      ear.forgetRecording();
      await until('0.4 s of sound', async () => ear.recording.length >= windowSamples);
      const samples = ear.recording.slice(-windowSamples);
      levels = [heard, unheard].map((tones) => tones.map((hz) => toneLevelDbm0(samples, hz)));
      const [wanted = [], others = []] = levels;
      return wanted.every((level) => level > heardDbm0) && others.every((level) => level < unheardDbm0);
    },
    { seen: () => levels },
  );
}

/** Who hears whom: each phone by its tone, and the tones that it hears; no other of the table reaches it. */
export async function expectMatrix(table: readonly [PhoneCall, number, readonly number[]][]): Promise<void> {
  const all = table.map(([, tone]) => tone);
  await Promise.all(
    table.map(([call, , heard]) =>
      hearsExactly(
        call,
        heard,
        all.filter((tone) => !heard.includes(tone)),
      ),
    ),
  );
}
