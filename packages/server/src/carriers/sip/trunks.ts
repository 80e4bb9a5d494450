import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { TenantId, TrunkId, TrunkSettings, TrunkTest } from '@crosspoint/contracts';
import type { Flow, SipEvent, SipUri } from '@crosspoint/sip';
import type { SipShell } from './shell.ts';
import type { TlsPeer } from './transport-tls.ts';
import { type CallCounts, type ProbeAnswer, SipTrunk, type SipTrunkConfig } from './trunk.ts';
import { comesFrom, TrunkMatcher } from './trunk-match.ts';
import { TrunkRegistration } from './trunk-registration.ts';
import { type ResolveServer, type TrunkTarget, targetsOf } from './trunk-targets.ts';

export interface SipTrunksContext {
  shell: SipShell;
  resolve: ResolveServer;
  /** A server was silent, which the resolver should know. */
  serverFailed: (target: TrunkTarget) => void;
  now: () => number;
  /** Unforeseeable, and the same after a restart, so that a provider's memory of us stays valid. */
  contactUserOf: (id: TrunkId) => string;
  changed: (trunk: SipTrunk) => void;
}

/** A server that has not answered by then is passed over; a slow one would answer an INVITE late too. */
const probeTimeoutMs = 5_000;
const trunkPrefix = 'trunk:';
/** Those in use are found anew within one keep-alive. */
const tlsPeersMax = 10_000;

/** Every trunk: configured, kept alive, and found for the calls that come and go. */
export class SipTrunks {
  readonly #context: SipTrunksContext;
  readonly #trunks = new Map<TrunkId, SipTrunk>();
  readonly #probes = new Map<string, (answer: ProbeAnswer) => void>();
  #matcher = new TrunkMatcher([]);
  #byContactUser = new Map<string, SipTrunk>();
  readonly #registrations = new Map<string, TrunkRegistration>();
  /** By address and port, as their names were resolved last. */
  readonly #tlsPeers = new Map<string, TlsPeer>();
  #probeCount = 0;
  #registrationCount = 0;
  #isOpen = false;

  constructor(context: SipTrunksContext) {
    this.#context = context;
  }

