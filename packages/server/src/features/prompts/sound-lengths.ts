import { open } from 'node:fs/promises';
import { parseWavHeader, wavFrameBytes } from '@crosspoint/media';

const headBytes = 4_096;
/** More recordings than a centre has; then it begins anew. */
const rememberedMax = 10_000;

/** How long recordings are, by their headers; each file is opened once for each of its contents. */
export class SoundLengths {
  readonly #known = new Map<string, { stamp: string; seconds: number }>();

  /** Seconds; 0 for what is no sound that can be played. */
  async of(path: string): Promise<number> {
    const file = await open(path);
    try {
      const { size, mtimeMs } = await file.stat();
      const stamp = `${size} ${mtimeMs}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.seconds;
      const head = Buffer.alloc(Math.min(size, headBytes));
      await file.read(head, 0, head.length, 0);
      const seconds = secondsOf(head, size);
      if (this.#known.size >= rememberedMax) this.#known.clear();
      this.#known.set(path, { stamp, seconds });
      return seconds;
    } finally {
      await file.close();
    }
  }
}

function secondsOf(head: Uint8Array, fileBytes: number): number {
  const info = parseWavHeader(head);
  if ('problem' in info) return 0;
  const bytes = Math.max(0, Math.min(info.dataBytes, fileBytes - info.dataStart));
  return bytes / wavFrameBytes(info) / info.rateHz;
}
