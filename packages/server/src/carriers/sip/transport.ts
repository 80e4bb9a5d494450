import { type Flow, type Protocol } from '@crosspoint/sip';
import type { WebSocket } from 'ws';
import { explainPortError, type UdpChoice } from '../../platform/index.ts';
import { Inbox } from './inbox.ts';
import {
  ConnectionBudget,
  type PacedTransportEvents,
  type ServedEvents,
  type TransportEvents,
  type Transport,
  type TransportScreen,
} from './transport-common.ts';
import type { TlsCredentials } from './transport-credentials.ts';
import { StreamTransport } from './transport-stream.ts';
import { tcp } from './transport-tcp.ts';
import { TlsKind, type TlsPeer } from './transport-tls.ts';
import { UdpTransport } from './transport-udp.ts';
import { type WebSocketPath, WebSocketTransport } from './transport-websocket.ts';

export interface TransportOptions {
  host: string;
  /** 0 picks a port that is free for both UDP and TCP. */
  port: number;
  /** How datagrams are read and sent; `auto` when not told. */
  datagrams?: UdpChoice | undefined;
  /** Stream connections above this number are refused. */
  connectionsMax: number;
  /** Of these, one address may have so many. */
  connectionsPerAddressMax: number;
  tls?: TlsTransportOptions | undefined;
  /** Undefined: everybody is heard. */
  screen?: TransportScreen | undefined;
}

export interface TlsTransportOptions {
  /** 0 picks a free port. */
  port: number;
  /** Called at the start and then now and again, so that a renewed certificate is taken up while calls go on. */
  credentials: () => Promise<TlsCredentials>;
  /** How the server at that address is to be met. */
  peerAt?: (address: string, port: number) => TlsPeer | undefined;
}

/** Soon enough for a person who has just replaced a file and looks whether it works. */
const renewalIntervalMs = 30_000;

/** Every way in which SIP comes and goes, behind one door; SIP itself happens in the stack. */
export class SipTransport {
  readonly #events: PacedTransportEvents;
  readonly #options: TransportOptions;
  readonly #inbox: Inbox;
  readonly #tcp: StreamTransport;
  readonly #udp: UdpTransport;
  readonly #webSocket: WebSocketTransport;
  readonly #budget: ConnectionBudget;
  #tls: StreamTransport | undefined;
  #tlsKind: TlsKind | undefined;
  /** What was last told about certificates, so that it is not told again every time that they are read. */
  #toldOfCertificates = '';
  #renewal: NodeJS.Timeout | undefined;
  #address = '';
  #port = 0;

