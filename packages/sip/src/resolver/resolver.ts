import { isAddress, isPossible, locate, order, type Policy } from './locate.ts';
import type {
  Destination,
  DnsAnswer,
  DnsQuery,
  Records,
  RecordType,
  ResolverEffect,
  ResolverInput,
  ResolverOptions,
  ServerTarget,
} from './types.ts';

/** Time to live of records is kept within these bounds, so that no server is asked for each call. */
const ttlMinSeconds = 5;
const ttlMaxSeconds = 86_400;
const notFoundTtlSeconds = 30;
/** After a failure the same question is not asked again for so long. */
const failedTtlSeconds = 5;
const avoidedMax = 1_000;
const retryAfterMaxSeconds = 3_600;

type Known = {
  records: ReadonlyArray<Records[RecordType]>;
  /** From then on the question is asked again. */
  expiresAtMs: number;
  /** Until then the records are better than none when nobody answers. */
  usableUntilMs: number;
  isFailed: boolean;
};

/** A resolution under way keeps what it has used, so that nothing changes under it. */
type Resolution = { id: string; destination: Destination; used: Map<string, Known>; waitsFor: Set<string> };

type Pending = { query: DnsQuery; untilMs: number };

/**
 * Finds the servers of a SIP destination (RFC 3263) without asking anybody itself: `look-up` effects are questions whose
 * answers come back as inputs. Answers are kept by their time to live, equal questions asked once, and servers that
 * failed are put behind the others for a time.
 */
export class Resolver {
  private readonly policy: Policy;
  private readonly options: ResolverOptions;
  private readonly resolutions = new Map<string, Resolution>();
  /** Oldest first, as maps keep their order of insertion. */
  private readonly answers = new Map<string, Known>();
  private readonly pending = new Map<string, Pending>();
  private readonly avoided = new Map<string, number>();

  constructor(options: ResolverOptions) {
    this.options = options;
    this.policy = {
      transports: options.transports ?? ['udp', 'tcp', 'tls'],
      families: options.families ?? ['ipv4', 'ipv6'],
    };
  }

  /** How much is kept: nothing grows without bound. */
  get statistics(): { resolutions: number; questions: number; answers: number; avoided: number } {
    const { resolutions, pending, answers, avoided } = this;
    return {
      resolutions: resolutions.size,
      questions: pending.size,
      answers: answers.size,
      avoided: avoided.size,
    };
  }

  /** When `handle` wants the input `time` next; undefined when nothing is waited for. */
  nextDeadlineMs(): number | undefined {
    // All questions have the same time-out: the oldest is the first.
    for (const { untilMs } of this.pending.values()) return untilMs;
    return undefined;
  }

  handle(input: ResolverInput, nowMs: number): ResolverEffect[] {
    const effects: ResolverEffect[] = [];
    switch (input.type) {
      case 'resolve':
        this.resolve(input.resolutionId, input.destination, effects, nowMs);
        break;
      case 'cancel':
        this.resolutions.delete(input.resolutionId);
        break;
      case 'answer':
        this.take(keyOf(input.query), input.answer, effects, nowMs);
        break;
      case 'target-failed':
        this.avoid(input.target, input.retryAfterSeconds, nowMs);
        break;
      case 'target-worked':
        this.avoided.delete(targetKey(input.target));
        break;
      case 'time':
        for (const [key, { untilMs }] of [...this.pending]) {
          if (untilMs <= nowMs) this.take(key, { kind: 'failed' }, effects, nowMs);
        }
        break;
    }
    return effects;
  }

  private resolve(id: string, given: Destination, effects: ResolverEffect[], nowMs: number): void {
    const { resolutionsMax = 10_000 } = this.options;
    if (this.resolutions.size >= resolutionsMax && !this.resolutions.has(id)) {
      effects.push({ type: 'unresolved', resolutionId: id, reason: 'limit-reached' });
      return;
    }
    const destination = { ...given, host: bareName(given.host) };
    const resolution: Resolution = { id, destination, used: new Map(), waitsFor: new Set() };
    this.resolutions.set(id, resolution);
    this.go(resolution, effects, nowMs);
  }

  /** Goes as far as what is known reaches, and asks for the rest. */
  private go(resolution: Resolution, effects: ResolverEffect[], nowMs: number): void {
    const { id, destination, used } = resolution;
    resolution.waitsFor.clear();
    const servers = locate(destination, this.policy, (type, name) => {
      const query: DnsQuery = { type, name: bareName(name) };
      const known = this.known(keyOf(query), used, nowMs);
      if (known === undefined) this.ask(query, resolution, effects, nowMs);
      return known?.records as never;
    });
    if (servers === undefined) return;
    this.resolutions.delete(id);
    const targets = this.avoidedLast(
      order(servers, destination.host, () => this.draw()),
      nowMs,
    );
    if (targets.length === 0) {
      effects.push({ type: 'unresolved', resolutionId: id, reason: this.reasonFor(resolution) });
      return;
    }
    let expiresAtMs = nowMs + ttlMaxSeconds * 1000;
    for (const known of used.values()) expiresAtMs = Math.min(expiresAtMs, known.expiresAtMs);
    expiresAtMs = Math.max(expiresAtMs, nowMs + ttlMinSeconds * 1000);
    effects.push({ type: 'resolved', resolutionId: id, targets, expiresAtMs });
  }

