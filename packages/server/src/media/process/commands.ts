import { rtpUnitsPerMs } from '@crosspoint/media';
import type {
  Empty,
  HelloResult,
  LegInfo,
  LegRemoteParams,
  LegStats,
  MediaEventBody,
  MediaMethod,
  MediaParams,
  MediaProcessStats,
  MediaResult,
} from '../protocol.ts';
import { Bridges } from './bridges.ts';
import { Chance } from '../../platform/chance/index.ts';
import { Conferences } from './conferences.ts';
import { CommandError } from './errors.ts';
import type { InbandDigits } from './inband-digits.ts';
import { LegPorts } from './leg-ports.ts';
import type { Listeners } from './listeners.ts';
import type { Listening } from './listening.ts';
import {
  isG711,
  type LegTable,
  law,
  legNamed,
  noLeg,
  noPayloadType,
  remoteState,
  rtcpChannel,
  rtpChannel,
} from './legs.ts';
import { monotonicMs, type PacketPath } from './packets.ts';
import type { Player } from './player.ts';
import type { PortPool } from './ports.ts';
import type { Recorder } from './recorder.ts';
import { recoverRecording } from './recover.ts';
import type { Reports } from './reports.ts';
import type { Rooms } from './rooms.ts';
import type { SoundLibrary } from './sounds.ts';
import { SrtpTransport } from './srtp-transport.ts';
import { WebRtcTransport } from './webrtc.ts';
import { WebRtcLegs } from './webrtc-legs.ts';

/** What the commands act on. */
export interface CommandContext {
  legs: LegTable;
  ports: PortPool;
  path: PacketPath;
  player: Player;
  recorder: Recorder;
  reports: Reports;
  rooms: Rooms;
  digits: InbandDigits;
  listening: Listening;
  listeners: Listeners;
  /** Takes a packet that came through a leg's own transport. */
  received(leg: number, bytes: Uint8Array): void;
  log(message: string): void;
  library: SoundLibrary;
  bindAddress: string;
  hello(): HelloResult;
  stats(): MediaProcessStats;
  emit(event: MediaEventBody): void;
  shutdown(): Promise<void>;
  /** Something began that needs the fast timer. */
  wake(): void;
}

const nothing: Empty = {};
/** Clock rate of Opus (RFC 7587 §4.1). */
const opusUnitsPerMs = 48;
const digitDurationMs = 100;
const digitGapMs = 80;

type Handlers = { [M in MediaMethod]: (params: MediaParams<M>) => MediaResult<M> | Promise<MediaResult<M>> };

/** The requests of the protocol, one method each. Parameters were checked already. */
export class Commands {
  readonly #context: CommandContext;
  readonly #ports: LegPorts;
  readonly #webRtc: WebRtcLegs;
  readonly #bridges: Bridges;
  readonly #conferences: Conferences;
  /** Ids whose ports are being opened. */
  readonly #allocating = new Set<string>();
  #isShuttingDown = false;
  /** Packets sent by legs that are gone. */
  #packetsSentBefore = 0;
  readonly #chance = new Chance();
  /** Latest load of a prompt per leg: an older one that ends later must not win. */
  readonly #playRequests = new Map<number, number>();
  #playRequestCount = 0;

