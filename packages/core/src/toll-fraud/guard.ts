import type { EpochMs, TollFraudSettings, TollLimits, TollScope } from '@crosspoint/contracts';
import { accountName, TollAccount } from './account.ts';
import { destinationRefusal } from './destination.ts';
import type {
  AccountName,
  TollAccountView,
  TollFraudEffect,
  TollFraudInput,
  TollRefusal,
  TollSnapshot,
} from './door.ts';

const alertIntervalMs = 3_600_000;
/** Accounts are those of configured trunks and agents; the bound is for the case of a bug. */
const accountsMax = 50_000;

/** A call that was allowed and is not over, and the accounts that it counts in. */
interface RunningCall {
  accounts: TollAccount[];
  isEmergency: boolean;
}

type Wanted = Extract<TollFraudInput, { type: 'call.wanted' }>;
type Resumed = Extract<TollFraudInput, { type: 'call.resumed' }>;

/**
 * Decides which calls may go out of one tenant: the first call above a limit is the first one refused. See SPEC.md.
 */
export class TollFraudGuard {
  #settings: TollFraudSettings;
  readonly #accounts = new Map<AccountName, TollAccount>();
  readonly #calls = new Map<string, RunningCall>();
  /** Those whose counters differ from what `changes` returned last. */
  readonly #changed = new Set<TollAccount>();
  #effects: TollFraudEffect[] = [];

  constructor(settings: TollFraudSettings) {
    this.#settings = settings;
  }

  handle(input: TollFraudInput, now: EpochMs): TollFraudEffect[] {
    this.#effects = [];
    switch (input.type) {
      case 'call.wanted':
        this.#want(input, now);
        break;
      case 'call.resumed':
        this.#resume(input, now);
        break;
      case 'call.answered':
        for (const account of this.#calls.get(input.callId)?.accounts ?? []) {
          account.answer(input.callId, now);
          this.#arm(account, now);
        }
        break;
      case 'call.ended':
        this.#end(input.callId, now);
        break;
      case 'timer.fired':
        this.#watch(input.name, now);
    }
    return this.#effects;
  }

  /** New limits hold at once, also for calls that are up. */
  configure(settings: TollFraudSettings, now: EpochMs): TollFraudEffect[] {
    this.#effects = [];
    this.#settings = settings;
    for (const account of this.#accounts.values()) {
      account.limits = this.#limitsOf(account.scope, account.id);
      this.#arm(account, now);
    }
    return this.#effects;
  }

  /** Accounts that have used something, or use it now. */
  usage(now: EpochMs): TollAccountView[] {
    return [...this.#accounts.values()]
      .filter((account) => !account.isIdle(now))
      .map((account) => account.view(now));
  }

  /** Calls that are allowed and not over, for whoever compares them with reality. */
  running(): string[] {
    return [...this.#calls.keys()];
  }

  /**
   * The counters that have changed since this was asked last, to be stored. With `isPeriodic` also those that grow while
   * calls talk: what is lost in a crash is what was talked since the last such question.
   */
  changes(now: EpochMs, isPeriodic: boolean): TollSnapshot[] {
    if (isPeriodic) this.#review(now);
    const snapshots = [...this.#changed].map((account) => account.snapshot(now));
    this.#changed.clear();
    return snapshots;
  }

  /** Takes back what was used before a restart; to be called once, before the first input. */
  import(snapshots: readonly TollSnapshot[]): void {
    for (const snapshot of snapshots) {
      const [scope, id] = splitName(snapshot.account);
      this.#account(scope, id)?.restore(snapshot);
    }
  }

  /** Forgets accounts without use, and marks those that grow. */
  #review(now: EpochMs): void {
    for (const [name, account] of this.#accounts) {
      if (account.running.size > 0) this.#changed.add(account);
      else if (account.isIdle(now)) this.#accounts.delete(name);
    }
  }

  #want(wanted: Wanted, now: EpochMs): void {
    const { callId } = wanted;
    const running = this.#calls.get(callId)?.accounts ?? [];
    const accounts = this.#accountsOf(wanted);
    const entered = accounts.filter((account) => !running.includes(account));
    const isEmergency = this.#isEmergency(wanted);
    // A call is counted once, also when it tries another number or trunk; but every number and trunk is judged.
    const refusal = isEmergency ? undefined : this.#refusalOf(wanted, entered, now);
    if (refusal !== undefined) {
      this.#effects.push({ type: 'call.refused', callId, refusal });
      this.#alert(refusal, now);
      return;
    }
    this.#effects.push({ type: 'call.allowed', callId });
    for (const account of running) if (!accounts.includes(account)) this.#leave(account, callId, now);
    for (const account of entered) {
      account.begin(callId, now);
      this.#changed.add(account);
    }
    this.#calls.set(callId, { accounts, isEmergency });
  }

  #resume(resumed: Resumed, now: EpochMs): void {
    const { callId } = resumed;
    if (this.#calls.has(callId)) return;
    const accounts = this.#accountsOf(resumed);
    this.#calls.set(callId, { accounts, isEmergency: this.#isEmergency(resumed) });
    for (const account of accounts) {
      account.resume(callId, now);
      this.#arm(account, now);
    }
  }

  #isEmergency({ number }: Wanted | Resumed): boolean {
    return this.#settings.emergencyNumbers.includes(number.digits);
  }

