// `npm run bench -- mp3`: processor time and memory of a recording written as MP3, per second of stereo sound.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { composeMusic, musicSeconds } from '@crosspoint/media';
import { createEncoder } from 'wasm-media-encoders';
import { Mp3Recording } from '../src/media/process/recording-mp3.ts';

const pieceFrames = 5_600;
const recordings = 10;
const seconds = Math.min(30, musicSeconds);

// Two voices that take turns every two seconds, which is what conversations are like.
const music = composeMusic();
const talk = Int16Array.from({ length: seconds * 16_000 }, (_, i) => {
  const isLeftTurn = Math.floor(i / 32_000) % 2 === 0;
  return (i % 2 === 0) === isLeftTurn ? (music[i >> 1] as number) : 0;
});

/** CPU time of this process in milliseconds: neighbours on a busy machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function residentKilobytes(): number {
  return Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * 4;
}

let wasm: Parameters<typeof createEncoder>[1] = readFileSync(
  fileURLToPath(import.meta.resolve('wasm-media-encoders/wasm/mp3')),
);
const files: Mp3Recording[] = [];
const before = residentKilobytes();
for (let i = 0; i < recordings; i++) {
  const encoder = await createEncoder('audio/mpeg', wasm, (module) => {
    wasm = module;
  });
  files.push(new Mp3Recording(encoder));
}
let fastestMs = Number.POSITIVE_INFINITY;
let bytes = 0;
for (const file of files) {
  const started = cpuMs();
  for (let at = 0; at + pieceFrames <= seconds * 8_000; at += pieceFrames) {
    file.append(talk.subarray(at * 2, (at + pieceFrames) * 2), at);
    bytes += file.take().bytes.length;
  }
  fastestMs = Math.min(fastestMs, cpuMs() - started);
}
const perSecondMs = fastestMs / seconds;
console.log(`${perSecondMs.toFixed(2)} ms per second, ${Math.floor(1000 / perSecondMs)} recordings per core`);
console.log(`${Math.round(bytes / recordings / seconds)} bytes per second`);
console.log(`${Math.round((residentKilobytes() - before) / recordings)} kB resident per recording`);