  readonly #handlers: Handlers = {
    hello: () => this.#context.hello(),
    'leg.allocate': (params) => this.#allocate(params),
    'leg.restartIce': ({ legId }) => this.#webRtc.restartIce(this.#legOf('legId', legId), legId),
    'leg.remote': (params) => this.#remote(params),
    'leg.direction': (params) => this.#direction(params),
    'leg.bridge': (params) => this.#bridge(params),
    'leg.unbridge': ({ legId }) => {
      this.#bridges.part(this.#legOf('legId', legId));
      return nothing;
    },
    'leg.play': (params) => this.#play(params),
    'leg.stopPlaying': (params) => this.#stopPlaying(params),
    'leg.sendDigit': (params) => this.#sendDigit(params),
    'leg.listen': (params) => {
      this.#context.listening.start(this.#legOf('legId', params.legId), params, monotonicMs());
      return nothing;
    },
    'leg.stopListening': ({ legId }) => {
      this.#context.listening.stop(this.#legOf('legId', legId));
      return nothing;
    },
    'leg.mute': (params) => this.#mute(params),
    'conference.create': ({ conferenceId }) =>
      this.#conferences.create(conferenceId, this.#allocating.has(conferenceId)),
    'conference.join': (params) => this.#conferences.join(params),
    'conference.set': (params) => this.#conferences.set(params),
    'conference.leave': ({ legId }) => {
      const leg = this.#legOf('legId', legId);
      if (this.#context.rooms.conferenceOf(leg) !== noLeg) this.#context.rooms.leave(leg);
      return nothing;
    },
    'conference.end': ({ conferenceId }) => {
      this.#release(this.#conferences.indexOf(conferenceId));
      return nothing;
    },
    'leg.release': ({ legId }) => ({ stats: this.#release(this.#legOf('legId', legId)) }),
    'recording.start': async (params) => {
      await this.#context.recorder.start(params);
      this.#context.wake();
      return nothing;
    },
    'recording.attach': ({ recordingId, left, right }) => {
      this.#context.recorder.attach(recordingId, left, right);
      return nothing;
    },
    'recording.pause': ({ recordingId }) => {
      this.#context.recorder.pause(recordingId);
      return nothing;
    },
    'recording.resume': ({ recordingId }) => {
      this.#context.recorder.resume(recordingId);
      return nothing;
    },
    'recording.stop': ({ recordingId }) => this.#context.recorder.stop(recordingId),
    'recording.recover': ({ path }) => this.#recover(path),
    stats: () => this.#context.stats(),
    shutdown: async () => {
      this.#isShuttingDown = true;
      await this.#context.shutdown();
      return nothing;
    },
  };

  constructor(context: CommandContext) {
    const { legs, rooms, path, ports } = context;
    this.#context = context;
    this.#ports = new LegPorts(path, ports);
    this.#webRtc = new WebRtcLegs(context, this.#ports);
    this.#bridges = new Bridges(legs, rooms);
    this.#conferences = new Conferences(legs, rooms, this.#bridges);
  }

  /** Runs one request; rejects with a CommandError when it is refused. */
  async run(method: MediaMethod, params: unknown): Promise<unknown> {
    if (this.#isShuttingDown && method !== 'stats') {
      throw new CommandError('shutting-down', `${method}: the process is ending; use another one`);
    }
    const handler = this.#handlers[method] as (params: unknown) => unknown;
    return handler(params);
  }

  get bridgeCount(): number {
    return this.#bridges.count;
  }

  get packetsSent(): number {
    const { legs } = this.#context;
    let sum = this.#packetsSentBefore;
    for (const leg of legs.all()) sum += legs.outgoing.packets[leg] as number;
    return sum;
  }

  legList(): LegInfo[] {
    return [...this.#context.legs.all()].map((leg) => this.#legInfo(leg));
  }

  /** Since when nothing was heard of a leg: its last packet, or its beginning. */
  quietSinceMs(leg: number): number {
    const { legs } = this.#context;
    const heardAtMs = legs.heardAtMs[leg] as number;
    const sinceMs = legs.listeningSinceMs[leg] as number;
    return Number.isNaN(heardAtMs) ? sinceMs : Math.max(heardAtMs, sinceMs);
  }

  releaseOrphan(leg: number): void {
    const legId = this.#context.legs.ids[leg] as string;
    const stats = this.#release(leg);
    this.#context.emit({ event: 'leg-released', legId, reason: 'orphaned', stats });
  }

  releaseAll(): void {
    for (const leg of [...this.#context.legs.all()]) this.#release(leg);
  }

  #legOf(field: string, legId: string): number {
    return legNamed(this.#context.legs, field, legId);
  }

  async #allocate(params: MediaParams<'leg.allocate'>): Promise<MediaResult<'leg.allocate'>> {
    const { legs, reports } = this.#context;
    const { legId, address = this.#context.bindAddress } = params;
    if (legs.indexOf.has(legId) || this.#allocating.has(legId)) {
      throw new CommandError(
        'already-exists',
        `legId: ${legId} exists already; use another id or release it`,
      );
    }
    const random = this.#chance.take(10);
    const numbers = [random.readUInt32BE(0), random.readUInt16BE(4), random.readUInt32BE(6)] as const;
    const leg = legs.reserve(monotonicMs(), ...numbers);
    this.#allocating.add(legId);
    try {
      if (leg === noLeg)
        throw new CommandError('leg-limit', `${legs.capacity} legs are in use; release one first`);
      if (params.transport === 'dtls' || params.transport === 'webrtc') {
        const opened = await this.#webRtc.open(leg, params, address);
        this.#context.wake();
        return opened;
      }
      const port = await this.#ports.openPorts(leg, address);
      legs.ports[leg] = port;
      legs.addresses[leg] = address;
      reports.start(leg);
      legs.publish(leg, legId);
      this.#context.wake();
      return { address, port };
    } catch (error) {
      if (leg !== noLeg) legs.remove(leg);
      throw error;
    } finally {
      this.#allocating.delete(legId);
    }
  }

  #remote(params: LegRemoteParams): Empty {
    const { legs } = this.#context;
    const leg = this.#legOf('legId', params.legId);
    const transport = legs.transports[leg];
    if (transport instanceof WebRtcTransport) this.#webRtc.connect(transport, params);
    else this.#expect(leg, params);
    const isEncrypted = !(transport instanceof WebRtcTransport) && this.#encrypt(leg, params);
    const events = params.telephoneEventPayloadType ?? noPayloadType;
    legs.law[leg] = law[params.codec];
    legs.payloadType[leg] = params.payloadType;
    legs.receivePayloadType[leg] = params.receivePayloadType ?? params.payloadType;
    legs.eventPayloadType[leg] = events;
    legs.receiveEventPayloadType[leg] = params.receiveTelephoneEventPayloadType ?? events;
    legs.isMultiplexed[leg] = transport instanceof WebRtcTransport || params.rtcpMux ? 1 : 0;
    const packetMs = packetMsOf(params.ptimeMs);
    legs.packetMs[leg] = packetMs;
    const isPlain = isG711(law[params.codec]) && packetMs % 20 === 0;
    legs.packetTicks[leg] = isPlain ? packetMs / 20 : 0;
    legs.outgoing.unitsPerMs[leg] = params.codec === 'opus' ? opusUnitsPerMs : rtpUnitsPerMs;
    this.#applyDirection(leg, params.direction);
    this.#context.digits.update(leg);
    this.#context.rooms.update(leg);
    this.#bridges.codecChanged(leg);
    legs.remotes[leg] = params;
    legs.hasRemote[leg] = isEncrypted ? remoteState.encrypted : remoteState.known;
    return nothing;
  }

  /** Whether it may go without is settled with the description, by whoever agreed to it. */
  #encrypt(leg: number, { srtp }: LegRemoteParams): boolean {
    const { legs, path } = this.#context;
    const former = legs.transports[leg];
    if (srtp === undefined) {
      former?.close();
      legs.transports[leg] = undefined;
      return false;
    }
    const transport = former instanceof SrtpTransport ? former : new SrtpTransport(legs, path, leg);
    transport.setKeys(srtp);
    legs.transports[leg] = transport;
    return true;
  }

  #expect(leg: number, params: LegRemoteParams): void {
    const { legs, path } = this.#context;
    const address = legs.addressBook.parse(params.address) as number;
    this.#requireFamily(leg, params.address);
    const { signallingAddress } = params;
    const alternative = signallingAddress === undefined ? 0 : legs.addressBook.parse(signallingAddress);
    const isNew = legs.lock.expect(leg, address, params.port, alternative);
    if (!isNew) return;
    path.setDestination(rtpChannel(leg), address, params.port);
    path.setDestination(rtcpChannel(leg), address, params.rtcpPort ?? params.port + 1);
  }

  /** A socket of one family cannot send to the other. */
  #requireFamily(leg: number, address: string): void {
    const own = this.#context.legs.addresses[leg] as string;
    if (own.includes(':') === address.includes(':')) return;
    const message = `address: ${address} cannot be reached from ${own}; allocate a leg of the same address family`;
    throw new CommandError('invalid-request', message);
  }

  #direction({ legId, direction }: MediaParams<'leg.direction'>): Empty {
    const leg = this.#legOf('legId', legId);
    const remote = this.#context.legs.remotes[leg];
    if (remote === undefined) {
      throw new CommandError('remote-missing', `legId: ${legId} has no far end yet; send leg.remote first`);
    }
    this.#context.legs.remotes[leg] = { ...remote, direction };
    this.#applyDirection(leg, direction);
    return nothing;
  }

