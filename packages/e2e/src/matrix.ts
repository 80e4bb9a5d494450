import { toneLevelDbm0 } from '@crosspoint/media';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { AgentDesk } from './browser/index.ts';
import { until } from './wait.ts';

/** A tone of a phone is well above this, in whatever mix; what leaks of others well below. */
const heardDbm0 = -30;
const unheardDbm0 = -45;
const windowSamples = 3_200;
/** Looks of a desk in a row that must agree. */
const deskLooks = 10;

/** A phone, or a desk in a browser. */
type Listener = PhoneCall | AgentDesk;

/** Waits until these tones are heard there and none of the others, for 0.4 s. */
export async function hearsExactly(
  listener: Listener,
  heard: readonly number[],
  unheard: readonly number[],
): Promise<void> {
  const isSo = (levels: readonly number[]): boolean =>
    levels.every((level, index) => (index < heard.length ? level > heardDbm0 : level < unheardDbm0));
  const tones = [...heard, ...unheard];
  let levels: number[] = [];
  await until(
    `somebody to hear ${heard.join(', ') || 'none'} and not ${unheard.join(', ')} Hz`,
    async () => {
      if (!(listener instanceof AgentDesk)) return isSo((levels = await levelsOf(listener, tones)));
      // The page looks at a sixth of a second at a time.
      for (let look = 0; look < deskLooks; look += 1) {
        levels = await listener.levels(tones);
        if (!isSo(levels)) return false;
      }
      return true;
    },
    { seen: () => levels },
  );
}

async function levelsOf({ sound: { ear } }: PhoneCall, tones: readonly number[]): Promise<number[]> {
  ear.forgetRecording();
  await until('0.4 s of sound', async () => ear.recording.length >= windowSamples);
  const samples = ear.recording.slice(-windowSamples);
  return tones.map((hz) => toneLevelDbm0(samples, hz));
}

/** Who hears whom: each one by the own tone, and the tones that are heard there; no other of the table is. */
export async function expectMatrix(table: readonly [Listener, number, readonly number[]][]): Promise<void> {
  const all = table.map(([, tone]) => tone);
  await Promise.all(
    table.map(([listener, , heard]) =>
      hearsExactly(
        listener,
        heard,
        all.filter((tone) => !heard.includes(tone)),
      ),
    ),
  );
}
