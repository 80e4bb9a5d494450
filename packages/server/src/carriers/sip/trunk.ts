import type { TenantId, TrunkId, TrunkLive, TrunkSettings, TrunkTest } from '@crosspoint/contracts';
import type { Flow } from '@crosspoint/sip';
import type { TrunkRegistration } from './trunk-registration.ts';
import { isSameTarget, serverName, type TrunkTarget, uriHost } from './trunk-targets.ts';

/** A trunk as it is configured, with its passwords. */
export interface SipTrunkConfig {
  tenantId: TenantId;
  id: TrunkId;
  name: string;
  settings: TrunkSettings;
}

/** What an OPTIONS brought; 408 and 503 stand for no answer. */
export interface ProbeAnswer {
  status: number;
  reason: string;
  roundTripMs: number;
}

export interface CallCounts {
  incoming: number;
  outgoing: number;
}

export interface TrunkContext {
  /** Where the trunk's servers are, best first; a reason when there is nowhere to go. */
  targetsOf: (settings: TrunkSettings) => Promise<{ targets: TrunkTarget[]; fault: string }>;
  flowTo: (target: TrunkTarget) => Flow;
  probe: (uri: string, flow: Flow) => Promise<ProbeAnswer>;
  /** That server is silent: others of the same name come first for a while. */
  failed: (target: TrunkTarget) => void;
  /** Undefined for a trunk that does not register. */
  registration: TrunkRegistration | undefined;
  now: () => number;
  changed: (trunk: SipTrunk) => void;
}

type Reachability =
  | { kind: 'unknown' }
  | { kind: 'reachable'; target: TrunkTarget; roundTripMs: number }
  | { kind: 'unreachable'; code: number; reason: string };

/** Without keep-alive, this is how often a registration without any server looks for one. */
const lookAgainMs = 30_000;

/**
 * One connection to a provider as it lives: which of its servers answers, where it is registered, what of that people
 * see, and how many calls it carries. The servers are asked in order every `keepAliveSeconds`, so that calls and the
 * registration leave a dead one and come back when the first is there again.
 */
export class SipTrunk {
  readonly config: SipTrunkConfig;
  /** User part of our Contact there: a call to it comes from whom we told it, the provider. */
  readonly contactUser: string;
  readonly calls: CallCounts;
  readonly #context: TrunkContext;
  #reachability: Reachability = { kind: 'unknown' };
  #since: number;
  #shown: TrunkLive['state'];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param calls goes on counting when a changed configuration makes the trunk anew. */
  constructor(config: SipTrunkConfig, contactUser: string, context: TrunkContext, calls?: CallCounts) {
    this.config = config;
    this.contactUser = contactUser;
    this.calls = calls ?? { incoming: 0, outgoing: 0 };
    this.#context = context;
    this.#since = context.now();
    this.#shown = this.#state();
  }

  get id(): TrunkId {
    return this.config.id;
  }
  get settings(): TrunkSettings {
    return this.config.settings;
  }
  get isFull(): boolean {
    const { concurrentCallsMax: most } = this.settings;
    return most !== null && this.calls.incoming + this.calls.outgoing >= most;
  }
  /** Nothing answered when it was last asked. */
  get isDown(): boolean {
    return this.#state() === 'unreachable';
  }
  /** The server that answered last. */
  get target(): TrunkTarget | undefined {
    return this.#reachability.kind === 'reachable' ? this.#reachability.target : undefined;
  }
  /** The domain in our addresses there. */
  get domain(): string {
    return this.settings.register?.domain ?? this.settings.host;
  }
  /** Route values of calls that go there (RFC 3608). */
  routeAt(flow: Flow): readonly string[] {
    return this.#context.registration?.routeAt(flow) ?? [];
  }

