import type { RefusalReason, SecuritySettings } from '@crosspoint/contracts';
import { type BanEntry, type BanRequest, Bans } from './bans.ts';
import { CallRates } from './call-rates.ts';
import type { AccessPolicy, AuthenticationAttempt, CallRefusal, LineGuardOptions } from './door.ts';
import { Failures } from './failures.ts';
import { NetworkMap, sourceOf } from './networks.ts';
import { RecentRefusals } from './refusals.ts';
import { claimedUser, headOf, ScannerSignatures } from './signatures.ts';
import { type Source, Sources, type Standing, strike } from './sources.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

/** A registration lasts an hour at most; its address is trusted a little longer. */
const knownMs = 2 * 3_600_000;
/** Answers to an address that has proven nothing stay below so many times what came from there (as in RFC 9000 §8.1). */
const amplificationMax = 3;
/** What one chunk of a stream costs: about one request for each of so many bytes. */
const requestBytes = 512;
const unknownNumbersMax = 20;
const malformedMax = 50;
const challengedUsersMax = 50;
/** A whole office that starts at once is challenged before the first of it has answered. */
const challengeGraceMs = 10_000;
const namesMax = 20_000;

/**
 * Decides, before a message is even parsed, whether its source is listened to; and afterwards what its behaviour means.
 * Knows neither sockets nor clock. Decisions cost one look into a map for a source that has been heard of.
 */
export class LineGuard {
  readonly bans: Bans;
  readonly sources = new Sources();
  readonly refusals = new RecentRefusals();
  readonly #options: LineGuardOptions;
  readonly #failures = new Failures();
  readonly #callRates = new CallRates();
  /** The sources of IPv6 addresses, which cost too much to find each time. */
  readonly #names = new Map<string, string>();
  readonly #unknownRequests = new TokenBucket();
  #settings: SecuritySettings;
  #signatures: ScannerSignatures;
  #access = new NetworkMap<'allow' | 'deny'>([]);
  /** Counts changes of the policy, so that each source is judged anew after one. */
  #ruling = 0;

  constructor(options: LineGuardOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#signatures = new ScannerSignatures(options.settings.scannerSignatures);
    this.bans = new Bans(options.newId);
  }

  configure(settings: SecuritySettings): void {
    this.#settings = settings;
    this.#signatures = new ScannerSignatures(settings.scannerSignatures);
    this.#rule();
  }

