import { TokenBucket } from './token-bucket.ts';

/**
 * `exempt` own addresses, trunks and allowed networks: never banned, never limited · `known` a phone has registered
 * from there · `unknown` everybody else · `denied` kept out by a rule.
 */
export type Standing = 'exempt' | 'known' | 'unknown' | 'denied';

/** What is remembered of one source while it is heard of. */
export class Source {
  readonly name: string;
  /** What the rules say; undefined when none holds it. */
  rule: 'exempt' | 'denied' | undefined;
  /** Of which ruling `rule` is the result; another one makes it to be found anew. */
  ruling = -1;
  /** Something showed that packets sent there arrive there: an answered challenge, an ACK, a connection. */
  isProven = false;
  knownUntilMs = 0;
  /** Over UDP, to keep answers in proportion to what was asked. */
  bytesReceived = 0;
  bytesSent = 0;
  readonly requests = new TokenBucket();
  readonly calls = new TokenBucket();
  /** Undefined for most: made with the first one. */
  strikes: Map<StrikeKind, Strikes> | undefined;
  /** Heard of since it was looked at last. */
  isTouched = true;
  /** Its place in the ring of those that may be forgotten. */
  slot = -1;

  constructor(name: string) {
    this.name = name;
  }

  standing(nowMs: number): Standing {
    return this.rule ?? (this.knownUntilMs > nowMs ? 'known' : 'unknown');
  }
}

/** What nobody does who only wants to telephone. */
export type StrikeKind = 'unknown-number' | 'malformed' | 'unanswered-challenge';

interface Strikes {
  sinceMs: number;
  count: number;
  /** Different numbers or users, where those are what counts. */
  readonly subjects: Set<string>;
}

const strikeWindowMs = 600_000;
const subjectsMax = 100;

/** Counts one more of a kind within ten minutes; returns how many there are and since when. */
export function strike(
  source: Source,
  kind: StrikeKind,
  subject: string | undefined,
  nowMs: number,
): Strikes {
  source.strikes ??= new Map();
  let strikes = source.strikes.get(kind);
  if (strikes === undefined || nowMs - strikes.sinceMs >= strikeWindowMs) {
    strikes = { sinceMs: nowMs, count: 0, subjects: new Set() };
    source.strikes.set(kind, strikes);
  }
  if (subject === undefined) strikes.count++;
  else if (strikes.subjects.size < subjectsMax) {
    strikes.subjects.add(subject);
    strikes.count = strikes.subjects.size;
  }
  return strikes;
}

/** How many of those heard of lately are passed over before one of them goes all the same. */
const chancesMax = 8;

/**
 * Everybody that has been heard of lately, at most so many. Phones that are registered are kept apart, so that packets
 * with forged addresses push out only each other. Who is forgotten is found by a hand that goes round over a ring (second
 * chance): the oldest entry of a map would cost a walk over everything that was deleted before it.
 */
export class Sources {
  readonly #known = new Map<string, Source>();
  readonly #others = new Map<string, Source>();
  readonly #ring: (Source | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #othersMax: number;
  readonly #knownMax: number;
  #hand = 0;

  constructor(othersMax = 20_000, knownMax = 50_000) {
    this.#othersMax = othersMax;
    this.#knownMax = knownMax;
  }

  get size(): number {
    return this.#known.size + this.#others.size;
  }

  /** Finds or makes it. */
  of(name: string): Source {
    const found = this.#known.get(name) ?? this.#others.get(name);
    if (found !== undefined) {
      found.isTouched = true;
      return found;
    }
    const source = new Source(name);
    this.#add(source);
    return source;
  }

  /** Keeps a source in which a phone is registered until then. */
  keep(source: Source, untilMs: number): void {
    source.knownUntilMs = Math.max(source.knownUntilMs, untilMs);
    if (this.#known.has(source.name) || this.#known.size >= this.#knownMax) return;
    if (this.#others.delete(source.name)) {
      this.#ring[source.slot] = undefined;
      this.#freeSlots.push(source.slot);
    }
    this.#known.set(source.name, source);
  }

  /** Takes those whose registrations are over back to the others. */
  sweep(nowMs: number): void {
    for (const [name, source] of this.#known) {
      if (source.knownUntilMs > nowMs) continue;
      this.#known.delete(name);
      this.#add(source);
    }
  }

  #add(source: Source): void {
    source.slot =
      this.#freeSlots.pop() ?? (this.#ring.length < this.#othersMax ? this.#ring.length : this.#freed());
    this.#ring[source.slot] = source;
    this.#others.set(source.name, source);
  }

  /** The slot of somebody who is forgotten for it. */
  #freed(): number {
    for (let looked = 1; ; looked++) {
      const slot = this.#hand;
      this.#hand = (slot + 1) % this.#ring.length;
      const candidate = this.#ring[slot];
      if (candidate === undefined) continue;
      if (candidate.isTouched && looked <= chancesMax) {
        candidate.isTouched = false;
        continue;
      }
      this.#others.delete(candidate.name);
      return slot;
    }
  }
}