  constructor(options: TransportOptions, served: ServedEvents) {
    this.#options = options;
    const { screen, connectionsMax, connectionsPerAddressMax } = options;
    this.#inbox = new Inbox({
      events: served,
      now: () => performance.now(),
      isTrusted: (address) => screen?.isTrusted(address) !== false,
      waits: (bytes, flow) => served.waits(bytes, flow),
    });
    const events: PacedTransportEvents = {
      received: (bytes, flow) => this.#inbox.received(bytes, flow),
      closed: (flow, reason) => this.#inbox.closed(flow, reason),
      fault: (what, detail) => served.fault(what, detail),
    };
    this.#events = events;
    this.#budget = new ConnectionBudget(connectionsMax, connectionsPerAddressMax, screen);
    this.#tcp = new StreamTransport(tcp, this.#budget, events, screen);
    this.#udp = new UdpTransport(datagramEvents(events, screen), options.datagrams ?? 'auto');
    this.#webSocket = new WebSocketTransport(this.#budget, events, screen);
  }

  get address(): string {
    return this.#address;
  }
  /** Of UDP and TCP. */
  get port(): number {
    return this.#port;
  }
  /** Undefined while SIP over TLS is off. */
  get tlsPort(): number | undefined {
    return this.#tls?.port;
  }
  /** Connections that are up, of TCP, TLS and WebSocket. */
  get connections(): number {
    return this.#budget.count;
  }

  /** Whether the sender of the message that is worked on sends more than can be served in time. */
  get isOverloaded(): boolean {
    return this.#inbox.isOverloaded;
  }

  /**
   * Binds every socket. Rejects with the error of a socket (`EADDRINUSE` …) or with what is wrong with the certificate,
   * nothing left open.
   */
  async open(): Promise<void> {
    const attemptsMax = this.#options.port === 0 ? 20 : 1;
    try {
      for (let attempt = 1; !(await this.#openPair(attempt >= attemptsMax)); attempt++);
      if (this.#options.tls !== undefined) await this.#openTls(this.#options.tls);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Takes over a connection that the HTTP server has upgraded. */
  adopt(socket: WebSocket, path: WebSocketPath): void {
    this.#webSocket.adopt(socket, path);
  }

  send(bytes: Uint8Array, flow: Flow): void {
    const { screen } = this.#options;
    if (flow.protocol === 'udp' && screen?.mayAnswer(bytes, flow.remoteAddress) === false) return;
    const transport = this.#of(flow.protocol);
    if (transport === undefined) this.#events.closed(flow, `${flow.protocol} is off`);
    else transport.send(bytes, flow);
  }

  /** Whether the peer on that path has proven by a certificate of that authority that it is one of these hosts. */
  isPeer(flow: Flow, authority: string, hosts: readonly string[]): boolean {
    if (flow.protocol !== 'tls') return false;
    return this.#tlsKind?.isPeer(this.#tls?.socketOf(flow), authority, hosts) === true;
  }

  /** Ends a stream connection; a datagram flow has none. */
  closeFlow(flow: Flow): void {
    this.#of(flow.protocol)?.closeFlow(flow);
  }

  /** The port at which a peer reaches us over that protocol. */
  portOf(flow: Flow): number {
    if (flow.protocol === 'tls') return this.tlsPort ?? 5061;
    return flow.protocol === 'udp' || flow.protocol === 'tcp' ? this.#port : flow.localPort;
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    const all = [this.#udp, this.#tcp, this.#webSocket, ...(this.#tls === undefined ? [] : [this.#tls])];
    this.#tls = undefined;
    await Promise.all(all.map((transport) => transport.close()));
    this.#inbox.close();
  }

  #of(protocol: Protocol): Transport | undefined {
    switch (protocol) {
      case 'udp':
        return this.#udp;
      case 'tcp':
        return this.#tcp;
      case 'tls':
        return this.#tls;
      default:
        return this.#webSocket;
    }
  }

  /** TCP and UDP on one port; false when the kernel's choice for TCP belongs to somebody else on UDP. */
  async #openPair(isLast: boolean): Promise<boolean> {
    await this.#tcp.open(this.#options.host, this.#options.port);
    this.#address = this.#tcp.address;
    this.#port = this.#tcp.port;
    try {
      await this.#udp.open(this.#address, this.#port);
      return true;
    } catch (error) {
      await this.#tcp.close();
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || isLast) throw error;
      return false;
    }
  }

  async #openTls({ port, credentials, peerAt }: TlsTransportOptions): Promise<void> {
    const { host } = this.#options;
    const first = await credentials();
    this.#warn(first);
    const kind = new TlsKind(first, this.#events, peerAt);
    const transport = new StreamTransport(kind, this.#budget, this.#events, this.#options.screen);
    try {
      await transport.open(host, port);
    } catch (error) {
      throw explainPortError(error, {
        host,
        port,
        protocol: 'tcp',
        setting: 'CROSSPOINT_SIP_TLS_PORT',
        hostSetting: 'CROSSPOINT_SIP_HOST',
        purpose: 'SIP over TLS',
      });
    }
    this.#tls = transport;
    this.#tlsKind = kind;
    this.#renewal = setInterval(() => void this.#renew(kind, credentials), renewalIntervalMs).unref();
  }

  async #renew(kind: TlsKind, credentials: TlsTransportOptions['credentials']): Promise<void> {
    try {
      const next = await credentials();
      this.#warn(next);
      kind.renew(next);
    } catch (error) {
      // The former certificate goes on serving.
      this.#tell([(error as Error).message]);
    }
  }

  #warn({ warning, folder }: TlsCredentials): void {
    this.#tell([...(warning === undefined ? [] : [warning]), ...(folder?.problems ?? [])]);
  }

  #tell(problems: readonly string[]): void {
    const text = problems.join('\n');
    if (text === this.#toldOfCertificates) return;
    this.#toldOfCertificates = text;
    for (const problem of problems) this.#events.fault('sip-tls', problem);
  }
}

/** Datagrams that are not to be heard go no further; nobody who sends them could be slowed down. */
function datagramEvents(events: PacedTransportEvents, screen: TransportScreen | undefined): TransportEvents {
  return {
    received(bytes, flow) {
      if (screen?.datagram(bytes, flow.remoteAddress) !== false) void events.received(bytes, flow);
    },
    closed: (flow, reason) => events.closed(flow, reason),
    fault: (what, detail) => events.fault(what, detail),
  };
}