  start(): void {
    if (this.settings.enabled && !this.#isStopped) void this.#lookAfter();
  }

  /** Resolves when the provider has taken the registration away, or does not answer. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#context.registration?.stop();
  }

  /** Where calls go, the server that answered last first. */
  async callTargets(): Promise<{ targets: TrunkTarget[]; fault: string }> {
    const { targets, fault } = await this.#context.targetsOf(this.settings);
    const known = this.target;
    if (known === undefined) return { targets, fault };
    return { targets: [known, ...targets.filter((target) => !isSameTarget(target, known))], fault };
  }

  /** Asks every server in order until one answers, for a person who waits for it. */
  async test(): Promise<TrunkTest> {
    const { answer, target } = await this.#ask();
    return {
      reachable: target !== undefined,
      status: answer.status,
      reason: answer.reason,
      server: target === undefined ? '' : serverName(target),
      roundTripMs: target === undefined ? null : answer.roundTripMs,
    };
  }

  /** What the registration does has changed. */
  registrationChanged(): void {
    this.#changed();
  }

  callStarted(direction: keyof CallCounts): void {
    this.calls[direction] += 1;
    this.#context.changed(this);
  }

  callEnded(direction: keyof CallCounts): void {
    this.calls[direction] -= 1;
    this.#context.changed(this);
  }

  live(): TrunkLive {
    const view = this.#context.registration?.view;
    const reachability = this.#reachability;
    const failure = view ?? (reachability.kind === 'unreachable' ? reachability : undefined);
    const iso = (at: number | null | undefined) => (at == null ? null : new Date(at).toISOString());
    const server = this.target === undefined ? '' : serverName(this.target);
    return {
      id: this.id,
      state: this.#state(),
      since: new Date(this.#since).toISOString(),
      code: failure?.code ?? null,
      reason: failure?.reason ?? '',
      server: view === undefined || view.server === '' ? server : view.server,
      expiresAt: iso(view?.expiresAt),
      nextAttemptAt: iso(view?.nextAttemptAt),
      roundTripMs: reachability.kind === 'reachable' ? reachability.roundTripMs : null,
      calls: { ...this.calls },
    };
  }

  /** A registration proves more than an OPTIONS, which some providers never answer. */
  #state(): TrunkLive['state'] {
    const { enabled, keepAliveSeconds } = this.settings;
    if (!enabled) return 'off';
    const { registration } = this.#context;
    if (registration !== undefined) return registration.view.state;
    const { kind } = this.#reachability;
    return kind === 'unknown' || keepAliveSeconds === 0 ? 'unchecked' : kind;
  }

  /** Asks the servers, keeps the registration where one answers, and comes back. */
  async #lookAfter(): Promise<void> {
    const { keepAliveSeconds } = this.settings;
    if (keepAliveSeconds > 0) await this.#keepAlive();
    if (this.#isStopped) return;
    const { registration } = this.#context;
    if (registration !== undefined) {
      const { targets, fault } = await this.callTargets();
      if (this.#isStopped) return;
      registration.keep(
        targets.map((target) => this.#context.flowTo(target)),
        {
          fault,
          isAlive: this.#reachability.kind === 'reachable',
        },
      );
    }
    const againMs = keepAliveSeconds > 0 ? keepAliveSeconds * 1000 : lookAgainMs;
    if (keepAliveSeconds > 0 || registration !== undefined) {
      this.#timer = setTimeout(() => void this.#lookAfter(), againMs);
    }
  }

  async #keepAlive(): Promise<void> {
    const { target, answer } = await this.#ask();
    if (this.#isStopped) return;
    this.#reachability =
      target === undefined
        ? { kind: 'unreachable', code: answer.status, reason: answer.reason }
        : { kind: 'reachable', target, roundTripMs: answer.roundTripMs };
    this.#changed();
  }

  async #ask(): Promise<{ target?: TrunkTarget; answer: ProbeAnswer }> {
    const { targets, fault } = await this.#context.targetsOf(this.settings);
    let answer: ProbeAnswer = { status: 503, reason: fault, roundTripMs: 0 };
    for (const target of targets) {
      answer = await this.#context.probe(`sip:${uriHost(target.host)}`, this.#context.flowTo(target));
      // Any answer shows that somebody is there, also one that says no.
      if (answer.status !== 408 && answer.status !== 503) return { target, answer };
      this.#context.failed(target);
      if (this.#isStopped) break;
    }
    return { answer };
  }

  #changed(): void {
    const state = this.#state();
    if (state !== this.#shown) this.#since = this.#context.now();
    this.#shown = state;
    if (!this.#isStopped) this.#context.changed(this);
  }
}
