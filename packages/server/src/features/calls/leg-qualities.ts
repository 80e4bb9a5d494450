import type { LegId, LegQuality } from '@crosspoint/contracts';

/** Figures kept at most before those of forgotten legs are swept. */
const qualitiesMax = 20_000;
/** A difference of the MOS that a listener notices, and that is told to who looks on. */
const noticedMos = 0.2;

/** How well each leg is heard; that of a leg that is gone stays until it is asked for. */
export class LegQualities {
  readonly #qualities = new Map<LegId, LegQuality>();
  /** The MOS that was told last. */
  readonly #told = new Map<LegId, number>();
  readonly #isThere: (legId: LegId) => boolean;

  constructor(isThere: (legId: LegId) => boolean) {
    this.#isThere = isThere;
  }

  get(legId: LegId): LegQuality | undefined {
    return this.#qualities.get(legId);
  }

  /** True when it is the first figure of that leg, or differs noticeably from the one that was told last. */
  set(legId: LegId, quality: LegQuality): boolean {
    this.#qualities.set(legId, quality);
    if (Math.abs(quality.mos - (this.#told.get(legId) ?? -1)) < noticedMos) return false;
    this.#told.set(legId, quality.mos);
    return true;
  }

  /** Of a leg that has ended, once. */
  take(legId: LegId): LegQuality | undefined {
    const quality = this.#qualities.get(legId);
    this.#qualities.delete(legId);
    this.#told.delete(legId);
    return quality;
  }

  /** Forgets legs whose end nobody recorded (one that failed early). */
  sweep(): void {
    if (this.#qualities.size <= qualitiesMax) return;
    for (const legId of this.#qualities.keys()) if (!this.#isThere(legId)) this.take(legId);
  }
}
