import { networkInterfaces } from 'node:os';
import { type BanReason, SecuritySettings, type TenantId } from '@crosspoint/contracts';
import type { TollAccountView, TollRefusal } from '@crosspoint/core';
import type { Refusal, SipEvent, SipRequest } from '@crosspoint/sip';
import { newId, plainAddress } from '../../../platform/index.ts';
import type { TransportScreen } from '../transport-common.ts';
import type { BanEntry } from './bans.ts';
import { DefenceRecords, type DefenceRecordsOptions } from './records.ts';
import { LineGuard } from './line-guard.ts';
import { type Network, parseNetwork } from './networks.ts';
import { type DialVerdict, type OutgoingCall, OutgoingCalls } from './outgoing-calls.ts';
import type { RefusalEntry } from './refusals.ts';
import { refusalMessage } from './refusals.ts';
import { registrationRefusal } from './registration-limits.ts';
import { readBans, readRules, readSettings, readTollCounters } from './repo.ts';

export interface LineDefenceOptions extends DefenceRecordsOptions {
  log: DefenceRecordsOptions['log'] & { info(fields: object, message: string): void };
  /** An outgoing call has used up the minutes of the day. */
  cutCall(callId: string, refusal: TollRefusal): void;
  /** Whether there is still a leg of that name. */
  isCallUp(callId: string): boolean;
}

const sweepIntervalMs = 10_000;
const remedy =
  'if this is one of yours, lift the ban under Administration, Security, or allow its network there';

/**
 * The defence of the SIP line as a whole: the guard before the parser, the limits of outgoing calls, and what of both
 * is stored, logged and audited.
 */
export class LineDefence {
  readonly screen: TransportScreen;
  readonly #options: LineDefenceOptions;
  readonly #guard: LineGuard;
  readonly #outgoing: OutgoingCalls;
  readonly #records: DefenceRecords;
  /** Outgoing calls that were gone when they were looked for last. */
  #missing = new Set<string>();
  #settings = SecuritySettings.parse({});
  #rules: { network: Network; action: 'allow' | 'deny' }[] = [];
  #trunks: Network[] = [];
  #sweeper: NodeJS.Timeout | undefined;

