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
  readonly strikes = new Map<StrikeKind, Strikes>();
  isTouched = true;

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

/**
 * Everybody that has been heard of lately, at most so many. Phones that are registered are kept apart, so that packets
 * with forged addresses push out only each other.
 */
export class Sources {
  readonly #known = new Map<string, Source>();
  readonly #others = new Map<string, Source>();
  readonly #othersMax: number;
  readonly #knownMax: number;

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
    if (this.#others.size >= this.#othersMax) this.#dropOne();
    this.#others.set(name, source);
    return source;
  }

  /** Keeps a source in which a phone is registered until then. */
  keep(source: Source, untilMs: number): void {
    source.knownUntilMs = Math.max(source.knownUntilMs, untilMs);
    if (this.#known.has(source.name) || this.#known.size >= this.#knownMax) return;
    this.#others.delete(source.name);
    this.#known.set(source.name, source);
  }

  /** Takes those whose registrations are over back to the others. */
  sweep(nowMs: number): void {
    for (const [name, source] of this.#known) {
      if (source.knownUntilMs > nowMs) continue;
      this.#known.delete(name);
      if (this.#others.size >= this.#othersMax) this.#dropOne();
      this.#others.set(name, source);
    }
  }

  /** The oldest that was not heard of since it was looked at last (second chance). */
  #dropOne(): void {
    let looked = 0;
    for (const [name, source] of this.#others) {
      this.#others.delete(name);
      if (!source.isTouched || ++looked > 8) return;
      source.isTouched = false;
      this.#others.set(name, source);
    }
  }
}