  #refusalOf(
    { number, agentId }: Wanted,
    accounts: readonly TollAccount[],
    now: EpochMs,
  ): TollRefusal | undefined {
    const { digits } = number;
    const reason = destinationRefusal(number, this.#settings);
    if (reason !== undefined) {
      const scope = agentId === undefined ? 'tenant' : 'agent';
      return { reason, scope, id: agentId, digits, limit: undefined };
    }
    for (const account of accounts) {
      const exceeded = account.exceeded(now);
      if (exceeded !== undefined) return { ...exceeded, scope: account.scope, id: account.id, digits };
    }
    return undefined;
  }

  #end(callId: string, now: EpochMs): void {
    const accounts = this.#calls.get(callId)?.accounts ?? [];
    this.#calls.delete(callId);
    for (const account of accounts) this.#leave(account, callId, now);
  }

  #leave(account: TollAccount, callId: string, now: EpochMs): void {
    account.end(callId, now);
    this.#changed.add(account);
    this.#arm(account, now);
  }

  /** The minutes of an account should be used up: its calls are cut, or the timer was early. */
  #watch(name: string, now: EpochMs): void {
    const account = this.#accounts.get(name);
    const endAt = account?.minutesEndAt(now);
    if (account === undefined || endAt === undefined) return;
    if (endAt > now) {
      this.#arm(account, now);
      return;
    }
    const limit = account.limits.minutesPerDayMax ?? 0;
    const refusal: TollRefusal = {
      reason: 'minutes-per-day',
      scope: account.scope,
      id: account.id,
      digits: '',
      limit,
    };
    for (const [callId, answeredAt] of account.running) {
      // A call that still rings is cut when it is answered: then its timer fires at once.
      if (answeredAt === undefined || this.#calls.get(callId)?.isEmergency === true) continue;
      this.#effects.push({ type: 'call.cut', callId, refusal });
    }
    this.#alert(refusal, now);
  }

  #arm(account: TollAccount, now: EpochMs): void {
    const at = account.minutesEndAt(now);
    const { name } = account;
    this.#effects.push(
      at === undefined ? { type: 'timer.cancelled', name } : { type: 'timer.set', name, at },
    );
  }

  #alert(refusal: TollRefusal, now: EpochMs): void {
    const account = this.#account(refusal.scope, refusal.id);
    const last = account?.alerts.get(refusal.reason);
    if (account === undefined || (last !== undefined && now - last < alertIntervalMs)) return;
    account.alerts.set(refusal.reason, now);
    this.#effects.push({ type: 'alert', refusal });
  }

  #accountsOf({ agentId, trunkId }: Wanted | Resumed): TollAccount[] {
    const wanted = [
      agentId === undefined ? undefined : this.#account('agent', agentId),
      trunkId === undefined ? undefined : this.#account('trunk', trunkId),
      this.#account('tenant', undefined),
    ];
    return wanted.filter((account) => account !== undefined);
  }

  #account(scope: TollScope, id: string | undefined): TollAccount | undefined {
    const name = accountName(scope, id);
    const known = this.#accounts.get(name);
    if (known !== undefined || this.#accounts.size >= accountsMax) return known;
    const account = new TollAccount(scope, id, this.#limitsOf(scope, id));
    this.#accounts.set(name, account);
    return account;
  }

  #limitsOf(scope: TollScope, id: string | undefined): TollLimits {
    const { tenant, trunk, agent, trunks, agents } = this.#settings;
    if (scope === 'tenant') return tenant;
    if (scope === 'trunk') return trunks.find(({ trunkId }) => trunkId === id)?.limits ?? trunk;
    return agents.find(({ agentId }) => agentId === id)?.limits ?? agent;
  }
}

function splitName(name: AccountName): [TollScope, string | undefined] {
  const colon = name.indexOf(':');
  if (colon < 0) return ['tenant', undefined];
  return [name.startsWith('trunk') ? 'trunk' : 'agent', name.slice(colon + 1)];
}
