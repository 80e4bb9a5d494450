import type { TenantId, TrunkId, TrunkLive, TrunkSettings, TrunkTest } from '@crosspoint/contracts';
import type { Flow } from '@crosspoint/sip';
import type { TrunkTarget } from './trunk-targets.ts';

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

/** What the registration of a trunk is doing. */
export interface RegistrationView {
  state: 'registering' | 'registered' | 'refused' | 'unreachable';
  since: number;
  code: number | null;
  reason: string;
  server: string;
  expiresAt: number | null;
  nextAttemptAt: number | null;
}

export interface TrunkContext {
  /** Where the trunk's servers are, best first; a reason when there is nowhere to go. */
  targetsOf: (settings: TrunkSettings) => Promise<{ targets: TrunkTarget[]; fault: string }>;
  flowTo: (target: TrunkTarget) => Flow;
  probe: (uri: string, flow: Flow) => Promise<ProbeAnswer>;
  now: () => number;
  changed: (trunk: SipTrunk) => void;
}

export interface CallCounts {
  incoming: number;
  outgoing: number;
}

type Reachability =
  | { kind: 'unknown' }
  | { kind: 'reachable'; target: TrunkTarget; roundTripMs: number }
  | { kind: 'unreachable'; code: number; reason: string };

/**
 * One connection to a provider as it lives: which of its servers answers, what of that people see, and how many calls it
 * carries. The servers are asked in order every `keepAliveSeconds`, so that calls leave a dead one and come back when the
 * first is there again.
 */
export class SipTrunk {
  readonly config: SipTrunkConfig;
  /** User part of our Contact there: a call to it comes from whom we told it, the provider. */
  readonly contactUser: string;
  readonly calls: CallCounts;
  readonly #context: TrunkContext;
  #reachability: Reachability = { kind: 'unknown' };
  #registration: RegistrationView | undefined;
  #since: number;
  #shown: TrunkLive['state'];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param calls goes on counting when a changed configuration makes the trunk anew. */
  constructor(config: SipTrunkConfig, contactUser: string, context: TrunkContext, calls?: CallCounts) {
    this.config = config;
    this.calls = calls ?? { incoming: 0, outgoing: 0 };
    this.contactUser = contactUser;
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
    return this.#reachability.kind === 'unreachable';
  }
  /** The server that answered last. */
  get target(): TrunkTarget | undefined {
    return this.#reachability.kind === 'reachable' ? this.#reachability.target : undefined;
  }

  /** The domain in our addresses there. */
  get domain(): string {
    return this.settings.register?.domain ?? this.settings.host;
  }

  start(): void {
    if (this.settings.enabled && this.settings.keepAliveSeconds > 0) void this.#keepAlive();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Where calls go, the server that answered last first. */
  async callTargets(): Promise<{ targets: TrunkTarget[]; fault: string }> {
    const { targets, fault } = await this.#context.targetsOf(this.settings);
    const known = this.target;
    if (known === undefined) return { targets, fault };
    return { targets: [known, ...targets.filter((target) => !isSame(target, known))], fault };
  }

  /** Asks every server in order until one answers, for a person who waits for it. */
  async test(): Promise<TrunkTest> {
    const found = await this.#ask();
    const { answer, target } = found;
    return {
      reachable: target !== undefined,
      status: answer.status,
      reason: answer.reason,
      server: target === undefined ? '' : serverName(target),
      roundTripMs: target === undefined ? null : answer.roundTripMs,
    };
  }

  registrationChanged(view: RegistrationView): void {
    this.#registration = view;
    this.#changed();
  }

  callStarted(direction: 'incoming' | 'outgoing'): void {
    this.calls[direction] += 1;
    this.#context.changed(this);
  }

  callEnded(direction: 'incoming' | 'outgoing'): void {
    this.calls[direction] -= 1;
    this.#context.changed(this);
  }

  live(): TrunkLive {
    const registration = this.#registration;
    const reachability = this.#reachability;
    const state = this.#state();
    const failure =
      state === 'unreachable' && reachability.kind === 'unreachable' ? reachability : registration;
    const iso = (at: number | null | undefined) =>
      at === null || at === undefined ? null : new Date(at).toISOString();
    return {
      id: this.id,
      state,
      since: new Date(this.#since).toISOString(),
      code: failure?.code ?? null,
      reason: failure?.reason ?? '',
      server: this.target === undefined ? (registration?.server ?? '') : serverName(this.target),
      expiresAt: iso(registration?.expiresAt),
      nextAttemptAt: iso(registration?.nextAttemptAt),
      roundTripMs: reachability.kind === 'reachable' ? reachability.roundTripMs : null,
      calls: { ...this.calls },
    };
  }

  #state(): TrunkLive['state'] {
    const { enabled, keepAliveSeconds, register } = this.settings;
    if (!enabled) return 'off';
    const { kind } = this.#reachability;
    if (kind === 'unreachable') return 'unreachable';
    if (register !== undefined) return this.#registration?.state ?? 'registering';
    if (keepAliveSeconds === 0) return 'unchecked';
    return kind === 'reachable' ? 'reachable' : 'unchecked';
  }

  async #keepAlive(): Promise<void> {
    const { target, answer } = await this.#ask();
    if (this.#isStopped) return;
    this.#reachability =
      target === undefined
        ? { kind: 'unreachable', code: answer.status, reason: answer.reason }
        : { kind: 'reachable', target, roundTripMs: answer.roundTripMs };
    this.#changed();
    this.#timer = setTimeout(() => void this.#keepAlive(), this.settings.keepAliveSeconds * 1000);
  }

  async #ask(): Promise<{ target?: TrunkTarget; answer: ProbeAnswer }> {
    const { targets, fault } = await this.#context.targetsOf(this.settings);
    let answer: ProbeAnswer = { status: 503, reason: fault, roundTripMs: 0 };
    for (const target of targets) {
      answer = await this.#context.probe(`sip:${uriHost(target.host)}`, this.#context.flowTo(target));
      // Any answer shows that somebody is there, also one that says no.
      if (answer.status !== 408 && answer.status !== 503) return { target, answer };
      if (this.#isStopped) break;
    }
    return { answer };
  }

  #changed(): void {
    const state = this.#state();
    if (state !== this.#shown) this.#since = this.#context.now();
    this.#shown = state;
    this.#context.changed(this);
  }
}

const isSame = (a: TrunkTarget, b: TrunkTarget): boolean =>
  a.address === b.address && a.port === b.port && a.protocol === b.protocol;

/** `192.0.2.10:5060/udp`, as people read it. */
export function serverName({ address, port, protocol }: TrunkTarget): string {
  return `${uriHost(address)}:${port}/${protocol}`;
}

/** A host as it stands in a SIP URI: IPv6 in brackets (RFC 3261 §25.1). */
export function uriHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
