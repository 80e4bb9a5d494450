import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** A decoded sound file: samples from -1 to 1 per channel. */
export type DecodedAudio = { sampleRateHz: number; channels: Float32Array[]; durationSeconds: number };

const decodedMaxBytes = 256 * 1024 * 1024;

/**
 * Decodes with sox, on purpose not with the product's own code: what sox can read, other players can.
 */
export function decodeAudio(path: string): DecodedAudio {
  const ask = (flag: string): number => Number(execFileSync('soxi', [flag, path], { encoding: 'utf8' }));
  const sampleRateHz = ask('-r');
  const channelCount = ask('-c');
  const raw = execFileSync('sox', [path, '-t', 'raw', '-e', 'signed-integer', '-b', '16', '-L', '-'], {
    maxBuffer: decodedMaxBytes,
  });
  const frames = Math.floor(raw.length / 2 / channelCount);
  const channels = Array.from({ length: channelCount }, () => new Float32Array(frames));
  for (let frame = 0; frame < frames; frame += 1) {
    for (const [index, samples] of channels.entries()) {
      samples[frame] = raw.readInt16LE((frame * channelCount + index) * 2) / 32_768;
    }
  }
  return { sampleRateHz, channels, durationSeconds: frames / sampleRateHz };
}

/** Writes a mono WAV file of 16 bits at 8 kHz with a steady tone at half of full scale. */
export function writeToneFile(path: string, frequencyHz: number, seconds: number): void {
  const sampleRateHz = 8_000;
  const sampleCount = sampleRateHz * seconds;
  const file = Buffer.alloc(44 + sampleCount * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + sampleCount * 2, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRateHz, 24);
  file.writeUInt32LE(sampleRateHz * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(sampleCount * 2, 40);
  for (let index = 0; index < sampleCount; index += 1) {
    file.writeInt16LE(
      Math.round(16_383 * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRateHz)),
      44 + index * 2,
    );
  }
  writeFileSync(path, file);
}
