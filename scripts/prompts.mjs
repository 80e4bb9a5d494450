/**
 * Makes the recordings that come with the product from their texts (`packages/core/src/prompts`), with espeak-ng:
 * `node scripts/prompts.mjs` writes `packages/server/assets/prompts/<language>/<name>.wav`, mono, 8,000 Hz, G.711 µ-law.
 * Only whoever changes a text needs espeak-ng (Debian package `espeak-ng`); the product plays the files.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, printFailure } from './lib/failure.mjs';
import { handOver } from './lib/handover.mjs';
import { findNode24 } from './lib/node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'packages/server/assets/prompts');
const nodeMajorMin = 24;

/** Voice and words per minute; a number in the middle of a sentence must be understood at once. */
const voices = { en: ['en-us', 150], es: ['es', 150], cs: ['cs', 145] };
const speechTimeoutMs = 20_000;
const rateHz = 8_000;
/** Softer than this is silence at the edges of a recording; a little of it stays, so that pieces do not run together. */
const silenceLevel = 300;
const leadInMs = 20;
const leadOutMs = 70;
/** At the end of a sentence, which a full stop marks. */
const pauseMs = 250;
/** The root mean square that every recording is brought to, 17 dB below full scale, and the peak it may not exceed. */
const wantedRms = 4_600;
const peakMax = 30_000;

function synthesize(text, [voice, wordsPerMinute]) {
  try {
    return execFileSync('espeak-ng', ['-v', voice, '-s', String(wordsPerMinute), '--stdout', text], {
      timeout: speechTimeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new Failure('espeak-ng is not installed.', 'Install it, on Debian by "apt install espeak-ng".');
  }
}

function trimmed(samples, endMs) {
  const first = samples.findIndex((sample) => Math.abs(sample) > silenceLevel);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > silenceLevel);
  const spoken = samples.subarray(Math.max(0, first - (leadInMs * rateHz) / 1000), last + 1);
  const padded = new Int16Array(spoken.length + (endMs * rateHz) / 1000);
  padded.set(spoken);
  return padded;
}

function levelled(samples) {
  const spoken = samples.filter((sample) => Math.abs(sample) > silenceLevel);
  const rms = Math.sqrt(spoken.reduce((sum, sample) => sum + sample ** 2, 0) / spoken.length);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  const gain = Math.min(wantedRms / rms, peakMax / peak);
  return samples.map((sample) => Math.round(sample * gain));
}

async function main() {
  const { promptLanguages, promptTexts } = await import(join(root, 'packages/core/src/prompts/index.ts'));
  const media = await import(join(root, 'packages/media/src/index.ts'));
  const { decodeWavFrames, encodeToUlaw, parseWavHeader, Resampler, wavHeaderBytes, writeWavHeader } = media;
  let bytesWritten = 0;
  for (const language of promptLanguages) {
    const folder = join(target, language);
    mkdirSync(folder, { recursive: true });
    const texts = promptTexts(language);
    for (const file of readdirSync(folder))
      if (!(file.replace(/\.wav$/, '') in texts)) rmSync(join(folder, file));
    for (const [name, text] of Object.entries(texts)) {
      const wav = synthesize(text, voices[language]);
      const info = parseWavHeader(wav);
      if ('problem' in info) throw new Error(`${language}/${name}: ${info.problem}`);
      // Written to a pipe, the header states no length: everything behind it is sound.
      const frames = wav.subarray(info.dataStart, wav.length - ((wav.length - info.dataStart) % 2));
      const resampler = new Resampler(info.rateHz);
      const parts = [resampler.push(decodeWavFrames(frames, info)), resampler.finish()];
      const samples = Int16Array.from([...parts[0], ...parts[1]]);
      const sound = encodeToUlaw(levelled(trimmed(samples, text.endsWith('.') ? pauseMs : leadOutMs)));
      const file = new Uint8Array(wavHeaderBytes + sound.length);
      writeWavHeader(file, { encoding: 'ulaw', channels: 1, rateHz }, sound.length);
      file.set(sound, wavHeaderBytes);
      writeFileSync(join(folder, `${name}.wav`), file);
      bytesWritten += file.length;
    }
  }
  console.log(`${Math.round(bytesWritten / 1024)} kB in ${target}`);
}

try {
  if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
    handOver(findNode24(root).path, [fileURLToPath(import.meta.url)]);
  } else await main();
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
