import { open, stat } from 'node:fs/promises';
import {
  decodeWavFrames,
  dtmfFrequenciesHz,
  parseWavHeader,
  Resampler,
  sampleRateHz,
  synthesizeRingback,
  synthesizeTone,
  transcodeInPlace,
  ulawToAlaw,
  wavFrameBytes,
} from '@crosspoint/media';
import type { PlaySource } from '../protocol.ts';
import { CommandError } from './errors.ts';
import { encode, type Sound } from './encoded-sound.ts';
import { ownMusic } from './own-music.ts';

/** Longest prompt: ten minutes. */
const promptSecondsMax = 600;
const promptFileBytesMax = 128 * 1024 * 1024;
/** Encoded prompts that are kept; the least recently used one goes first. */
const cacheBytesMax = 64 * 1024 * 1024;
/** Sound is decoded in pieces of this many frames, and packets are served in between. */
const pieceFrames = 16_384;
const headerBytesMax = 65_536;

/** Lets packets, timers and the control socket have their turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface CachedPrompt {
  sound: Sound;
  modifiedMs: number;
  size: number;
}

/** The sounds of the process: music and ringback made once, prompts read on demand and kept. */
export class SoundLibrary {
  readonly music: Sound = ownMusic();
  readonly ringback: Sound = encode(synthesizeRingback());
  /** In order of use, the latest last. */
  readonly #prompts = new Map<string, CachedPrompt>();
  #cachedBytes = 0;

  /** Sound for a source; undefined for silence, which needs none. Rejects with a CommandError. */
  async load(source: PlaySource): Promise<Sound | undefined> {
    switch (source.kind) {
      case 'music':
        if (source.path === undefined) return this.music;
        // Whoever waits hears music in any case; a file that cannot be played is told of when it is uploaded.
        return this.#prompt(source.path).catch(() => this.music);
      case 'ringback':
        return this.ringback;
      case 'silence':
        return undefined;
      case 'tone':
        return encode(toneSamples(source));
      case 'file':
        return this.#prompt(source.path);
      case 'sequence':
        return this.#sequence(source.paths);
    }
  }

  async #sequence(paths: readonly string[]): Promise<Sound> {
    const parts: Sound[] = [];
    for (const path of paths) parts.push(await this.#prompt(path));
    const samples = parts.reduce((sum, { ulaw }) => sum + ulaw.length, 0);
    requireLength(paths.join(', '), samples / sampleRateHz);
    return { ulaw: join(parts.map(({ ulaw }) => ulaw)), alaw: join(parts.map(({ alaw }) => alaw)) };
  }

  /** Digits as dual tones, for a far end that knows no telephone events. */
  digits(digits: string, durationMs: number, gapMs: number): Sound {
    const parts = Array.from(digits, (digit) => {
      const frequenciesHz = dtmfFrequenciesHz(digit) ?? [];
      return synthesizeTone({ frequenciesHz, levelDbm0: -8, onMs: durationMs, offMs: gapMs });
    });
    const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      samples.set(part, at);
      at += part.length;
    }
    return encode(samples);
  }

  async #prompt(path: string): Promise<Sound> {
    const facts = await stat(path).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    const cached = this.#prompts.get(path);
    if (cached !== undefined && cached.modifiedMs === facts.mtimeMs && cached.size === facts.size) {
      this.#prompts.delete(path);
      this.#prompts.set(path, cached);
      return cached.sound;
    }
    if (!facts.isFile() || facts.size > promptFileBytesMax) {
      const reason = `not a file of at most ${promptFileBytesMax} bytes`;
      throw new CommandError('file-unsupported', `source.path: ${path} is ${reason}; use a shorter prompt`);
    }
    const sound = await readSound(path, facts.size);
    this.#keep(path, { sound, modifiedMs: facts.mtimeMs, size: facts.size });
    return sound;
  }

  #keep(path: string, prompt: CachedPrompt): void {
    const former = this.#prompts.get(path);
    if (former !== undefined) this.#forget(path, former);
    this.#prompts.set(path, prompt);
    this.#cachedBytes += prompt.sound.ulaw.length * 2;
    for (const [oldest, old] of this.#prompts) {
      if (this.#cachedBytes <= cacheBytesMax || oldest === path) break;
      this.#forget(oldest, old);
    }
  }

  #forget(path: string, prompt: CachedPrompt): void {
    this.#prompts.delete(path);
    this.#cachedBytes -= prompt.sound.ulaw.length * 2;
  }
}

/** A tone without a pause is lengthened to a whole second or more, so that its loop has no click. */
function toneSamples(source: Extract<PlaySource, { kind: 'tone' }>): Int16Array {
  const { frequenciesHz, levelDbm0 = -10, onMs, offMs } = source;
  return synthesizeTone(
    offMs === undefined ? { frequenciesHz, levelDbm0, onMs } : { frequenciesHz, levelDbm0, onMs, offMs },
  );
}

function unreadable(path: string, error: unknown): CommandError {
  const why = error instanceof Error ? error.message : String(error);
  return new CommandError(
    'file-unreadable',
    `source.path: ${path} cannot be read (${why}); check path and rights`,
  );
}

async function readSound(path: string, size: number): Promise<Sound> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    if (/\.(ulaw|ul|pcmu)$/i.test(path)) {
      requireLength(path, size / sampleRateHz);
      const ulaw = new Uint8Array(await file.readFile());
      const alaw = Uint8Array.from(ulaw);
      transcodeInPlace(alaw, 0, alaw.length, ulawToAlaw);
      return { ulaw, alaw };
    }
    const head = Buffer.alloc(Math.min(size, headerBytesMax));
    await file.read(head, 0, head.length, 0);
    const info = parseWavHeader(head);
    if ('problem' in info)
      throw new CommandError('file-unsupported', `source.path: ${path}: ${info.problem}`);
    const frameBytes = wavFrameBytes(info);
    const dataBytes = Math.min(info.dataBytes, size - info.dataStart);
    requireLength(path, dataBytes / frameBytes / info.rateHz);
    const resampler = info.rateHz === sampleRateHz ? undefined : new Resampler(info.rateHz);
    const pieces: Sound[] = [];
    const piece = Buffer.alloc(pieceFrames * frameBytes);
    for (let at = 0; at < dataBytes; at += piece.length) {
      const { bytesRead } = await file.read(
        piece,
        0,
        Math.min(piece.length, dataBytes - at),
        info.dataStart + at,
      );
      const samples = decodeWavFrames(piece.subarray(0, bytesRead), info);
      pieces.push(encode(resampler === undefined ? samples : resampler.push(samples)));
      await breathe();
    }
    if (resampler !== undefined) pieces.push(encode(resampler.finish()));
    return { ulaw: join(pieces.map((part) => part.ulaw)), alaw: join(pieces.map((part) => part.alaw)) };
  } finally {
    await file.close();
  }
}

function requireLength(path: string, seconds: number): void {
  if (seconds > promptSecondsMax) {
    const message = `source.path: ${path} is ${Math.round(seconds)} s long; at most ${promptSecondsMax} s can be played`;
    throw new CommandError('file-unsupported', message);
  }
}

function join(pieces: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
