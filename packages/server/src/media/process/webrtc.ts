import type * as nodeDatachannel from 'node-datachannel';
import type { PeerConnection, Track } from 'node-datachannel';
import type { DtlsParameters } from '../protocol.ts';
import { CommandError } from './errors.ts';
import type { Transport } from './transport.ts';
import type { PacketBuffer } from './packets.ts';

/** Gathering looks at our own interfaces only and takes a few milliseconds. */
const gatherTimeoutMs = 2_000;
const candidatesMax = 16;
/** The only stream of a connection. */
const mid = '0';
/** A payload type that stands in our inner description; which ones are used is agreed in SIP. */
const innerPayloadType = 0;
const udpHeaderBytes = 28;
/** Longest packet handed over: an Ethernet frame less the headers and what SRTP adds. */
const packetBytesMax = 1500 - udpHeaderBytes - 16;

export interface WebRtcOptions {
  /** Named in the library's own messages. */
  name: string;
  /** Address of this host, or the wildcard for all its interfaces. */
  bindAddress: string;
  publicAddress: string | undefined;
  port: number;
  ssrc: number;
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

type Library = typeof nodeDatachannel;
let library: Promise<Library> | undefined;

/** Loads the library when the first browser calls: a process without browsers does without its memory. */
function loadLibrary(): Promise<Library> {
  library ??= import('node-datachannel').catch((error: unknown) => {
    library = undefined;
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError('transport-unavailable', `transport: WebRTC cannot be used here (${why})`);
  });
  return library;
}

/**
 * The WebRTC side of one leg: ICE, DTLS and SRTP by libdatachannel, which runs in threads of its own. Offer and answer
 * belong to SIP; towards the library we always are the one who offers, and the far end's parameters are the answer.
 *
 * An exception in a callback of the library would end the process: each is caught here.
 */
export class WebRtcTransport implements Transport {
  readonly #connection: PeerConnection;
  readonly #track: Track;
  readonly #events: WebRtcEvents;
  #remoteKey = '';
  #isOpen = false;
  #isClosed = false;

  private constructor(connection: PeerConnection, track: Track, events: WebRtcEvents) {
    this.#connection = connection;
    this.#track = track;
    this.#events = events;
    track.onMessage((bytes) => this.#guard(() => this.#received(bytes)));
    track.onOpen(() => this.#guard(() => this.#opened()));
    connection.onStateChange((state) => this.#guard(() => this.#changed(state)));
  }

  /** Opens a connection on one of two ports; undefined when both are taken. Rejects with a CommandError. */
  static async open(
    options: WebRtcOptions,
    events: WebRtcEvents,
  ): Promise<{ transport: WebRtcTransport; dtls: DtlsParameters } | undefined> {
    const { PeerConnection: Connection, Audio } = await loadLibrary();
    const { bindAddress, port, publicAddress } = options;
    const isWildcard = bindAddress === '0.0.0.0' || bindAddress === '::';
    const connection = new Connection(options.name, {
      iceServers: [],
      disableAutoNegotiation: true,
      forceMediaTransport: true,
      portRangeBegin: port,
      portRangeEnd: port + 1,
      ...(isWildcard ? {} : { bindAddress }),
    });
    const audio = new Audio(mid, 'SendRecv');
    audio.addAudioCodec(innerPayloadType, 'PCMU/8000');
    audio.addSSRC(options.ssrc, mid);
    const track = connection.addTrack(audio);
    const transport = new WebRtcTransport(connection, track, events);
    try {
      const dtls = readParameters(await transport.#gather(), publicAddress);
      if (dtls.candidates.length > 0) return { transport, dtls };
    } catch (error) {
      transport.close();
      throw error;
    }
    transport.close();
    return undefined;
  }

  /** Resolves with our inner description once every candidate is in it. */
  #gather(): Promise<string> {
    const connection = this.#connection;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new CommandError('internal', `no ICE candidates within ${gatherTimeoutMs} ms`));
      }, gatherTimeoutMs);
      const look = (): void => {
        const description = connection.localDescription();
        if (description === null || connection.gatheringState() !== 'complete') return;
        clearTimeout(timer);
        resolve(description.sdp);
      };
      connection.onGatheringStateChange(() => this.#guard(look));
      connection.setLocalDescription('offer');
      look();
    });
  }

  /** Names the far end. The same one again changes nothing; another one cannot take over an established connection. */
  setRemote(remote: DtlsParameters & { setup: 'active' | 'passive' }): void {
    const key = `${remote.iceUfrag} ${remote.fingerprint.value}`;
    if (key === this.#remoteKey || this.#isClosed) return;
    if (this.#remoteKey !== '') {
      const remedy = 'end the leg and make a new one';
      throw new CommandError('invalid-request', `dtls: ICE cannot be restarted on this leg; ${remedy}`);
    }
    try {
      this.#connection.setRemoteDescription(writeAnswer(remote), 'answer');
      this.#remoteKey = key;
    } catch (error) {
      throw new CommandError('invalid-request', `dtls: ${error instanceof Error ? error.message : error}`);
    }
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
    this.#guard(() => this.#connection.close());
  }

  #send(bytes: Uint8Array, offset: number, length: number): boolean {
    if (!this.#isOpen || length > packetBytesMax) return false;
    try {
      return this.#track.sendMessageBinary(Buffer.from(bytes.buffer, bytes.byteOffset + offset, length));
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
    const remote = this.#connection.getSelectedCandidatePair()?.remote;
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

function readParameters(sdp: string, publicAddress: string | undefined): DtlsParameters {
  const values = (name: string): string[] =>
    sdp
      .split(/\r?\n/)
      .filter((line) => line.startsWith(`a=${name}:`))
      .map((line) => line.slice(name.length + 3).trim());
  const [algorithm = 'sha-256', value = ''] = values('fingerprint')[0]?.split(' ') ?? [];
  const candidates = values('candidate').slice(0, candidatesMax);
  return {
    fingerprint: { algorithm, value },
    iceUfrag: values('ice-ufrag')[0] ?? '',
    icePwd: values('ice-pwd')[0] ?? '',
    candidates: withPublicAddress(candidates, publicAddress),
  };
}

/** RFC 8839 §5.1: a copy of the first host candidate with the address that the NAT maps to it, tried first. */
function withPublicAddress(candidates: string[], publicAddress: string | undefined): string[] {
  const fields = candidates[0]?.split(' ');
  if (publicAddress === undefined || fields === undefined) return candidates;
  if (candidates.some((candidate) => candidate.split(' ')[4] === publicAddress)) return candidates;
  const [, component, protocol, priority, , ...rest] = fields;
  const higher = String(Number(priority) + 256);
  return [['public', component, protocol, higher, publicAddress, ...rest].join(' '), ...candidates];
}

function writeAnswer(remote: DtlsParameters & { setup: string }): string {
  const { fingerprint, iceUfrag, icePwd, candidates, setup } = remote;
  return [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
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
    // Names (`….local`) hide a browser's addresses from us; it finds us, and is known by what it sends.
    ...candidates
      .filter((candidate) => !/\.local\b/i.test(candidate))
      .map((candidate) => `a=candidate:${candidate}`),
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}
