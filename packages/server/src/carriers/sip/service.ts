import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { AgentId, LegId, TrunkId } from '@crosspoint/contracts';
import {
  type Binding,
  dialogPackage,
  messageSummaryPackage,
  numberOrUserOf,
  type SipEvent,
} from '@crosspoint/sip';
import type { WebSocket } from 'ws';
import { SipAccounts } from './accounts.ts';
import { AgentEndpoints, type EndpointState } from './agent-endpoints.ts';
import { addressTowards, contactFlow, dialogFlow, mediaHostOf } from './addressing.ts';
import { CallArrivals } from './call-arrivals.ts';
import { BrowserAccounts } from './browser-accounts.ts';
import { CallRoutes } from './call-routes.ts';
import { SipCarrier } from './carrier.ts';
import { DeviceFlows } from './device-flows.ts';
import { DeviceSounds } from './device-sounds.ts';
import { IncomingCalls } from './incoming-calls.ts';
import { AgentLamps, type AgentLampsContext } from './lamps.ts';
import { notifierOf } from './lamps-notifier.ts';
import type { SipLegSnapshot } from './leg-snapshot.ts';
import { MessageLamps } from './mwi.ts';
import { DeviceQualifier } from './qualify.ts';
import { random32 } from './random.ts';
import { StoredRegistrations } from './registrations.ts';
import { SipLog } from './sip-log.ts';
import type { SipServiceOptions } from './service-options.ts';
import { SharedAddresses } from './shared-addresses.ts';
import { SipShell } from './shell.ts';
import { SilentLegs } from './silent-legs.ts';
import { readCredentialsFolder } from './transport-credentials-folder.ts';
import { ownCredentials, ownNames, readCredentials, type TlsCredentials } from './transport-credentials.ts';
import type { WebSocketPath } from './transport-websocket.ts';
import { DnsResolver } from './resolver.ts';
import type { SipTrunk } from './trunk.ts';
import { serverNameOf } from './trunk-targets.ts';
import { SipTrunks } from './trunks.ts';

const connectionsMax = 10_000;
/** An office behind one address has that many phones, but one host may not take all. */
const connectionsPerAddressMax = 2_000;
/** We answer or refuse within a few milliseconds; only a slow answer needs a 100 Trying before it. */
const tryingDelayMs = 100;
/** The realm of every account: HA1 hashes are stored with it, so it never changes. */
const realm = 'crosspoint';

/** Native SIP as a whole: sockets, registrar, accounts and the legs of calls. */
export class SipCarrierService {
  readonly accounts = new SipAccounts();
  readonly carrier: SipCarrier;
  readonly trunks: SipTrunks;
  readonly #shell: SipShell;
  readonly #options: SipServiceOptions;
  readonly #registrations: StoredRegistrations;
  readonly endpoints: AgentEndpoints;
  readonly browsers: BrowserAccounts;
  readonly routes: CallRoutes;
  readonly #devices = new DeviceFlows();
  readonly #sounds = new DeviceSounds();
  readonly #qualifier: DeviceQualifier;
  /** The lamps that tell of messages. */
  readonly messages: MessageLamps;
  readonly #lamps: AgentLamps;
  readonly #incoming: IncomingCalls;
  readonly #arrivals: CallArrivals;
  readonly silence: SilentLegs;
  readonly #resolver: DnsResolver;
  readonly #log: SipLog;
  readonly #trunksDown = new Set<TrunkId>();
  readonly #shared: SharedAddresses;

