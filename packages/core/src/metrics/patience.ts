import type { QueueStats } from '@crosspoint/contracts';

/** Stays that patience is measured from, the latest ones. */
const staysMax = 1_000;
/** Fewer callers who gave up, or who waited so long, say nothing. */
const abandonsMin = 20;
const atRiskMin = 20;
/** Stays over which the prediction is compared with what happened. */
const judgedMax = 500;
/** So many must have been expected to give up before the comparison means anything. */
const expectedMin = 5;
const minuteMs = 60_000;
const minutesMax = 60;

interface Stay {
  waitMs: number;
  /** Otherwise the end of the patience was not seen: answered, or sent on, after so long. */
  gaveUp: boolean;
}

/** What is known of patience at one moment. */
interface Curve {
  /** Chance to give up within the minute that follows, by the whole minutes waited. */
  risk: readonly number[];
  /** Moments at which callers gave up, ascending, and the cumulative hazard from each of them on (Nelson–Aalen). */
  momentsMs: readonly number[];
  hazards: readonly number[];
  /** Beyond this too few have waited. */
  reachMs: number;
  medianMs: number | null;
}

/**
 * How long callers of one queue wait before they give up (QUE-13): Kaplan and Meier 1958 over the latest stays, in which those who
 * were answered or still wait count as long as they have waited. Each prediction is made before the stay that it is compared with is known.
 */
export class Patience {
  readonly #stays: Stay[] = [];
  #next = 0;
  #abandons = 0;
  readonly #judged: { expected: number; gaveUp: boolean }[] = [];
  #nextJudged = 0;
  #curve: Curve | undefined;
  #addedSince = 0;

  /** A caller has left the queue after so long, @param waiting how long others have waited who are still there. */
  add(waitMs: number, gaveUp: boolean, waiting: () => Iterable<number>): void {
    this.#judge(waitMs, gaveUp, waiting);
    const former = this.#stays[this.#next];
    if (former?.gaveUp === true) this.#abandons -= 1;
    if (gaveUp) this.#abandons += 1;
    this.#stays[this.#next] = { waitMs, gaveUp };
    this.#next = (this.#next + 1) % staysMax;
    this.#addedSince += 1;
  }

  /** Null while too few have given up. */
  figures(waiting: () => Iterable<number>): QueueStats['patience'] {
    const curve = this.#present(waiting);
    if (curve === undefined) return null;
    const expected = this.#judged.reduce((sum, judged) => sum + judged.expected, 0);
    const observed = this.#judged.filter(({ gaveUp }) => gaveUp).length;
    return {
      abandons: this.#abandons,
      medianSeconds: curve.medianMs === null ? null : curve.medianMs / 1000,
      riskByMinute: [...curve.risk],
      expectedAbandons: expected,
      observedAbandons: observed,
      // The number of those who give up varies by its root when all is as predicted.
      usable: expected >= expectedMin && Math.abs(observed - expected) <= 2 * Math.sqrt(expected),
    };
  }

  /** What was predicted for this stay as far as the curve reaches, beside what became of it. */
  #judge(waitMs: number, gaveUp: boolean, waiting: () => Iterable<number>): void {
    const curve = this.#present(waiting);
    if (curve === undefined) return;
    const { reachMs } = curve;
    this.#judged[this.#nextJudged] = {
      expected: hazardAt(curve, Math.min(waitMs, reachMs)),
      gaveUp: gaveUp && waitMs <= reachMs,
    };
    this.#nextJudged = (this.#nextJudged + 1) % judgedMax;
  }

  /** Drawn anew when a twentieth of the stays is new, so that a stay costs little however many there are. */
  #present(waiting: () => Iterable<number>): Curve | undefined {
    if (this.#abandons < abandonsMin) return undefined;
    if (this.#curve === undefined || this.#addedSince * 20 >= this.#stays.length) {
      this.#curve = curveOf([...this.#stays, ...stillWaiting(waiting())]);
      this.#addedSince = 0;
    }
    return this.#curve;
  }
}

/** Who waits has had at least that patience; without them the impatient would be seen first. */
function stillWaiting(waits: Iterable<number>): Stay[] {
  const stays: Stay[] = [];
  for (const waitMs of waits) {
    if (stays.length === staysMax) break;
    stays.push({ waitMs, gaveUp: false });
  }
  return stays;
}

function curveOf(stays: readonly Stay[]): Curve {
  // Whoever was answered at the moment at which another gave up was still waiting then.
  const sorted = stays.toSorted((a, b) => a.waitMs - b.waitMs || Number(b.gaveUp) - Number(a.gaveUp));
  const momentsMs: number[] = [];
  const hazards: number[] = [];
  const survivals: number[] = [];
  let [survival, hazard] = [1, 0];
  let medianMs: number | null = null;
  sorted.forEach(({ waitMs, gaveUp }, index) => {
    if (!gaveUp) return;
    const atRisk = sorted.length - index;
    survival *= 1 - 1 / atRisk;
    hazard += 1 / atRisk;
    if (survival <= 0.5) medianMs ??= waitMs;
    momentsMs.push(waitMs);
    hazards.push(hazard);
    survivals.push(survival);
  });
  const survivalAt = (ms: number): number => survivals[countUntil(momentsMs, ms) - 1] ?? 1;
  const reachMs = sorted[sorted.length - atRiskMin]?.waitMs ?? 0;
  const risk: number[] = [];
  for (let minute = 0; minute < minutesMax; minute++) {
    const from = minute * minuteMs;
    if (reachMs < from) break;
    const still = survivalAt(from);
    risk.push(still > 0 ? 1 - survivalAt(from + minuteMs) / still : 1);
  }
  return { risk, momentsMs, hazards, reachMs, medianMs };
}

function hazardAt({ momentsMs, hazards }: Curve, ms: number): number {
  return hazards[countUntil(momentsMs, ms) - 1] ?? 0;
}

/** How many of the ascending moments are not after this one. */
function countUntil(momentsMs: readonly number[], ms: number): number {
  let [low, high] = [0, momentsMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((momentsMs[middle] ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
