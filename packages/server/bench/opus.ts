// `npm run bench -- opus`: microseconds per 20 ms of voice for both Opus libraries, and transcoding to and from G.711.
import { Encoder, Decoder as NativeDecoder } from '@evan/opus';
import { createOpus, g722, pcmu, Transcoder } from '@crosspoint/media';
import { createDecoder, createEncoder } from 'libopus-wasm';
import { loadOpusLibrary } from '../src/media/process/opus-library.ts';

const frames = 500;

/** The fastest of several rounds: on a busy machine the others measure the neighbours. */
function fastestUs(call: (frame: number) => void): string {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    for (let frame = 0; frame < frames; frame++) call(frame);
    fastestMs = Math.min(fastestMs, performance.now() - started);
  }
  return `${((fastestMs * 1000) / frames).toFixed(1).padStart(7)} µs`;
}

/** Harmonics of a moving pitch, louder and softer as syllables are. */
function voice(rateHz: number): Int16Array {
  let phase = 0;
  return Int16Array.from({ length: (rateHz / 50) * frames }, (_, i) => {
    const seconds = i / rateHz;
    const pitchHz = 130 + 15 * Math.sin(4.4 * seconds);
    phase += pitchHz / rateHz;
    let sum = (((i * 7_919) % 1_009) / 1_009 - 0.5) * 0.2;
    for (let h = 1; h < 20; h++)
      sum += Math.sin(2 * Math.PI * phase * h) * Math.exp(-Math.abs(h * pitchHz - 500) / 350);
    return 2_500 * sum * (0.6 + 0.4 * Math.sin(19 * seconds));
  });
}

for (const rateHz of [8_000, 16_000, 48_000] as const) {
  const pcm = voice(rateHz);
  const length = rateHz / 50;
  const frame = (i: number) => pcm.subarray(i * length, (i + 1) * length);
  for (const complexity of [0, 1, 5] as const) {
    const native = new Encoder({ channels: 1, sample_rate: rateHz, application: 'voip' });
    native.signal = 'voice';
    native.bitrate = 24_000;
    native.complexity = complexity;
    const wasm = await createEncoder({
      channels: 1,
      sampleRate: rateHz,
      application: 2048,
      signal: 3001,
      bitrate: 24_000,
      complexity,
      frameSize: length,
    });
    console.log(
      `encode ${rateHz} Hz, complexity ${complexity}   native ${fastestUs((i) => native.encode(frame(i)))}   wasm ${fastestUs((i) => wasm.encode(frame(i)))}`,
    );
    wasm.free();
  }
  const encoder = new Encoder({ channels: 1, sample_rate: rateHz, application: 'voip' });
  encoder.bitrate = 24_000;
  const payloads = Array.from({ length: frames }, (_, i) => Uint8Array.from(encoder.encode(frame(i))));
  const native = new NativeDecoder({ channels: 1, sample_rate: rateHz });
  const wasm = await createDecoder({ channels: 1, sampleRate: rateHz });
  console.log(
    `decode ${rateHz} Hz                 native ${fastestUs((i) => native.decode(payloads[i] as Uint8Array))}   wasm ${fastestUs((i) => wasm.decode(payloads[i] as Uint8Array))}`,
  );
  wasm.free();
}

const opus = createOpus(await loadOpusLibrary());
for (const [from, to] of [
  [opus, pcmu],
  [pcmu, opus],
  [opus, g722],
  [g722, opus],
] as const) {
  const transcoder = new Transcoder({ from, to });
  const encoder = from.createEncoder({ sampleRateHz: transcoder.sampleRateHz });
  const pcm = voice(transcoder.sampleRateHz);
  const length = transcoder.sampleRateHz / 50;
  const payloads = Array.from({ length: frames }, (_, i) => {
    const out = new Uint8Array(from.payloadBytesMax);
    return out.slice(0, encoder.encode(pcm, i * length, length, out, 0));
  });
  const out = new Uint8Array(to.payloadBytesMax);
  let packet = 0;
  const us = fastestUs((i) => {
    const payload = payloads[i] as Uint8Array;
    const timestamp = (packet * from.clockRateHz) / 50;
    transcoder.put(packet & 0xffff, timestamp >>> 0, payload, 0, payload.length, packet * 20);
    transcoder.take(packet * 20 + 5, out, 0);
    packet++;
  });
  console.log(`one direction ${from.name} to ${to.name}: ${us}`);
  transcoder.close();
}
