import { randomBytes } from 'node:crypto';
import type * as nodeDatachannel from 'node-datachannel';
import type { PeerConnection, Track } from 'node-datachannel';
import type { DtlsParameters } from '../protocol.ts';
import { type Aim, BareDtls } from './bare-dtls.ts';
import { type DtlsCertificate, makeDtlsCertificate } from './dtls-certificate.ts';
import { CommandError } from './errors.ts';
import { askedCandidates, hostCandidates } from './ice-candidates.ts';
import { type IceCredentials, IceDetour } from './ice-detour.ts';
import type { Transport } from './transport.ts';
import type { PacketBuffer } from './packets.ts';

/** RFC 8445 §5.3 asks for 24 and 128 bits of chance at least. */
const iceUfragBytes = 6;
const icePwdBytes = 24;
/** The only stream of a connection. */
const mid = '0';
/** A payload type that stands in our inner description; which ones are used is agreed in SIP. */
const innerPayloadType = 0;
/** ICE says when a far end is not reached; without it only the handshake tells: it was repeated three times by then (RFC 6347 §4.2.4.1). */
const handshakeMaxMs = 10_000;
const udpHeaderBytes = 28;
/** Longest packet handed over: an Ethernet frame less the headers and what SRTP adds. */
const packetBytesMax = 1500 - udpHeaderBytes - 16;

export interface WebRtcOptions {
  /** Named in the library's own messages. */
  name: string;
  /** Address of this host, or the wildcard for all its interfaces. */
  bindAddress: string;
  publicAddress: string | undefined;
  /** Announced to the far end. */
  port: number;
  ssrc: number;
  /** The far end speaks DTLS alone, without ICE. */
  isBare: boolean;
  /** Closes what has held the two ports, at once. */
  releasePorts: () => void;
}

export interface WebRtcEvents {
  /** RTP or RTCP, decrypted. The bytes are the handler's. */
  packet(bytes: Uint8Array): void;
  /** ICE and DTLS are up: where the far end is. */
  connected(address: string, port: number): void;
  /** It will not come up any more, or the far end does not answer. */
  failed(reason: string): void;
  /** A handler has thrown. */
  fault(error: unknown): void;
}

type Remote = DtlsParameters & { setup: 'active' | 'passive' };
type Library = typeof nodeDatachannel;
let loading: Promise<Library> | undefined;

/** Loads the library when the first browser calls: a process without browsers does without its memory. */
function load(): Promise<Library> {
  loading ??= import('node-datachannel').catch((error: unknown) => {
    loading = undefined;
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError('transport-unavailable', `transport: WebRTC cannot be used here (${why})`);
  });
  return loading;
}

/**
 * The side of one leg that a browser sees, or a telephone with DTLS alone: ICE, DTLS and SRTP by libdatachannel, which runs in threads of its own. Offer and answer
 * belong to SIP; towards the library we always are the one who answers.
 *
 * Our parameters are announced long before the far end is known. The library would let it connect meanwhile, and refuse its
 * handshake when that ends before the fingerprint is stored. So the library opens its socket last, when it knows everything:
 * what the far end sends before is lost and sent again by it, and without ICE kept for it.
 *
 * An exception in a callback of the library would end the process: each is caught here.
 */
export class WebRtcTransport implements Transport {
  /** What our description says. */
  readonly dtls: DtlsParameters;
  readonly #library: Library;
  readonly #certificate: DtlsCertificate = makeDtlsCertificate();
  readonly #options: WebRtcOptions;
  readonly #events: WebRtcEvents;
  #connection: PeerConnection | undefined;
  #track: Track | undefined;
  /** The way to a far end without ICE. */
  readonly #bare: BareDtls | undefined;
  /** Runs while a handshake without ICE is expected. */
  #handshaking: NodeJS.Timeout | undefined;
  /** The way since the far end has restarted its ICE. */
  #detour: IceDetour | undefined;
  #detourPort: number | undefined;
  /** What the far end said of ICE when the library connected. */
  #theirs: IceCredentials | undefined;
  /** Whether the far end may name other credentials for ICE: a restart of it was prepared. */
  #mayRestart = false;
  #remoteKey = '';
  #isOpen = false;
  #isClosed = false;

  private constructor(library: Library, options: WebRtcOptions, events: WebRtcEvents) {
    this.#library = library;
    this.#options = options;
    this.#events = events;
    const { bindAddress, port } = options;
    if (options.isBare) this.#bare = new BareDtls({ address: bindAddress, port });
    this.dtls = {
      fingerprint: this.#certificate.fingerprint,
      ...newCredentials(),
      candidates: hostCandidates(options.bindAddress, options.port, options.publicAddress),
    };
  }