  constructor(options: SipServiceOptions) {
    this.#options = options;
    this.#log = new SipLog(options.log, options.now);
    this.#registrations = new StoredRegistrations(options.database, this.accounts, (detail) =>
      options.log.warn({ detail }, 'sip registrations'),
    );
    this.#shell = this.#createShell();
    this.#resolver = new DnsResolver({
      now: options.now,
      // A socket that listens on IPv4 alone cannot send to IPv6, while one on :: serves both.
      families: options.host === '::' ? ['ipv4', 'ipv6'] : [isIPv6(options.host) ? 'ipv6' : 'ipv4'],
    });
    this.trunks = new SipTrunks({
      shell: this.#shell,
      resolve: (server) => this.#resolver.resolve(server),
      serverFailed: (target) => this.#resolver.failed(target),
      now: options.now,
      contactUserOf: options.contactUserOf,
      changed: (trunk) => this.#trunkChanged(trunk),
    });
    this.#shared = new SharedAddresses(this.trunks, (fields, message) => options.log.warn(fields, message));
    this.browsers = new BrowserAccounts({
      accounts: this.accounts,
      realm,
      now: options.now,
      isRegistered: (username) => this.#shell.stack.bindings(username).length > 0,
      disconnect: (username) => this.#disconnect(username),
    });
    const lamps = this.#lampsContext();
    this.#lamps = new AgentLamps(lamps);
    this.messages = new MessageLamps(lamps);
    this.#qualifier = this.#createQualifier();
    this.endpoints = new AgentEndpoints({
      answers: (binding) => this.#qualifier.isReachable(binding),
      heardAtMs: (binding) => this.#qualifier.heardAtMs(binding),
      browserOf: (agentId) => this.browsers.usernameOf(agentId),
      accounts: this.accounts,
      bindingsOf: (username) => this.#shell.stack.bindings(username),
      isReachable: (number) => this.routes.isReachable(number),
    });
    this.routes = new CallRoutes({
      trunks: this.trunks,
      endpoints: this.endpoints,
      sounds: this.#sounds,
      hasAnswered: (binding) => this.#qualifier.hasAnswered(binding),
      defence: options.defence,
      tenantId: () => options.tenantId,
      hostTowards: (remote) => addressTowards(remote, options.host, options.publicAddress),
    });
    this.#incoming = new IncomingCalls({
      accounts: this.accounts,
      trunks: this.trunks,
      devices: this.#devices,
      defence: options.defence,
      isPeer: (flow, authority, hosts) => this.#shell.transport.isPeer(flow, authority, hosts),
      centre: options.events.centre,
      isOverloaded: () => this.#shell.transport.isOverloaded,
      newId: options.newId,
      log: (fields, message) => this.#log.refused(fields, message),
    });
    this.carrier = this.#createCarrier();
    this.silence = new SilentLegs({ shell: this.#shell, carrier: this.carrier, now: options.now });
    this.#arrivals = new CallArrivals({
      ...{ events: options.events, log: options.log, shell: this.#shell, incoming: this.#incoming },
      ...{ carrier: this.carrier, lamps: this.#lamps, endpoints: this.endpoints, sounds: this.#sounds },
    });
  }

  #createShell(): SipShell {
    const options = this.#options;
    return new SipShell({
      transport: {
        host: options.host,
        port: options.port,
        datagrams: options.datagrams,
        connectionsMax,
        connectionsPerAddressMax,
        screen: options.defence.screen,
        tls: options.tls && {
          port: options.tls.port,
          credentials: () => this.#credentials(),
          peerAt: (address, port) => this.trunks.tlsPeerAt(address, port),
        },
      },
      now: options.now,
      onClosed: (flow) => this.silence.distrust(flow),
      stack: {
        random32,
        secret: randomBytes(32),
        userAgent: `Crosspoint/${options.version}`,
        realm,
        timers: { tryingDelayMs },
        refer: 'calls',
        // Telephones transfer with consultation only to peers that say so.
        replaces: true,
        infoTypes: ['application/dtmf-relay', 'application/dtmf'],
        eventPackages: [dialogPackage, messageSummaryPackage],
        sentBy: (flow) => ({
          host: addressTowards(flow.remoteAddress, options.host, options.publicAddress),
          port: this.#shell.transport.portOf(flow),
        }),
        credentials: (username, _realm, algorithm) => this.accounts.ha1(username, algorithm),
        routeInDialog: dialogFlow,
        redirect: (target, flow) => this.trunks.redirect(target, flow),
        digestAlgorithms: ({ from }) =>
          this.accounts.algorithmsOf(numberOrUserOf(from.uri), options.defence.settings.digest),
        requireAuthentication: (request, flow) => this.#incoming.needsAccount(request, flow),
        admit: (request, context) => this.#incoming.admit(request, context),
      },
      onSend: () => options.events.sending(),
      onEvent: (event) => this.#handle(event),
      onFault: (what, detail) => this.#log.write({ level: 'warn', what, detail }),
    });
  }

  #createCarrier(): SipCarrier {
    const options = this.#options;
    return new SipCarrier({
      shell: this.#shell,
      media: options.media,
      events: {
        asksWhoCalls: (number) => options.events.centre().asksWhoCalls(number),
        refusal: (number) => options.events.centre().refusal(number),
        incoming: (call) => options.events.centre().incoming(call),
        deviceRefusal: (agentId, number) => options.events.centre().deviceRefusal(agentId, number),
        customerCalling: (call) => options.events.centre().customerCalling(call),
        deviceCalling: (call) => options.events.centre().deviceCalling(call),
        deviceCall: (call) => options.events.centre().deviceCall(call),
        pickUp: (legId, agentId) => options.events.centre().pickUp(legId, agentId),
        report: (legId, report) => {
          this.#lamps.reported(legId, report);
          options.events.centre().report(legId, report);
        },
      },
      toAgent: (command) => {
        this.#lamps.called(command.legId, command.agentId);
        return this.routes.toAgent(command);
      },
      toBrowser: (command) => this.routes.toBrowser(command),
      flowOfBrowser: (agentId, contact) => this.endpoints.flowOfBrowser(agentId, contact),
      changed: (snapshot) => options.events.legChanged(snapshot),
      countAgain: (legId, counted) => this.routes.countAgain(legId, counted),
      devicesSilent: (agentId) => this.#suspect(agentId),
      toNumber: (command) => this.routes.toNumber(command),
      bindAddress: mediaHostOf(options.host),
      publicAddress: options.publicAddress,
      log: (what, detail) => this.#log.write({ level: 'info', what, detail }),
    });
  }

  #lampsContext(): AgentLampsContext {
    const { events } = this.#options;
    return {
      notifier: notifierOf(this.#shell),
      accountOf: (username) => this.accounts.byUsername(username),
      colleagueOf: ({ tenantId }, name) => {
        const byName = this.accounts.byUsername(name);
        return byName?.tenantId === tenantId ? byName.agentId : events.agentAt(name);
      },
      mayPickUp: (agentId) => events.mayPickUp(agentId),
      dialogOf: (legId) => this.carrier.dialogOf(legId),
    };
  }

  #createQualifier(): DeviceQualifier {
    const options = this.#options;
    return new DeviceQualifier({
      intervalMs: options.qualifyIntervalMs,
      now: options.now,
      random: () => random32() / 2 ** 32,
      ask: (key, binding) => {
        const { contact: uri, path: route = [] } = binding;
        const flow = contactFlow(binding);
        return this.#shell.run((stack, now) => stack.options({ key, uri, flow, route }, now)).ok;
      },
      changed: (user, binding, isReachable) => this.#deviceAnswers(user, binding, isReachable),
    });
  }

  get address(): string {
    return this.#shell.transport.address;
  }
  get port(): number {
    return this.#shell.transport.port;
  }
  /** Undefined while SIP over TLS is off. */
  get tlsPort(): number | undefined {
    return this.#shell.transport.tlsPort;
  }
  get isOpen(): boolean {
    return this.port !== 0;
  }

  statistics() {
    return { ...this.#shell.stack.statistics(), legs: this.carrier.legs.size };
  }

  /**
   * `opened` is called when messages can be sent, and before any device can be called. `known`: registrations by address of record
   * that are newer than those in the database.
   */
  async open(
    opened: () => void = () => undefined,
    known: ReadonlyMap<string, readonly Binding[]> = new Map(),
  ): Promise<void> {
    await this.#shell.open();
    opened();
    const stored = await this.#registrations.load(this.#options.now());
    const newer = [...known.values()].flat().filter(({ flow }) => flow.protocol === 'udp');
    const bindings = [...stored.filter(({ aor }) => !known.has(aor)), ...newer];
    const taken = this.#shell.run((stack, now) => stack.importBindings(bindings, now));
    if (taken > 0) this.#options.log.info({ phones: taken }, 'phones are still registered from before');
    for (const { user, flow, expiresAtMs } of bindings) {
      this.#options.defence.isKnown(flow.remoteAddress, expiresAtMs);
      const registered = this.#shell.stack.bindings(user);
      this.#devices.update(user, registered);
      this.#qualifier.update(user, registered);
      this.#tellDevice(user);
    }
    this.#qualifier.open();
    this.#trustTrunks();
    this.trunks.open();
  }

  /** Takes up answered legs of a former process, before `open`; those that could not be taken up are left out. */
  restore(snapshots: readonly SipLegSnapshot[]): Set<LegId> {
    const restored = new Set<LegId>();
    for (const snapshot of snapshots) {
      const { legId, toAgent, agentId } = snapshot;
      if (!this.carrier.takeover.restore(snapshot)) continue;
      restored.add(legId);
      if (toAgent !== true || agentId === undefined) continue;
      this.#lamps.called(legId, agentId);
      this.#lamps.reported(legId, { type: 'answered' });
    }
    return restored;
  }

  /** What is decided together leaves together. */
  together(action: () => void): void {
    this.#shell.together(action);
  }

  /** Takes a phone that has connected by WebSocket to the HTTP server. */
  adoptWebSocket(socket: WebSocket, path: WebSocketPath): void {
    this.#shell.transport.adopt(socket, path);
  }

  async close(): Promise<void> {
    this.#qualifier.close();
    this.silence.close();
    this.browsers.close();
    await this.trunks.close();
    this.#resolver.close();
    await this.#registrations.close();
    await this.#shell.close();
  }

  /** Whether the agent can be called now, at any endpoint, and why not. */
  deviceOf(agentId: AgentId): { address: string; reachable: boolean; reason: string } {
    const states = this.endpoints.statesOf(agentId);
    const first = states.find(({ reachable }) => reachable) ?? states[0];
    return first ?? { address: '', reachable: false, reason: 'no-account' };
  }

  endpointsOf(agentId: AgentId): EndpointState[] {
    return this.endpoints.statesOf(agentId);
  }

  /** Every agent who can be called, in one pass over the registrar. */
  reachableAgents(): Set<AgentId> {
    const agents = new Set<AgentId>();
    for (const { user } of this.#shell.stack.exportBindings()) {
      const account = this.accounts.byUsername(user);
      if (account !== undefined && this.endpoints.isReachable(account.agentId)) agents.add(account.agentId);
    }
    for (const agentId of this.endpoints.withExternal()) {
      if (this.endpoints.isReachable(agentId)) agents.add(agentId);
    }
    return agents;
  }

  /** Accounts that are gone lose their phones at once. */
  forget(usernames: readonly string[]): void {
    for (const username of usernames) {
      this.#lamps.forget(username);
      this.messages.forget(username);
      this.#shell.run((stack, now) => stack.removeBindings(username, now));
    }
  }

  async #credentials(): Promise<TlsCredentials> {
    const { tls, dataDir, host, publicAddress } = this.#options;
    const now = Date.now();
    const first =
      tls?.files === undefined
        ? await ownCredentials(dataDir, ownNames(host, publicAddress), now)
        : await readCredentials(tls.files, now);
    return tls?.dir === undefined ? first : { ...first, folder: await readCredentialsFolder(tls.dir, now) };
  }

  /** Addresses of trunks are neither banned nor limited, whatever their calls do. */
  #trustTrunks(): void {
    this.#options.defence.trunksAre(this.trunks.networks());
  }

  /** What people see of a trunk has changed; agents whose endpoint is a number outside depend on it. */
  #trunkChanged(trunk: SipTrunk): void {
    this.#trustTrunks();
    this.#options.events.trunkChanged(trunk);
    if (this.#trunksDown.has(trunk.id) === trunk.isDown) return;
    if (trunk.isDown) this.#trunksDown.add(trunk.id);
    else this.#trunksDown.delete(trunk.id);
    const { state, reason, server } = trunk.live();
    this.#options.log[trunk.isDown ? 'warn' : 'info'](
      { trunk: trunk.config.name, state, reason, server },
      trunk.isDown ? 'a trunk is down; see its state in the console' : 'a trunk is up again',
    );
    for (const agentId of this.endpoints.withExternal()) this.#options.events.deviceChanged(agentId);
  }

  #handle(event: SipEvent): void {
    this.#options.defence.hear(event);
    switch (event.type) {
      case 'invite':
        return this.#arrivals.invited(event);
      case 'registration-changed':
        this.#registrations.changed(event.aor, event.user, event.bindings);
        this.#options.events.registered(event.aor, event.bindings);
        this.#devices.update(event.user, event.bindings);
        this.#qualifier.update(event.user, event.bindings);
        for (const { flow } of event.bindings) this.#shared.registered(event.user, flow);
        return this.#tellDevice(event.user);
      case 'registration-state':
        this.trunks.handle(event);
        return;
      case 'options-result':
        if (this.trunks.handle(event) || this.#qualifier.handle(event)) return;
        return this.silence.answered(event);
      case 'subscribe':
        if (event.package === dialogPackage.name) return this.#lamps.subscribed(event);
        return this.messages.subscribed(event);
      case 'subscription-ended':
        this.messages.ended(event.subscriptionId);
        return this.#lamps.ended(event.subscriptionId);
      case 'log':
        if (event.what === 'malformed message' && event.flow !== undefined) this.silence.distrust(event.flow);
        return this.#log.write(event);
      default:
        this.carrier.handle(event);
    }
  }

  /** Removes what a browser has registered, and closes its connection, so that its page hears of it at once. */
  #disconnect(username: string): void {
    const flows = this.#shell.stack.bindings(username).map(({ flow }) => flow);
    this.#shell.run((stack, now) => stack.removeBindings(username, now));
    for (const flow of flows) this.#shell.transport.closeFlow(flow);
  }

  #tellDevice(user: string): void {
    const account = this.accounts.byUsername(user);
    if (account === undefined) return;
    const { agentId } = account;
    this.#options.events.deviceChanged(agentId);
    const flows = this.endpoints.browsersOf(agentId).map(({ flow }) => flow);
    this.carrier.browsersChanged(agentId, flows);
  }

  /** Nothing was heard from the devices of that agent when they were called: they are asked what is the matter. */
  #suspect(agentId: AgentId): void {
    const usernames = [this.accounts.byAgent(agentId)?.username, this.browsers.usernameOf(agentId)];
    for (const username of usernames) if (username !== undefined) this.#qualifier.suspect(username);
  }

  #deviceAnswers(user: string, { contact, flow }: Binding, isReachable: boolean): void {
    const device = { user, contact, from: serverNameOf(flow) };
    if (isReachable) this.#options.log.info(device, 'a device answers again');
    else
      this.#options.log.warn(
        device,
        'a registered device does not answer OPTIONS and gets no calls; see its power and network, or whether a firewall or NAT has closed its way',
      );
    this.#tellDevice(user);
  }
}
