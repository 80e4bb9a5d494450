import { type FileHandle, open, readFile } from 'node:fs/promises';
import {
  mp3FrameBytes,
  mp3FrameSamples,
  mp3RateHz,
  PeakMeter,
  parseWavHeader,
  wavFrameBytes,
} from '@crosspoint/media';
import { peakFrames } from './process/recording-mp3.ts';
import { peaksSuffix } from './process/recording-mp3-disk.ts';

export interface Waveform {
  durationSeconds: number;
  /** Of each channel: how finely the peaks lie. */
  peaksPerSecond: number;
  /** One list per channel (left, right), each peak 0–1. */
  channels: number[][];
}

const headBytes = 4096;
const pieceBytes = 256 * 1024;
/** Peaks of an MP3 file: one each 20 ms, for the sound that went in; it comes out of the encoder 138 ms later. */
const slotsPerSecond = mp3RateHz / peakFrames;
const encoderDelaySlots = 7;

/**
 * Peaks of a recording for a player, read in pieces. A file that is still being written, or that a crash left, is
 * read as far as it goes. Rejects with an Error that says what is wrong with the file.
 * @param peaksPerChannel 1–10,000; fewer come back when the recording has fewer frames
 */
export async function readWaveform(path: string, peaksPerChannel: number): Promise<Waveform> {
  if (!Number.isInteger(peaksPerChannel) || peaksPerChannel < 1 || peaksPerChannel > 10_000) {
    throw new RangeError(`peaksPerChannel: a whole number of 1–10,000 is wanted, not ${peaksPerChannel}`);
  }
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return path.endsWith('.mp3')
      ? await mp3Waveform(path, size, peaksPerChannel)
      : await wavWaveform(path, file, size, peaksPerChannel);
  } finally {
    await file.close();
  }
}

/** The peaks were written along with the sound: a byte per channel and 20 ms. */
async function mp3Waveform(path: string, size: number, peaksPerChannel: number): Promise<Waveform> {
  const written = await readFile(`${path}${peaksSuffix}`);
  const peaks = Buffer.concat([new Uint8Array(2 * encoderDelaySlots), written]);
  const slots = peaks.length >> 1;
  const slotsPerPeak = Math.max(1, Math.ceil(slots / peaksPerChannel));
  const channels: [number[], number[]] = [[], []];
  for (let at = 0; at < slots; at += slotsPerPeak) {
    for (const [channel, list] of channels.entries()) {
      let highest = 0;
      for (let slot = at; slot < Math.min(slots, at + slotsPerPeak); slot++) {
        highest = Math.max(highest, peaks[2 * slot + channel] as number);
      }
      list.push(Math.round((highest / 255) * 1000) / 1000);
    }
  }
  const durationSeconds = (Math.floor(size / mp3FrameBytes) * mp3FrameSamples) / mp3RateHz;
  return { durationSeconds, peaksPerSecond: slotsPerSecond / slotsPerPeak, channels };
}

async function wavWaveform(
  path: string,
  file: FileHandle,
  size: number,
  peaksPerChannel: number,
): Promise<Waveform> {
  const head = Buffer.alloc(Math.min(size, headBytes));
  await file.read(head, 0, head.length, 0);
  const info = parseWavHeader(head);
  if ('problem' in info) throw new Error(`${path}: ${info.problem}`);
  if (info.encoding !== 'pcm16')
    throw new Error(`${path}: peaks are read from PCM files, not ${info.encoding}`);
  const frameBytes = wavFrameBytes(info);
  const dataBytes = Math.min(info.dataBytes, size - info.dataStart);
  const frames = Math.floor(dataBytes / frameBytes);
  const framesPerPeak = Math.max(1, Math.ceil(frames / peaksPerChannel));
  const meter = new PeakMeter(info.channels, framesPerPeak, peaksPerChannel);
  const piece = Buffer.alloc(pieceBytes);
  for (let at = 0; at < frames * frameBytes; at += pieceBytes) {
    const wanted = Math.min(pieceBytes, frames * frameBytes - at);
    const { bytesRead } = await file.read(piece, 0, wanted, info.dataStart + at);
    meter.push(
      new Int16Array(piece.buffer, piece.byteOffset, Math.floor(bytesRead / frameBytes) * info.channels),
    );
  }
  const peaksPerSecond = info.rateHz / framesPerPeak;
  return { durationSeconds: frames / info.rateHz, peaksPerSecond, channels: meter.finish() };
}
