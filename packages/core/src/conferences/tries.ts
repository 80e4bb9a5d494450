import type { EpochMs } from '@crosspoint/contracts';

export const wrongTriesMax = 10;
export const wrongTriesWindowMs = 15 * 60_000;
const sourcesMax = 10_000;

/** Wrong PINs by where they come from, so that nobody can try them all (TRY-1, TRY-2). */
export class WrongTries {
  /** The newest last, of the sources as of the tries. */
  readonly #sources = new Map<string, EpochMs[]>();

  isBarred(source: string, now: EpochMs): boolean {
    return this.#recent(source, now).length >= wrongTriesMax;
  }

  /** Returns how many there are now. */
  note(source: string, now: EpochMs): number {
    const tries = [...this.#recent(source, now), now].slice(-wrongTriesMax);
    this.#sources.delete(source);
    this.#sources.set(source, tries);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > sourcesMax && oldest !== undefined) this.#sources.delete(oldest);
    return tries.length;
  }

  #recent(source: string, now: EpochMs): EpochMs[] {
    return (this.#sources.get(source) ?? []).filter((at) => now - at < wrongTriesWindowMs);
  }
}