  constructor(options: LineDefenceOptions) {
    this.#options = options;
    const { now, log } = options;
    this.#guard = new LineGuard({
      settings: this.#settings,
      newId,
      onBan: (ban) => this.#banned(ban),
      onRefusal: (source, reason, detail) => log.info({ source, reason, detail }, refusalMessage(reason)),
    });
    this.#outgoing = new OutgoingCalls({
      settings: this.#settings.outgoing,
      now,
      onCut: (callId, refusal) => options.cutCall(callId, refusal),
      onAlert: (refusal) => this.#alerted(refusal),
      onUse: () => this.#records.tollsChanged(),
    });
    this.#records = new DefenceRecords(options, () => this.#outgoing.changes(false));
    this.screen = {
      datagram: (bytes, address) => this.#guard.datagram(bytes, address, now()),
      chunk: (bytes, address) => this.#guard.chunk(bytes, address, now()),
      connection: (address, count) => this.#guard.connection(address, count, now()),
      isTrusted: (address) => {
        const standing = this.#guard.standingOf(address, now());
        return standing === 'exempt' || standing === 'known';
      },
      mayAnswer: (bytes, address) => this.#guard.mayAnswer(bytes, address, now()),
    };
  }

  /** Reads what is stored; to be awaited before the first socket opens. */
  async open(): Promise<void> {
    const { database, tenantId } = this.#options;
    await database.inTenant(tenantId, async (transaction) => {
      for (const ban of await readBans(transaction)) this.#guard.bans.restore(ban);
      this.#outgoing.import(await readTollCounters(transaction));
    });
    await this.reload();
    this.#sweeper = setInterval(() => this.#sweep(), sweepIntervalMs).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#records.close();
    this.#outgoing.close();
  }

  /** Takes up settings and rules that have changed in the database. */
  async reload(): Promise<void> {
    const { database, tenantId } = this.#options;
    await database.inTenant(tenantId, async (transaction) => {
      this.#settings = await readSettings(transaction);
      this.#rules = await readRules(transaction);
    });
    this.#guard.configure(this.#settings);
    this.#outgoing.configure(this.#settings.outgoing);
    this.#permit();
  }

  /**
   * Where trunks are: addresses and networks of all of them, in place of those before. A network as wide as a continent
   * says where calls are matched, not whom to trust.
   */
  trunksAre(networks: readonly string[]): void {
    const parsed = networks.map(parseNetwork).filter((network) => network !== undefined);
    this.#trunks = parsed.filter(({ length, text }) => length >= (text.includes(':') ? 32 : 96 + 16));
    this.#permit();
  }

  // ---------------------------------------------------------------- what the line asks and tells

  /** Why an out-of-dialog request is not let in, after it was parsed. */
  admit(request: SipRequest, address: string, username: string | undefined): Refusal | undefined {
    const now = this.#options.now();
    if (request.method === 'INVITE') {
      const refusal = this.#guard.call(address, username, now);
      if (refusal === undefined) return undefined;
      return { status: 503, headers: [['Retry-After', String(refusal.retryAfterSeconds)]] };
    }
    if (request.method !== 'REGISTER') return undefined;
    const refusal = registrationRefusal(request);
    if (refusal !== undefined) this.#guard.refused(address, 'registration-size', refusal.reason ?? '', now);
    return refusal;
  }

  /** Whether one more call comes in on a trunk that takes so many a second. */
  mayCallIn(trunk: string, callsPerSecond: number): Refusal | undefined {
    const refusal = this.#guard.trunkCall(trunk, callsPerSecond, this.#options.now());
    if (refusal === undefined) return undefined;
    return { status: 503, headers: [['Retry-After', String(refusal.retryAfterSeconds)]] };
  }

  /** What the stack tells, as far as it shows who is at the other end. */
  hear(event: SipEvent): void {
    const now = this.#options.now();
    if (event.type === 'authentication') {
      this.#guard.authenticated({ ...event, address: event.flow.remoteAddress }, now);
    } else if (event.type === 'confirmed') this.#guard.confirmed(event.flow.remoteAddress);
    else if (event.type === 'log' && event.what === 'malformed message' && event.flow !== undefined)
      this.#guard.malformed(event.flow.remoteAddress, event.detail, now);
  }

  /** A number was called that leads nowhere. */
  unknownNumber(address: string, number: string): void {
    this.#guard.unknownNumber(address, number, this.#options.now());
  }

  /** A phone has been registered from there since before the start. */
  isKnown(address: string, untilMs: number): void {
    this.#guard.known(address, untilMs);
  }

  // ---------------------------------------------------------------- outgoing calls

  /** Whether a call may be made; what is allowed counts until `callEnded`. */
  mayDial(call: OutgoingCall): DialVerdict {
    const verdict = this.#outgoing.mayDial(call);
    if (!verdict.allowed) {
      const { reason } = verdict.refusal;
      this.#guard.refusals.note(call.agentId ?? 'outgoing', reason, call.number, this.#options.now());
      this.#options.log.info({ ...verdict.refusal, agentId: call.agentId }, 'an outgoing call was refused');
    }
    return verdict;
  }

  /** An answered call of a former process goes on. */
  callResumed(call: OutgoingCall): void {
    this.#outgoing.resumed(call);
  }

  callAnswered(callId: string): void {
    this.#outgoing.answered(callId);
  }

  callEnded(callId: string): void {
    this.#outgoing.ended(callId);
  }

  usage(): TollAccountView[] {
    return this.#outgoing.usage();
  }

  // ---------------------------------------------------------------- what people see and change

  get tenantId(): TenantId {
    return this.#options.tenantId;
  }

  get settings(): SecuritySettings {
    return this.#settings;
  }

  bans(): BanEntry[] {
    return this.#guard.bans.list(this.#options.now());
  }

  refusals(): RefusalEntry[] {
    return this.#guard.refusals.list();
  }

  counts(): { bans: number; sources: number; refused: number } {
    const { sources, refusals } = this.#guard;
    return { bans: this.bans().length, sources: sources.size, refused: refusals.total };
  }

  /** Whether a ban of that source would have no effect, because it is never banned. */
  isExempt(address: string): boolean {
    return this.#guard.standingOf(address, this.#options.now()) === 'exempt';
  }

  /** A ban as a person wants it, not in force yet: it is stored first, then put in force by `enforce`. */
  draft(source: string, username: string | undefined, seconds: number | null, note: string): BanEntry {
    const now = this.#options.now();
    const known = this.#guard.bans.find(source, username);
    return {
      id: known?.id ?? newId(),
      source,
      username,
      reason: 'manual' satisfies BanReason,
      note,
      createdAtMs: now,
      untilMs: seconds === null ? Number.POSITIVE_INFINITY : now + seconds * 1_000,
      offences: known?.offences ?? 1,
      dropped: 0,
      isStored: true,
    };
  }

  enforce(ban: BanEntry): void {
    this.#records.settled(ban.id);
    this.#guard.bans.restore(ban);
  }

  /** Ends a ban that is no longer stored. */
  lift(id: string): void {
    this.#records.settled(id);
    this.#guard.bans.lift(id);
  }

  // ---------------------------------------------------------------- parts

  #permit(): void {
    this.#guard.permit({ rules: this.#rules, trunks: this.#trunks, own: ownNetworks() });
  }

  #banned(ban: BanEntry): void {
    const { source, username, reason, note, untilMs } = ban;
    const until = new Date(untilMs).toISOString();
    this.#options.log.warn({ source, username, reason, note, until }, `a source is banned: ${remedy}`);
    if (ban.isStored) this.#records.banned(ban);
  }

  #alerted(refusal: TollRefusal): void {
    this.#options.log.warn(
      { ...refusal },
      'outgoing calls have reached a limit: look for a stolen password, or raise the limit under Administration, Security',
    );
    this.#records.limitReached(refusal);
  }

  #sweep(): void {
    const forgotten = this.#guard.sweep(this.#options.now());
    for (const { id, isStored } of forgotten) if (isStored) this.#records.banOver(id);
    this.#reconcile();
    for (const snapshot of this.#outgoing.changes(true)) this.#records.tollChanged(snapshot);
    // Addresses of this machine come and go.
    this.#permit();
  }

  /** A call whose end was not told would count for ever: what is gone twice in a row is over. */
  #reconcile(): void {
    const gone = this.#outgoing.running().filter((callId) => !this.#options.isCallUp(callId));
    for (const callId of gone) {
      if (!this.#missing.has(callId)) continue;
      this.#options.log.warn({ callId }, 'an outgoing call was still counted after its end; repaired');
      this.#outgoing.ended(callId);
    }
    this.#missing = new Set(gone);
  }
}

/** Addresses of this machine: phones and proxies on it are never shut out. */
function ownNetworks(): Network[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses
    .map(({ address }) => parseNetwork(plainAddress(address)))
    .filter((network) => network !== undefined);
}