  /** Rejects with a {CommandError} `transport-unavailable`, and where a far end without ICE is to be waited for, when that cannot be. */
  static async prepare(options: WebRtcOptions, events: WebRtcEvents): Promise<WebRtcTransport> {
    const transport = new WebRtcTransport(await load(), options, events);
    await transport.#openBare();
    return transport;
  }

  /** Who answers our offer may begin the handshake before the answer has come here, so the socket is open from the start. */
  async #openBare(): Promise<void> {
    const bare = this.#bare;
    if (bare === undefined) return;
    this.#options.releasePorts();
    await bare.open((error) => {
      this.#events.fault(error);
      if (!this.#isClosed) this.#events.failed('dtls-socket');
    });
  }

  /**
   * Names the far end. The same one again changes nothing; another one cannot take over an established connection, but after
   * `restartIce` the same one may have other credentials. `at` is where one that speaks no ICE says that it is: there another
   * certificate begins another connection (RFC 8842 §3.1), as when of several telephones that ring a second one answers.
   */
  setRemote(remote: Remote, at: Aim): void {
    const key = `${remote.iceUfrag} ${remote.fingerprint.value}`;
    if (key === this.#remoteKey && !this.#isClosed) return this.#bare?.aimAt(at);
    if (this.#mayRestart && this.#remoteKey.endsWith(` ${remote.fingerprint.value}`)) {
      this.#remoteKey = key;
      this.#mayRestart = false;
      return undefined;
    }
    if (this.#remoteKey !== '' && this.#bare === undefined) {
      const remedy = 'restart its ICE first, or end the leg and make a new one';
      throw new CommandError('invalid-request', `dtls: this leg has another far end; ${remedy}`);
    }
    // Also when this fails: the ports are no longer ours for a second attempt.
    this.#remoteKey = key;
    try {
      if (this.#bare !== undefined) this.#connectBare(this.#bare, remote, at);
      else {
        this.#theirs = { iceUfrag: remote.iceUfrag, icePwd: remote.icePwd };
        this.#connect(remote, this.#options);
      }
    } catch (error) {
      this.close();
      throw new CommandError('invalid-request', `dtls: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** The far end speaks no ICE: it is spoken between the library and us. */
  #connectBare(bare: BareDtls, remote: Remote, at: Aim): void {
    const former = this.#connection;
    this.#isOpen = false;
    this.#connection = undefined;
    former?.close();
    bare.restart(at);
    const { iceUfrag, icePwd, candidate } = bare;
    this.#connect({ ...remote, iceUfrag, icePwd, candidates: [candidate] }, this.#options);
    clearTimeout(this.#handshaking);
    this.#handshaking = setTimeout(() => this.#guard(() => this.#gaveUp()), handshakeMaxMs);
  }

  #gaveUp(): void {
    if (!this.#isOpen && !this.#isClosed) this.#events.failed('dtls-handshake');
  }

  #connect(remote: Remote, { name, bindAddress, port, ssrc, releasePorts }: WebRtcOptions): void {
    const library = this.#library;
    const { certificatePem, keyPem } = this.#certificate;
    const isBare = this.#bare !== undefined;
    const isWildcard = bindAddress === '0.0.0.0' || bindAddress === '::';
    const connection = new library.PeerConnection(name, {
      iceServers: [],
      disableAutoNegotiation: true,
      forceMediaTransport: true,
      certificatePemFile: certificatePem,
      keyPemFile: keyPem,
      ...(isBare ? { bindAddress: '127.0.0.1' } : { portRangeBegin: port, portRangeEnd: port }),
      ...(isBare || isWildcard ? {} : { bindAddress }),
    });
    this.#connection = connection;
    const audio = new library.Audio(mid, 'SendRecv');
    audio.addAudioCodec(innerPayloadType, 'PCMU/8000');
    audio.addSSRC(ssrc, mid);
    const track = connection.addTrack(audio);
    this.#track = track;
    // What a former connection still says concerns nobody.
    const guard = (action: () => void): void => {
      if (this.#connection === connection) this.#guard(action);
    };
    track.onMessage((bytes) => guard(() => this.#received(bytes)));
    track.onOpen(() => guard(() => this.#opened()));
    connection.onStateChange((state) => guard(() => this.#changed(state)));
    const candidates = isBare ? remote.candidates : askedCandidates(remote.candidates, bindAddress);
    connection.setRemoteDescription(writeOffer({ ...remote, candidates }, isBare), 'offer');
    // The library ends the whole process when it finds both ports taken.
    if (!isBare) releasePorts();
    const { iceUfrag, icePwd } = this.dtls;
    connection.setLocalDescription('answer', { iceUfrag, icePwd });
  }

  /** Whether ICE is spoken and the path is up, so that the far end may ask for another one. */
  get canRestartIce(): boolean {
    return this.#isOpen && this.#bare === undefined;
  }

  /** The port of the path since the first restart; undefined before. */
  get detourPort(): number | undefined {
    return this.#detourPort;
  }

  /**
   * Prepares another path for the same connection, on another port, which must be free. What our description says from then on; the former path goes on until
   * the far end nominates the new one. A further restart keeps the port: `openPort` is only asked for the first one.
   */
  async restartIce(openPort: () => Promise<number>): Promise<{ port: number; dtls: DtlsParameters }> {
    const { bindAddress, publicAddress } = this.#options;
    const credentials = newCredentials();
    if (this.#detour === undefined) await this.#openDetour(await openPort(), credentials);
    else this.#detour.restart(credentials);
    this.#mayRestart = true;
    const port = this.#detourPort ?? this.#options.port;
    const candidates = hostCandidates(bindAddress, port, publicAddress);
    return { port, dtls: { ...this.dtls, ...credentials, candidates } };
  }

  async #openDetour(port: number, credentials: IceCredentials): Promise<void> {
    const { bindAddress } = this.#options;
    const theirs = this.#theirs;
    if (theirs === undefined || this.#isClosed) throw new Error('there is no far end');
    const detour = new IceDetour(
      {
        bind: { address: bindAddress, port },
        library: { address: reachable(bindAddress), port: this.#options.port },
        ...{ ours: this.dtls, theirs },
        moved: (aim) => this.#events.connected(aim.address, aim.port),
        fault: (error) => this.#events.fault(error),
      },
      credentials,
    );
    await detour.open();
    if (this.#isClosed) return detour.close();
    this.#detour = detour;
    this.#detourPort = port;
  }

  sendRtp(packet: PacketBuffer, offset: number, length: number): boolean {
    return this.#send(packet.bytes, offset, length);
  }

  sendRtcp(packet: PacketBuffer, length: number): boolean {
    return this.#send(packet.bytes, 0, length);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOpen = false;
    clearTimeout(this.#handshaking);
    this.#guard(() => this.#connection?.close());
    this.#guard(() => this.#bare?.close());
    this.#guard(() => this.#detour?.close());
  }

  #send(bytes: Uint8Array, offset: number, length: number): boolean {
    const track = this.#track;
    if (!this.#isOpen || track === undefined || length > packetBytesMax) return false;
    try {
      return track.sendMessageBinary(Buffer.from(bytes.buffer, bytes.byteOffset + offset, length));
    } catch {
      // The connection has gone down; its state change follows and says so.
      this.#isOpen = false;
      return false;
    }
  }

  #received(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#events.packet(bytes);
  }

  #opened(): void {
    if (this.#isClosed) return;
    this.#isOpen = true;
    this.#bare?.settle();
    const remote = this.#bare?.remote ?? this.#connection?.getSelectedCandidatePair()?.remote;
    this.#events.connected(remote?.address ?? '0.0.0.0', remote?.port ?? 0);
  }

  #changed(state: string): void {
    if (this.#isClosed || (state !== 'failed' && state !== 'disconnected' && state !== 'closed')) return;
    this.#isOpen = false;
    this.#events.failed(`webrtc-${state}`);
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#events.fault(error);
    }
  }
}

function newCredentials(): IceCredentials {
  return {
    iceUfrag: randomBytes(iceUfragBytes).toString('base64'),
    icePwd: randomBytes(icePwdBytes).toString('base64'),
  };
}

/** An address at which a socket on this host reaches one that listens at that address. */
function reachable(bindAddress: string): string {
  if (bindAddress === '0.0.0.0') return '127.0.0.1';
  return bindAddress === '::' ? '::1' : bindAddress;
}

/** @param isLite the other side of ICE only answers, so that the library leads. */
function writeOffer({ fingerprint, iceUfrag, icePwd, candidates, setup }: Remote, isLite: boolean): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    ...(isLite ? ['a=ice-lite'] : []),
    `a=group:BUNDLE ${mid}`,
    `m=audio 9 UDP/TLS/RTP/SAVPF ${innerPayloadType}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=sendrecv',
    'a=rtcp-mux',
    `a=rtpmap:${innerPayloadType} PCMU/8000`,
    `a=ice-ufrag:${iceUfrag}`,
    `a=ice-pwd:${icePwd}`,
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
    `a=setup:${setup}`,
    ...candidates.map((candidate) => `a=candidate:${candidate}`),
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}