  /** Of one network a rule counts more than that it is a trunk's, and own addresses count more than everything. */
  permit({ rules, trunks, own }: AccessPolicy): void {
    this.#access = new NetworkMap([
      ...trunks.map((network) => [network, 'allow'] as const),
      ...rules.map(({ network, action }) => [network, action] as const),
      ...own.map((network) => [network, 'allow'] as const),
    ]);
    this.#rule();
  }

  // ---------------------------------------------------------------- before parsing

  /** Whether a datagram is worth to be read. */
  datagram(bytes: Uint8Array, address: string, nowMs: number): boolean {
    const source = this.#source(address);
    if (source.rule === 'exempt') return true;
    source.bytesReceived += bytes.length;
    if (this.#isShutOut(source, nowMs)) return false;
    // Before anything of it is read: what is above the rate must cost nothing.
    if (!source.requests.take(this.#requestRate(source, nowMs), nowMs) || !this.#hasRoom(source, nowMs)) {
      this.#refuse(source, 'request-rate', '', nowMs);
      return false;
    }
    return !this.#isUnwanted(source, bytes, nowMs);
  }

  /**
   * A piece of a stream, or a message of a WebSocket: `close` ends the connection; a number is for how many milliseconds
   * nothing more should be read from it, so that a peer that sends too fast is slowed down by its own connection.
   */
  chunk(bytes: Uint8Array, address: string, nowMs: number): 'close' | number {
    const source = this.#source(address);
    source.isProven = true;
    if (source.rule === 'exempt') return 0;
    if (this.#isShutOut(source, nowMs) || this.#isUnwanted(source, bytes, nowMs)) return 'close';
    const cost = Math.max(1, bytes.length / requestBytes);
    const pauseMs = source.requests.charge(cost, this.#requestRate(source, nowMs), nowMs);
    if (pauseMs > 0) this.#refuse(source, 'request-rate', '', nowMs);
    return pauseMs;
  }

  /** Why a connection from there is not taken, `count` of it being up already; undefined takes it. */
  connection(address: string, count: number, nowMs: number): RefusalReason | undefined {
    const source = this.#source(address);
    const reason = this.#connectionRefusal(source, count, nowMs);
    if (reason !== undefined) this.#refuse(source, reason, '', nowMs);
    return reason;
  }

  /** Whether an answer may be sent in a datagram: nobody is to be flooded by answers to what others ask in his name. */
  mayAnswer(bytes: Uint8Array, address: string, nowMs: number): boolean {
    const source = this.#source(address);
    if (source.isProven || source.standing(nowMs) !== 'unknown') return true;
    // Requests of ours are our own decision; answers begin with the version.
    if (bytes[0] !== 0x53 || bytes[3] !== 0x2f) return true;
    if (source.bytesSent + bytes.length > amplificationMax * source.bytesReceived) {
      this.#refuse(source, 'amplification', '', nowMs);
      return false;
    }
    source.bytesSent += bytes.length;
    return true;
  }

  // ---------------------------------------------------------------- after parsing

  /** Whether one more new call is let in; for a caller who has proven an account also by that. */
  call(address: string, username: string | undefined, nowMs: number): CallRefusal | undefined {
    const { rates } = this.#settings;
    const source = this.#source(address);
    const ofAgent = username === undefined ? undefined : this.#callRates.agentCall(username, rates, nowMs);
    const refusal =
      ofAgent ??
      (source.rule === 'exempt'
        ? undefined
        : this.#callRates.sourceCall(source, this.#factor(source, nowMs), rates, nowMs));
    if (refusal !== undefined) this.#refuse(source, refusal.reason, username ?? '', nowMs);
    return refusal;
  }

  /** Whether one more new call is let in on a trunk that may have so many a second; a burst of as many at once. */
  trunkCall(trunk: string, callsPerSecond: number, nowMs: number): CallRefusal | undefined {
    const refusal = this.#callRates.trunkCall(trunk, callsPerSecond, nowMs);
    if (refusal !== undefined && this.refusals.note(trunk, refusal.reason, '', nowMs))
      this.#options.onRefusal(trunk, refusal.reason, '');
    return refusal;
  }

  authenticated({ address, username, outcome, provesAddress }: AuthenticationAttempt, nowMs: number): void {
    const source = this.#source(address);
    if (provesAddress) source.isProven = true;
    if (outcome === 'succeeded') {
      this.#failures.succeeded(source.name, username);
      this.known(address, nowMs + knownMs);
      return;
    }
    if (outcome === 'failed') this.#refuse(source, 'wrong-password', username, nowMs);
    if (source.rule === 'exempt') return;
    // What could be sent in somebody else's name must not count against him.
    if (outcome === 'failed' && provesAddress) this.#failed(source, username, nowMs);
    else if (source.standing(nowMs) === 'unknown') this.#challenged(source, username, nowMs);
  }

  /** A phone is registered from there until then. */
  known(address: string, untilMs: number): void {
    const source = this.#source(address);
    source.isProven = true;
    source.strikes = undefined;
    this.sources.keep(source, untilMs);
  }

  /** A caller has acknowledged our answer, which went to this address. */
  confirmed(address: string): void {
    this.#source(address).isProven = true;
  }

  /** A number was called that leads nowhere: who tries one after the other is looking for a way out. */
  unknownNumber(address: string, number: string, nowMs: number): void {
    const source = this.#source(address);
    if (source.standing(nowMs) !== 'unknown') return;
    this.#refuse(source, 'unknown-number', number, nowMs);
    if (strike(source, 'unknown-number', number, nowMs).count >= unknownNumbersMax)
      this.#ban({ source: source.name, reason: 'number-scan', couldBeForged: !source.isProven }, nowMs);
  }

  malformed(address: string, detail: string, nowMs: number): void {
    const source = this.#source(address);
    if (source.standing(nowMs) !== 'unknown') return;
    this.#refuse(source, 'malformed', detail, nowMs);
    if (strike(source, 'malformed', undefined, nowMs).count >= malformedMax)
      this.#ban({ source: source.name, reason: 'malformed', couldBeForged: !source.isProven }, nowMs);
  }

  /** Notes what another part refused to this source, for the list of recent refusals. */
  refused(address: string, reason: RefusalReason, detail: string, nowMs: number): void {
    this.#refuse(this.#source(address), reason, detail, nowMs);
  }

  standingOf(address: string, nowMs: number): Standing {
    return this.#source(address).standing(nowMs);
  }

  /** To be called every minute or so. Returns the bans that are not remembered any more. */
  sweep(nowMs: number): BanEntry[] {
    this.sources.sweep(nowMs);
    return this.bans.sweep(nowMs);
  }

  // ---------------------------------------------------------------- parts

  #source(address: string): Source {
    const source = this.sources.of(address.includes(':') ? this.#nameOf(address) : address);
    if (source.ruling === this.#ruling) return source;
    source.ruling = this.#ruling;
    const rule = this.#access.find(address)?.value;
    if (rule === undefined) source.rule = this.#settings.unknownSources === 'deny' ? 'denied' : undefined;
    else source.rule = rule === 'allow' ? 'exempt' : 'denied';
    return source;
  }

  /** An IPv6 address belongs to its network of 64 bits, unless a rule is about less than that. */
  #nameOf(address: string): string {
    const known = this.#names.get(address);
    if (known !== undefined) return known;
    const name = (this.#access.find(address)?.length ?? 0) > 64 ? address : sourceOf(address);
    if (this.#names.size >= namesMax) this.#names.clear();
    this.#names.set(address, name);
    return name;
  }

  #rule(): void {
    this.#ruling++;
    this.#names.clear();
  }

  #isShutOut(source: Source, nowMs: number): boolean {
    if (source.rule === 'denied') {
      this.#refuse(source, 'denied', '', nowMs);
      return true;
    }
    const ban = this.bans.ofSource(source.name, nowMs);
    if (ban !== undefined) ban.dropped++;
    return ban !== undefined;
  }

  /** What the first bytes tell: a banned user, or a scanner. */
  #isUnwanted(source: Source, bytes: Uint8Array, nowMs: number): boolean {
    const isScanned = this.#settings.dropScanners && source.standing(nowMs) === 'unknown';
    if (!isScanned && !this.bans.hasUsers(source.name)) return false;
    const head = headOf(bytes);
    if (this.bans.hasUsers(source.name)) {
      const user = claimedUser(head);
      const userBan = user === undefined ? undefined : this.bans.ofUser(source.name, user, nowMs);
      if (userBan !== undefined) {
        userBan.dropped++;
        return true;
      }
    }
    const signature = isScanned ? this.#signatures.find(head) : undefined;
    if (signature === undefined) return false;
    this.#refuse(source, 'scanner', signature, nowMs);
    this.#ban(
      { source: source.name, reason: 'scanner', note: signature, couldBeForged: !source.isProven },
      nowMs,
    );
    return true;
  }

  #connectionRefusal(source: Source, count: number, nowMs: number): RefusalReason | undefined {
    if (source.rule === 'exempt') return undefined;
    if (source.rule === 'denied') return 'denied';
    const ban = this.bans.ofSource(source.name, nowMs);
    if (ban !== undefined) {
      ban.dropped++;
      return 'banned';
    }
    const max = this.#settings.rates.connectionsPerSource * this.#factor(source, nowMs);
    return count >= max ? 'connections' : undefined;
  }

  #failed(source: Source, username: string, nowMs: number): void {
    const { bans } = this.#settings;
    const verdict = this.#failures.failed(
      source.name,
      username,
      source.standing(nowMs) === 'known',
      bans,
      nowMs,
    );
    if (verdict === 'ban-user') this.#ban({ source: source.name, username, reason: 'wrong-password' }, nowMs);
    else if (verdict === 'ban-source') this.#ban({ source: source.name, reason: 'many-users' }, nowMs);
  }

  #challenged(source: Source, username: string, nowMs: number): void {
    const { count, sinceMs } = strike(source, 'unanswered-challenge', username, nowMs);
    if (count < challengedUsersMax || nowMs - sinceMs < challengeGraceMs) return;
    this.#ban({ source: source.name, reason: 'many-users', couldBeForged: !source.isProven }, nowMs);
  }

  #ban(request: BanRequest, nowMs: number): void {
    const source = this.sources.of(request.source);
    source.strikes = undefined;
    this.#options.onBan(this.bans.ban(request, this.#settings.bans, nowMs));
  }

  #requestRate(source: Source, nowMs: number): Rate {
    const { requestsPerSecond, requestsBurst } = this.#settings.rates;
    const factor = this.#factor(source, nowMs);
    return { perSecond: requestsPerSecond * factor, burst: requestsBurst * factor };
  }

  #factor(source: Source, nowMs: number): number {
    return source.standing(nowMs) === 'known' ? this.#settings.rates.knownFactor : 1;
  }

  /** All the unknown together may not take what the registered phones need. */
  #hasRoom(source: Source, nowMs: number): boolean {
    if (source.standing(nowMs) !== 'unknown') return true;
    const perSecond = this.#settings.rates.unknownRequestsPerSecond;
    return this.#unknownRequests.take({ perSecond, burst: perSecond }, nowMs);
  }

  #refuse(source: Source, reason: RefusalReason, detail: string, nowMs: number): void {
    if (this.refusals.note(source.name, reason, detail, nowMs))
      this.#options.onRefusal(source.name, reason, detail);
  }
}
