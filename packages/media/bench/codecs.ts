// `npm run bench -- codecs`: microseconds per 20 ms of sound for codecs, concealment, rates and transcoding. Opus, which
// needs a library: `npm run bench -- opus`.
import { type Codec, g722, pcma, pcmu, RateConverter, Transcoder } from '../src/index.ts';
import { voice } from '../test/signals.ts';
import { fastestUs, print } from './measure.ts';

const frames = 1_000;

for (const codec of [pcmu, g722]) {
  const encoder = codec.createEncoder();
  const decoder = codec.createDecoder();
  const frame = 20 * encoder.samplesPerMs;
  const pcm = voice(encoder.sampleRateHz, frame * frames);
  const payloads = new Uint8Array(160 * frames);
  const out = new Int16Array(frame);
  const encodeUs = fastestUs(frames, (i) => encoder.encode(pcm, i * frame, frame, payloads, i * 160));
  print(`${codec.name} encode`, encodeUs);
  print(
    `${codec.name} decode`,
    fastestUs(frames, (i) => decoder.decode(payloads, i * 160, i * 160 + 160, out, 0)),
  );
  print(
    `${codec.name} conceal every other packet`,
    fastestUs(frames, (i) =>
      i % 2 === 0 ? decoder.conceal(frame, out, 0) : decoder.decode(payloads, i * 160, i * 160 + 160, out, 0),
    ),
  );
}

for (const [fromHz, toHz] of [
  [8_000, 16_000],
  [16_000, 8_000],
  [16_000, 48_000],
  [48_000, 16_000],
  [8_000, 48_000],
  [48_000, 8_000],
] as const) {
  const converter = new RateConverter(fromHz, toHz);
  const pcm = voice(fromHz, fromHz / 50);
  const out = new Int16Array(toHz / 50);
  print(
    `${fromHz} to ${toHz} Hz`,
    fastestUs(frames, () => converter.convert(pcm, 0, pcm.length, out, 0)),
  );
}

/** Buffer, decoder, conversion and encoder of one direction. */
function transcode(from: Codec, to: Codec): void {
  const transcoder = new Transcoder({ from, to });
  const rateHz = from.sampleRatesHz[0] as number;
  const payload = new Uint8Array(160);
  from.createEncoder().encode(voice(rateHz, rateHz / 50), 0, rateHz / 50, payload, 0);
  const out = new Uint8Array(to.payloadBytesMax);
  let packet = 0;
  print(
    `one direction ${from.name} to ${to.name}`,
    fastestUs(frames, () => {
      transcoder.put(packet & 0xffff, (packet * 160) >>> 0, payload, 0, 160, packet * 20);
      transcoder.take(packet * 20 + 5, out, 0);
      packet++;
    }),
  );
}

transcode(pcmu, pcma);
transcode(pcmu, g722);
transcode(g722, pcmu);
