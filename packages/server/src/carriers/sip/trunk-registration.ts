import type { TrunkSettings } from '@crosspoint/contracts';
import type { Flow, RegistrationCommand, RegistrationState } from '@crosspoint/sip';
import type { SipShell } from './shell.ts';
import { serverNameOf, uriHost } from './trunk-targets.ts';

type Account = NonNullable<TrunkSettings['register']>;

/** What people see of a registration; instants are milliseconds since the epoch. */
export interface RegistrationView {
  state: 'registering' | 'registered' | 'refused' | 'unreachable';
  /** Of the last failure; null when it is registered. */
  code: number | null;
  reason: string;
  server: string;
  expiresAt: number | null;
  nextAttemptAt: number | null;
}

/** How long a provider may take to take a registration away when we stop. */
const stopTimeoutMs = 2_000;

/**
 * The registration of one trunk's account. The stack authenticates, refreshes and tries the next server; here it is moved
 * to the servers that are found and answer, and its state is put in words.
 */
export class TrunkRegistration {
  view: RegistrationView = {
    state: 'registering',
    code: null,
    reason: '',
    server: '',
    expiresAt: null,
    nextAttemptAt: null,
  };
  readonly #shell: SipShell;
  readonly #command: Omit<RegistrationCommand, 'targets'>;
  readonly #changed: () => void;
  /** Where it holds now. */
  #registeredAt: Flow | undefined;
  /** The way that the last server to register us has named (RFC 3608). */
  #route: { namedBy: Flow; values: readonly string[] } | undefined;
  #isStarted = false;
  /** The silence of a server was taken seriously once, and it turned out to be registered there all the same. */
  #isSilenceKnown = false;
  #stopped: (() => void) | undefined;

  constructor(
    shell: SipShell,
    options: { id: string; account: Account; host: string; contactUser: string; changed: () => void },
  ) {
    this.#shell = shell;
    this.#changed = options.changed;
    const { username, password, expirySeconds, domain = options.host } = options.account;
    this.#command = {
      registrationId: options.id,
      registrar: `sip:${uriHost(domain)}`,
      addressOfRecord: `sip:${encodeURIComponent(username)}@${uriHost(domain)}`,
      credentials: password === undefined ? undefined : { username, password },
      contactUser: options.contactUser,
      expiresSeconds: expirySeconds,
    };
  }

  get id(): string {
    return this.#command.registrationId;
  }

  /**
   * Sees to it that we are registered at one of these servers, the first choice first.
   *
   * @param isAlive whether the first one has just answered.
   */
  keep(targets: readonly Flow[], { fault, isAlive }: { fault: string; isAlive: boolean }): void {
    if (this.#stopped !== undefined) return;
    const first = targets[0];
    if (first === undefined) {
      if (this.view.state !== 'registered') this.#show({ state: 'unreachable', code: 503, reason: fault });
      return;
    }
    const { id: registrationId } = this;
    if (!this.#isStarted) {
      const result = this.#shell.run((stack, now) => stack.register({ ...this.#command, targets }, now));
      this.#isStarted = result.ok;
      if (!result.ok) this.#show({ state: 'refused', code: 400, reason: result.detail });
      return;
    }
    const at = this.#registeredAt;
    if (at === undefined) {
      this.#shell.run((stack, now) => stack.setRegistrationTargets({ registrationId, targets }, now));
    } else if (isAlive && !isSamePlace(at, first)) {
      // The stack begins with the server that served last: it is left out, because it is silent or not the first choice.
      const others = targets.filter((target) => !isSamePlace(target, at));
      this.#shell.run((stack, now) => stack.registerAgain({ registrationId, targets: others }, now));
    } else if (!isAlive && !this.#isSilenceKnown) {
      this.#isSilenceKnown = true;
      this.#shell.run((stack, now) => stack.registerAgain({ registrationId, targets }, now));
    }
    if (isAlive) this.#isSilenceKnown = false;
  }

  stateChanged(state: RegistrationState): void {
    const failure = state.lastFailure;
    const reason = failure === undefined ? '' : `${failure.code} ${failure.reason}`;
    this.#registeredAt = state.kind === 'registered' ? state.target : undefined;
    switch (state.kind) {
      case 'registering':
        // A refusal stays in sight while the next attempt is under way.
        if (this.view.state !== 'registering') return;
        return this.#show({ state: 'registering', code: failure?.code ?? null, reason });
      case 'registered':
        this.#route = { namedBy: state.target, values: state.serviceRoute };
        return this.#show({
          state: 'registered',
          code: null,
          reason: '',
          server: serverNameOf(state.target),
          expiresAt: state.expiresAtMs,
          nextAttemptAt: state.nextAttemptAtMs,
        });
      case 'failed':
        return this.#show({
          state: failure?.cause === 'refused' ? 'refused' : 'unreachable',
          code: failure?.code ?? null,
          reason,
          nextAttemptAt: state.nextAttemptAtMs,
        });
      case 'unregistered':
        this.#stopped?.();
    }
  }

  /**
   * Route values of requests under the registration (RFC 3608). They begin with the server that named them: another one, to which
   * a call goes because that is gone, would only send it back there.
   */
  routeAt(flow: Flow): readonly string[] {
    return this.#route !== undefined && isSamePlace(this.#route.namedBy, flow) ? this.#route.values : [];
  }

  /** Takes the registration away; resolves when the provider has answered, or after two seconds. */
  async stop(): Promise<void> {
    if (!this.#isStarted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stopped = resolve;
    const timer = setTimeout(resolve, stopTimeoutMs);
    const { id: registrationId } = this;
    const result = this.#shell.run((stack, now) => stack.unregister({ registrationId }, now));
    if (!result.ok) resolve();
    await promise;
    clearTimeout(timer);
  }

  #show(view: Partial<RegistrationView> & Pick<RegistrationView, 'state' | 'code' | 'reason'>): void {
    this.view = { server: '', expiresAt: null, nextAttemptAt: null, ...view };
    this.#changed();
  }
}

function isSamePlace(a: Flow, b: Flow): boolean {
  return a.protocol === b.protocol && a.remoteAddress === b.remoteAddress && a.remotePort === b.remotePort;
}