  /** A leg that begins to be listened to has the whole time-out to be heard. */
  #applyDirection(leg: number, direction: LegRemoteParams['direction']): void {
    const { legs } = this.#context;
    const wasListening = legs.mayReceive[leg] === 1;
    legs.setDirection(leg, direction);
    if (wasListening || legs.mayReceive[leg] !== 1) return;
    legs.listeningSinceMs[leg] = monotonicMs();
  }

  #bridge({ a, b }: MediaParams<'leg.bridge'>): Empty {
    const first = this.#legOf('a', a);
    const second = this.#legOf('b', b);
    if (first === second) throw new CommandError('invalid-request', `b: ${b} cannot be bridged with itself`);
    this.#bridges.join(first, second);
    return nothing;
  }

  async #play(params: MediaParams<'leg.play'>): Promise<MediaResult<'leg.play'>> {
    const { player, library } = this.#context;
    const leg = this.#legOf('legId', params.legId);
    const request = ++this.#playRequestCount;
    this.#playRequests.set(leg, request);
    const sound = await library.load(params.source);
    if (this.#legOf('legId', params.legId) !== leg || this.#playRequests.get(leg) !== request) {
      throw new CommandError('overtaken', `playId: ${params.playId} was overtaken by a later request`);
    }
    this.#playRequests.delete(leg);
    const { playId, source, loop = false, over = false } = params;
    const durationSeconds = player.play(leg, playId, source, sound, loop, over);
    return { durationSeconds };
  }

  #stopPlaying({ legId, playId }: MediaParams<'leg.stopPlaying'>): Empty {
    const leg = this.#legOf('legId', legId);
    if (playId === undefined) this.#playRequests.delete(leg);
    this.#context.player.stop(leg, playId, 'stopped');
    return nothing;
  }

  #sendDigit(params: MediaParams<'leg.sendDigit'>): Empty {
    const leg = this.#legOf('legId', params.legId);
    const { digits, durationMs = digitDurationMs, gapMs = digitGapMs } = params;
    if (!this.#context.player.sendDigits(leg, digits, durationMs, gapMs)) {
      throw new CommandError(
        'invalid-request',
        `legId: too many digits wait on ${params.legId}; wait for digits-sent`,
      );
    }
    return nothing;
  }

  #mute({ legId, muted }: MediaParams<'leg.mute'>): Empty {
    this.#context.legs.isMuted[this.#legOf('legId', legId)] = muted ? 1 : 0;
    return nothing;
  }

  #release(leg: number): LegStats {
    const { legs, path, ports, player, recorder, reports, rooms, listeners } = this.#context;
    this.#bridges.part(leg);
    rooms.close(leg);
    player.release(leg);
    recorder.release(leg);
    reports.bye(leg);
    rooms.release(leg);
    listeners.release(leg);
    this.#playRequests.delete(leg);
    const stats = reports.stats(leg, true);
    this.#packetsSentBefore += stats.packetsSent;
    path.closeSoon(rtpChannel(leg));
    path.closeSoon(rtcpChannel(leg));
    this.#webRtc.release(leg);
    legs.transports[leg]?.close();
    ports.give(legs.ports[leg] as number);
    legs.remove(leg);
    this.#context.emit({ event: 'leg-stats', legs: [stats] });
    return stats;
  }

  #recover(path: string): Promise<MediaResult<'recording.recover'>> {
    if (this.#context.recorder.isWriting(path)) {
      throw new CommandError('invalid-request', `path: ${path} is being recorded; stop the recording first`);
    }
    return recoverRecording(path);
  }

  #legInfo(leg: number): LegInfo {
    const { legs, player, rooms } = this.#context;
    const peer = legs.bridged[leg] as number;
    const conference = rooms.conferenceOf(leg);
    const heardAtMs = legs.heardAtMs[leg] as number;
    const { legId: _, ...remote } = legs.remotes[leg] ?? { legId: '' };
    return {
      legId: legs.ids[leg] as string,
      address: legs.addresses[leg] as string,
      port: legs.ports[leg] as number,
      remote: legs.remotes[leg] === undefined ? null : (remote as Omit<LegRemoteParams, 'legId'>),
      source: legs.lock.isLocked(leg)
        ? {
            address: legs.addressBook.format(legs.lock.lockedAddress[leg] as number),
            port: legs.lock.lockedPort[leg] as number,
          }
        : null,
      bridgedWith: peer === noLeg ? null : (legs.ids[peer] as string),
      conferenceId: conference === noLeg ? null : (legs.ids[conference] as string),
      playing: player.playing(leg),
      muted: legs.isMuted[leg] === 1,
      silentForMs: Number.isNaN(heardAtMs) ? null : Math.round(monotonicMs() - heardAtMs),
    };
  }
}

/** 10, 20 … 60 ms; anything else means 20. */
function packetMsOf(ptimeMs: number): number {
  return ptimeMs >= 10 && ptimeMs <= 60 && ptimeMs % 10 === 0 ? ptimeMs : 20;
}