  private known(key: string, used: Map<string, Known>, nowMs: number): Known | undefined {
    const own = used.get(key);
    if (own !== undefined) return own;
    const answer = this.answers.get(key);
    if (answer === undefined || answer.expiresAtMs <= nowMs) return undefined;
    used.set(key, answer);
    return answer;
  }

  private ask(query: DnsQuery, resolution: Resolution, effects: ResolverEffect[], nowMs: number): void {
    const key = keyOf(query);
    resolution.waitsFor.add(key);
    if (this.pending.has(key)) return;
    this.pending.set(key, { query, untilMs: nowMs + (this.options.lookUpTimeoutMs ?? 3_000) });
    effects.push({ type: 'look-up', query });
  }

  private take(key: string, answer: DnsAnswer, effects: ResolverEffect[], nowMs: number): void {
    // An answer that nobody waits for any more may still be news, but not one that nobody has asked for.
    if (!this.pending.delete(key)) return;
    this.keep(key, this.toKnown(key, answer, nowMs));
    for (const resolution of [...this.resolutions.values()]) {
      if (resolution.waitsFor.delete(key) && resolution.waitsFor.size === 0)
        this.go(resolution, effects, nowMs);
    }
  }

  private toKnown(key: string, answer: DnsAnswer, nowMs: number): Known {
    if (answer.kind === 'failed') {
      const expiresAtMs = nowMs + failedTtlSeconds * 1000;
      const stale = this.answers.get(key);
      if (stale !== undefined && stale.usableUntilMs > nowMs) return { ...stale, expiresAtMs };
      return { records: [], expiresAtMs, usableUntilMs: 0, isFailed: true };
    }
    const given = answer.ttlSeconds ?? notFoundTtlSeconds;
    const ttlSeconds = Number.isFinite(given)
      ? Math.min(ttlMaxSeconds, Math.max(ttlMinSeconds, given))
      : ttlMinSeconds;
    const expiresAtMs = nowMs + ttlSeconds * 1000;
    if (answer.kind === 'not-found') return { records: [], expiresAtMs, usableUntilMs: 0, isFailed: false };
    const usableUntilMs = expiresAtMs + (this.options.staleMaxMs ?? 3_600_000);
    return { records: answer.records, expiresAtMs, usableUntilMs, isFailed: false };
  }

  private keep(key: string, known: Known): void {
    this.answers.delete(key);
    this.answers.set(key, known);
    const { answersMax = 1_000 } = this.options;
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= answersMax) break;
      this.answers.delete(oldest);
    }
  }

  private avoid(target: ServerTarget, retryAfterSeconds: number | undefined, nowMs: number): void {
    const { avoidMs = 60_000 } = this.options;
    const demandedMs = Math.min(retryAfterSeconds ?? 0, retryAfterMaxSeconds) * 1000;
    const key = targetKey(target);
    this.avoided.delete(key);
    this.avoided.set(key, nowMs + Math.max(avoidMs, demandedMs));
    for (const [oldest, untilMs] of this.avoided) {
      if (this.avoided.size <= avoidedMax && untilMs > nowMs) break;
      this.avoided.delete(oldest);
    }
  }

  private avoidedLast(targets: readonly ServerTarget[], nowMs: number): ServerTarget[] {
    const isAvoided = (target: ServerTarget): boolean => (this.avoided.get(targetKey(target)) ?? 0) > nowMs;
    return [...targets.filter((target) => !isAvoided(target)), ...targets.filter(isAvoided)];
  }

  private reasonFor({ destination, used }: Resolution): 'not-found' | 'no-transport' | 'failed' {
    if ([...used.values()].some((known) => known.isFailed)) return 'failed';
    if (!isPossible(destination, this.policy)) return 'no-transport';
    const naptr = used.get(keyOf({ type: 'NAPTR', name: destination.host }));
    return (naptr?.records.length ?? 0) > 0 ? 'no-transport' : 'not-found';
  }

  private draw(): number {
    return (this.options.random32() >>> 0) / 4_294_967_296;
  }
}

function keyOf({ type, name }: DnsQuery): string {
  return `${type} ${name.toLowerCase()}`;
}

function targetKey({ transport, address, port }: ServerTarget): string {
  return `${transport} ${address} ${port}`;
}

/** Without the final dot of an absolute name, and without the brackets of an IPv6 literal. */
function bareName(name: string): string {
  if (name.startsWith('[') && name.endsWith(']') && isAddress(name.slice(1, -1))) return name.slice(1, -1);
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
