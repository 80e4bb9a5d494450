// `npm run bench -- mixer`: a conference per 20 ms frame, G.711 in and out: decode all, mix, limit, encode for all.
import { alawSilence, alawToLinear, decodeG711, encodeToAlaw, Mixer } from '../src/index.ts';
import { noise, voice } from '../test/signals.ts';
import { fastestUs, print } from './measure.ts';

const frames = 500;

/** Those who do not speak send nothing, or, when `isIdle`, the silence of A-law. */
function measure(parties: number, speaking: number, isIdle = false): void {
  const mixer = new Mixer({ sampleRateHz: 8_000 });
  const numbers = Array.from({ length: parties }, () => mixer.add());
  const payload = encodeToAlaw(voice(8_000, 160));
  const idle = new Uint8Array(160).fill(alawSilence);
  const out = new Uint8Array(160);
  const us = fastestUs(frames, () => {
    for (const party of numbers.slice(0, speaking)) {
      decodeG711(payload, alawToLinear, mixer.input(party));
      mixer.fed(party);
    }
    if (isIdle) {
      for (const party of numbers.slice(speaking)) {
        decodeG711(idle, alawToLinear, mixer.input(party));
        mixer.fed(party);
      }
    }
    mixer.mix();
    let shared: Int16Array | undefined;
    for (const party of numbers) {
      const heard = mixer.output(party);
      // Those who say nothing hear the same and share one encoding.
      if (heard !== shared) encodeToAlaw(heard, out);
      if (heard === mixer.toEverybody()) shared = heard;
    }
  });
  print(`${parties} parties, ${speaking} speaking${isIdle ? ', silence of the others' : ''}`, us);
}

measure(3, 3);
measure(10, 10);
measure(10, 2);
measure(10, 2, true);
measure(100, 100);
measure(100, 3);

for (const rateHz of [16_000, 48_000] as const) {
  const mixer = new Mixer({ sampleRateHz: rateHz });
  const numbers = Array.from({ length: 10 }, () => mixer.add());
  const sound = noise(rateHz / 50);
  const us = fastestUs(frames, () => {
    for (const party of numbers) {
      mixer.input(party).set(sound);
      mixer.fed(party);
    }
    mixer.mix();
    for (const party of numbers) mixer.output(party);
  });
  print(`10 parties, mixing alone, ${rateHz} Hz`, us);
}
