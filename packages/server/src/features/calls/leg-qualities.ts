import type { LegId, LegQuality } from '@crosspoint/contracts';

/** Figures kept at most before those of forgotten legs are swept. */
const qualitiesMax = 20_000;

/** How well each leg is heard; that of a leg that is gone stays until it is asked for. */
export class LegQualities {
  readonly #qualities = new Map<LegId, LegQuality>();
  readonly #isThere: (legId: LegId) => boolean;

  constructor(isThere: (legId: LegId) => boolean) {
    this.#isThere = isThere;
  }

  get(legId: LegId): LegQuality | undefined {
    return this.#qualities.get(legId);
  }

  set(legId: LegId, quality: LegQuality): void {
    this.#qualities.set(legId, quality);
  }

  /** Of a leg that has ended, once. */
  take(legId: LegId): LegQuality | undefined {
    const quality = this.#qualities.get(legId);
    this.#qualities.delete(legId);
    return quality;
  }

  /** Forgets legs whose end nobody recorded (one that failed early). */
  sweep(): void {
    if (this.#qualities.size <= qualitiesMax) return;
    for (const legId of this.#qualities.keys()) if (!this.#isThere(legId)) this.#qualities.delete(legId);
  }
}