  /** Replaces the trunks of one tenant; one whose settings are the same goes on undisturbed. */
  configure(tenantId: TenantId, configs: readonly SipTrunkConfig[]): void {
    const wanted = new Map(configs.map((config) => [config.id, config]));
    const former = new Map<TrunkId, { calls: CallCounts; stopped: Promise<void> }>();
    for (const [id, trunk] of this.#trunks) {
      if (trunk.config.tenantId !== tenantId || isDeepStrictEqual(trunk.config, wanted.get(id))) continue;
      former.set(id, { calls: trunk.calls, stopped: trunk.stop() });
      this.#trunks.delete(id);
    }
    for (const config of configs) {
      if (!this.#trunks.has(config.id)) this.#add(config, former.get(config.id));
    }
    const all = [...this.#trunks.values()].filter(({ settings }) => settings.enabled);
    this.#matcher = new TrunkMatcher(all.map(({ id, settings }) => ({ id, match: settings.match })));
    this.#byContactUser = new Map(all.map((trunk) => [trunk.contactUser, trunk]));
  }

  /** From now on there are sockets: trunks register and ask. */
  open(): void {
    this.#isOpen = true;
    for (const trunk of this.#trunks.values()) trunk.start();
  }

  get(id: TrunkId): SipTrunk | undefined {
    return this.#trunks.get(id);
  }
  ofTenant(tenantId: TenantId): SipTrunk[] {
    return [...this.#trunks.values()].filter((trunk) => trunk.config.tenantId === tenantId);
  }
  get size(): number {
    return this.#trunks.size;
  }

  /** Where trunks that are on send from: the networks that they name, and the server in use. */
  networks(): string[] {
    const all = [...this.#trunks.values()].filter(({ settings }) => settings.enabled);
    return all.flatMap(({ settings, target }) => [
      ...settings.match,
      ...(target === undefined ? [settings.host] : [target.address]),
    ]);
  }

  /**
   * The trunk that a call came by: the one whose Contact was called, else the one that names its source, else the one
   * whose server sent it.
   */
  ofIncoming(user: string, flow: Flow): SipTrunk | undefined {
    if (this.#trunks.size === 0) return undefined;
    const named = this.#byContactUser.get(user);
    if (named !== undefined) return named;
    const matched = this.#matcher.bySource(flow.remoteAddress);
    if (matched !== undefined) return this.#trunks.get(matched);
    for (const trunk of this.#byContactUser.values()) {
      if (trunk.target !== undefined && comesFrom(flow, trunk.target)) return trunk;
    }
    return undefined;
  }

  /** Undefined when the trunk is off or unknown. */
  async test(id: TrunkId): Promise<TrunkTest | undefined> {
    const trunk = this.#trunks.get(id);
    return trunk?.settings.enabled === true ? trunk.test() : undefined;
  }

  /** How the server of a trunk at that address is to be met. */
  tlsPeerAt(address: string, port: number): TlsPeer | undefined {
    return this.#tlsPeers.get(`${address} ${port}`);
  }

  /**
   * Where a 3xx of a provider leads: to its own servers only. What a phone or a stranger names would be called at our
   * expense.
   */
  redirect(target: SipUri, flow: Flow): Flow | undefined {
    const trunk = [...this.#trunks.values()].find(
      ({ settings, target: used }) =>
        used?.address === flow.remoteAddress || serversOf(settings).has(flow.remoteAddress),
    );
    if (trunk === undefined) return undefined;
    const isOwn = serversOf(trunk.settings).has(target.host) || target.host === flow.remoteAddress;
    if (!isOwn) return undefined;
    const remotePort = target.port ?? flow.remotePort;
    const remoteAddress = isIP(target.host) === 0 ? flow.remoteAddress : target.host;
    if (remotePort === flow.remotePort && remoteAddress === flow.remoteAddress) return flow;
    const { connectionId: _connectionId, ...path } = flow;
    return { ...path, remoteAddress, remotePort };
  }

  flowTo({ protocol, address, port }: TrunkTarget): Flow {
    const { transport } = this.#context.shell;
    return {
      protocol,
      localAddress: transport.address,
      localPort: transport.port,
      remoteAddress: address,
      remotePort: port,
    };
  }

  /** Takes what the stack tells about requests of trunks; false when it is about something else. */
  handle(event: SipEvent): boolean {
    if (event.type === 'registration-state') {
      this.#registrations.get(event.registrationId)?.stateChanged(event.state);
      if (event.state.kind === 'unregistered') this.#registrations.delete(event.registrationId);
      return true;
    }
    if (event.type !== 'options-result' || !event.key.startsWith(trunkPrefix)) return false;
    // A late answer finds nobody waiting.
    this.#probes.get(event.key)?.({
      status: event.status,
      reason: `${event.status} ${event.reason}`,
      roundTripMs: event.roundTripMs,
    });
    return true;
  }

  /** Takes every registration away; providers that do not answer are waited for two seconds. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all([...this.#trunks.values()].map((trunk) => trunk.stop()));
    this.#trunks.clear();
  }

  #add(config: SipTrunkConfig, former: { calls: CallCounts; stopped: Promise<void> } | undefined): void {
    const { id, settings } = config;
    const contactUser = this.#context.contactUserOf(id);
    const registration =
      settings.register === undefined || !settings.enabled
        ? undefined
        : new TrunkRegistration(this.#context.shell, {
            id: `${trunkPrefix}${++this.#registrationCount}`,
            account: settings.register,
            host: settings.host,
            contactUser,
            changed: () => trunk.registrationChanged(),
          });
    const context = {
      registration,
      targetsOf: (settings: TrunkSettings) => this.#targetsOf(settings),
      flowTo: (target: TrunkTarget) => this.flowTo(target),
      probe: (uri: string, flow: Flow) => this.#probe(uri, flow),
      failed: this.#context.serverFailed,
      now: this.#context.now,
      changed: (changed: SipTrunk) => this.#context.changed(changed),
    };
    const trunk: SipTrunk = new SipTrunk(config, contactUser, context, former?.calls);
    this.#trunks.set(id, trunk);
    if (registration !== undefined) this.#registrations.set(registration.id, registration);
    if (!this.#isOpen) return;
    // Its last registration is taken away first, or it would take the new one with it.
    if (former === undefined) trunk.start();
    else void former.stopped.then(() => trunk.start());
    this.#context.changed(trunk);
  }

  async #targetsOf(settings: TrunkSettings): Promise<{ targets: TrunkTarget[]; fault: string }> {
    const found = await targetsOf(settings, this.#context.resolve);
    const { certificate, authority } = settings.tls;
    for (const { protocol, address, port, host } of found.targets) {
      if (protocol !== 'tls') continue;
      if (this.#tlsPeers.size >= tlsPeersMax) this.#tlsPeers.clear();
      this.#tlsPeers.set(`${address} ${port}`, { host, certificate, authority });
    }
    return found;
  }

  #probe(uri: string, flow: Flow): Promise<ProbeAnswer> {
    const key = `${trunkPrefix}${++this.#probeCount}`;
    const { promise, resolve } = Promise.withResolvers<ProbeAnswer>();
    const seconds = probeTimeoutMs / 1000;
    const silence = { status: 408, reason: `no answer within ${seconds} s`, roundTripMs: probeTimeoutMs };
    const timer = setTimeout(() => resolve(silence), probeTimeoutMs);
    this.#probes.set(key, resolve);
    const result = this.#context.shell.run((stack, now) => stack.options({ key, uri, flow }, now));
    if (!result.ok) resolve({ status: 503, reason: result.detail, roundTripMs: 0 });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#probes.delete(key);
    });
  }
}

/** Every host by which a provider's servers are named. */
function serversOf({ host, alternates, register }: TrunkSettings): Set<string> {
  return new Set([host, register?.domain ?? host, ...alternates.map((server) => server.host)]);
}
