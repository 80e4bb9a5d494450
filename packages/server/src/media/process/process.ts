import { randomBytes, randomUUID } from 'node:crypto';
import {
  type HelloResult,
  type MediaEventBody,
  type MediaProcessStats,
  mediaProtocolVersion,
} from '../protocol.ts';
import { Commands } from './commands.ts';
import { Codecs } from './codecs.ts';
import { ControlServer } from './control.ts';
import { InbandDigits } from './inband-digits.ts';
import { LegTable } from './legs.ts';
import { Listeners } from './listeners.ts';
import { Listening } from './listening.ts';
import { openPacketPath } from './open-packets.ts';
import { Outlet } from './outlet.ts';
import { monotonicMs, type PacketBuffer, type PacketHandler, type PacketPath } from './packets.ts';
import { Player } from './player.ts';
import { PortPool } from './ports.ts';
import { Recorder } from './recorder.ts';
import { RecordingDurability } from './recording-durability.ts';
import { Mp3Disk } from './recording-mp3-disk.ts';
import { WavDisk } from './recording-wav-disk.ts';
import { Relay } from './relay.ts';
import { Reports } from './reports.ts';
import { Rooms } from './rooms.ts';
import type { MediaSettings } from './settings.ts';
import { SoundLibrary } from './sounds.ts';

/** Legs of one process at most, whatever the port range: it bounds the tables. */
const legsMax = 8192;
/** A digit that is sent anew, because its event cannot be relayed. */
const digitGapMs = 60;
const clampDigitMs = (durationMs: number): number => Math.min(Math.max(durationMs, 60), 1_000);
/** Recordings are flushed and digits expire in this rhythm while there are any. */
const fastMs = 100;

/** One media process: its parts, and the two timers that look after them. */
export class MediaProcess {
  readonly instanceId = randomUUID();
  readonly #settings: MediaSettings;
  readonly #startedAtMs = Date.now();
  readonly #legs: LegTable;
  readonly #ports: PortPool;
  readonly #recorder: Recorder;
  readonly #durability: RecordingDurability;
  readonly #relay: Relay;
  readonly #control: ControlServer;
  readonly #log: (message: string) => void;
  readonly #onEnd: () => void;
  #path!: PacketPath;
  #player!: Player;
  #reports!: Reports;
  #rooms!: Rooms;
  #digits!: InbandDigits;
  #listening!: Listening;
  #commands!: Commands;
  #fastTimer: NodeJS.Timeout | undefined;
  #secondTimer: NodeJS.Timeout | undefined;
  #second = 0;
  #hasEnded = false;

  /** @param onEnd called once, when the process has closed everything and may exit */
  constructor(settings: MediaSettings, log: (message: string) => void, onEnd: () => void) {
    this.#settings = settings;
    this.#log = log;
    this.#onEnd = onEnd;
    this.#ports = new PortPool(settings.rtpPortMin, settings.rtpPortMax, settings.rtpPortFirst);
    this.#legs = new LegTable(Math.min(legsMax, Math.max(1, this.#ports.size)));
    const emit = (event: MediaEventBody): void => this.#control.emit(event);
    // Nothing is recorded before the path is open.
    const durability = new RecordingDurability(
      () => this.#path.syncFileSystem,
      (failure) => {
        const refused = `recordings cannot be brought to the disk (${failure}); a power cut would take more than a second: check it`;
        log(failure === null ? 'no recording waits any more for the disk to take it' : refused);
        emit({ event: 'recordings-unsecured', failure });
      },
    );
    this.#durability = durability;
    const wav = durability.watch(new WavDisk(() => this.#path.writeFile));
    const mp3 = durability.watch(new Mp3Disk());
    this.#recorder = new Recorder(this.#legs, emit, { wav, mp3 }, () => durability.secure());
    this.#relay = new Relay(
      this.#legs,
      this.#recorder,
      emit,
      (...report) => this.#reports.receive(...report),
      (leg, digit, durationMs) => this.#player.sendDigits(leg, digit, clampDigitMs(durationMs), digitGapMs),
    );
    this.#control = new ControlServer((method, params) => this.#commands.run(method, params), log);
  }

  /** Opens the packet path and the control socket. Rejects with the reason when one of them cannot be had. */
  async start(): Promise<void> {
    const settings = this.#settings;
    const legs = this.#legs;
    const onPacket: PacketHandler = (channel, packet, length, address, port, nowMs) =>
      this.#receive(channel, packet, length, address, port, nowMs);
    this.#path = await openPacketPath(
      settings.packets,
      legs.capacity * 2,
      legs.addressBook,
      onPacket,
      this.#log,
    );
    const outlet = new Outlet(legs, this.#path);
    const codecs = new Codecs(this.#log);
    this.#rooms = new Rooms(legs, outlet, this.#recorder, codecs);
    this.#recorder.onListenersChanged = (leg) => this.#rooms.update(leg);
    const emit = (event: MediaEventBody): void => this.#control.emit(event);
    this.#digits = new InbandDigits(legs, emit);
    this.#listening = new Listening(legs, emit);
    const listeners = new Listeners(legs, codecs, this.#digits, this.#listening);
    this.#relay.attach(this.#path, outlet, this.#rooms, listeners);
    const library = new SoundLibrary();
    this.#player = new Player(legs, outlet, this.#rooms, library, emit);
    // The canonical name shall not tell the host's name to strangers (RFC 7022 §4.2).
    this.#reports = new Reports(legs, this.#path, outlet, randomBytes(12).toString('base64'), emit);
    this.#commands = new Commands({
      legs,
      ports: this.#ports,
      path: this.#path,
      player: this.#player,
      recorder: this.#recorder,
      reports: this.#reports,
      rooms: this.#rooms,
      digits: this.#digits,
      listening: this.#listening,
      listeners,
      received: (leg, bytes) => this.#receiveFromTransport(leg, bytes),
      log: this.#log,
      library,
      bindAddress: settings.bindAddress,
      hello: () => this.#hello(),
      stats: () => this.#stats(),
      emit,
      shutdown: () => this.end(),
      wake: () => this.#wake(),
    });
    await this.#control.listen(settings.socketPath);
    this.#secondTimer = setInterval(() => this.#everySecond(), 1000);
    this.#log(`ready: packets by ${this.#path.name}, ${this.#ports.size} legs at most`);
  }

  /** Ends everything in order: recordings, legs, sockets. Idempotent. */
  async end(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    await this.#recorder.stopAll();
    this.#commands.releaseAll();
    clearInterval(this.#secondTimer);
    clearInterval(this.#fastTimer);
    this.#player.stopTimer();
    this.#rooms.stop();
    this.#path.stop();
    // One turn, so that the reply to `shutdown` is written before its socket ends.
    setImmediate(() => {
      this.#control.close();
      this.#onEnd();
    });
  }

  #receiveFromTransport(leg: number, bytes: Uint8Array): void {
    this.#relay.handleFromTransport(leg, bytes, monotonicMs());
  }

  #receive(
    channel: number,
    packet: PacketBuffer,
    length: number,
    address: number,
    port: number,
    nowMs: number,
  ): void {
    try {
      this.#relay.handle(channel, packet, length, address, port, nowMs);
    } catch (error) {
      // A bug met by one packet costs this packet, never the other calls of the process.
      this.#log(
        `packet on channel ${channel}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }

  /** The fast timer runs only while something needs it, so that an idle process sleeps. */
  #wake(): void {
    this.#fastTimer ??= setInterval(() => {
      const nowMs = monotonicMs();
      this.#recorder.flushDue(nowMs);
      this.#relay.expireDigits(nowMs);
      this.#listening.tick(nowMs);
      this.#digits.expire(nowMs);
      this.#relay.guardSources(nowMs);
      if (this.#legs.size > 0 || this.#recorder.size > 0) return;
      clearInterval(this.#fastTimer);
      this.#fastTimer = undefined;
    }, fastMs);
  }

  #everySecond(): void {
    this.#second++;
    const nowMs = monotonicMs();
    this.#reports.run(this.#second);
    this.#findSilentLegs(nowMs);
    if (this.#second % 5 === 0 && this.#recorder.size > 0) {
      this.#control.emit({ event: 'recording-progress', recordings: this.#recorder.summaries() });
    }
    const aloneSinceMs = this.#control.aloneSinceMs;
    if (aloneSinceMs !== undefined) this.#lookAfterOrphans(nowMs, nowMs - aloneSinceMs);
  }

  #findSilentLegs(nowMs: number): void {
    const legs = this.#legs;
    const timeoutMs = this.#settings.rtpTimeoutSeconds * 1000;
    for (const leg of legs.all()) {
      if (legs.hasRemote[leg] === 0 || legs.mayReceive[leg] !== 1) continue;
      const silentForMs = Math.round(nowMs - this.#commands.quietSinceMs(leg));
      if (silentForMs < timeoutMs) continue;
      const legId = legs.ids[leg] as string;
      if (legs.isSilent[leg] === 0) {
        legs.isSilent[leg] = 1;
        this.#control.emit({ event: 'rtp-timeout', legId, silentForMs, neverHeard: this.#isUnheard(leg) });
      }
      this.#findLostLeg(leg, silentForMs, nowMs);
    }
  }

  /** Raised again after each further time-out, because whoever hears it may have had reason to wait. */
  #findLostLeg(leg: number, silentForMs: number, nowMs: number): void {
    const legs = this.#legs;
    const reportedAtMs = legs.reportedAtMs[leg] as number;
    const lostForMs = Number.isNaN(reportedAtMs) ? silentForMs : Math.min(silentForMs, nowMs - reportedAtMs);
    const times = Math.min(200, Math.floor(lostForMs / (this.#settings.soundTimeoutSeconds * 1000)));
    if (times < (legs.isSilent[leg] as number)) return;
    legs.isSilent[leg] = times + 1;
    this.#control.emit({
      event: 'sound-lost',
      legId: legs.ids[leg] as string,
      silentForMs: Math.round(lostForMs),
      neverHeard: this.#isUnheard(leg),
    });
  }

  #isUnheard(leg: number): boolean {
    return Number.isNaN(this.#legs.heardAtMs[leg]);
  }

  #lookAfterOrphans(nowMs: number, aloneMs: number): void {
    const { orphanExitSeconds, orphanLegSilenceSeconds } = this.#settings;
    const silenceMs = orphanLegSilenceSeconds * 1000;
    if (aloneMs >= silenceMs) {
      for (const leg of [...this.#legs.all()]) {
        if (this.#rooms.isOccupied(leg)) continue;
        if (nowMs - this.#commands.quietSinceMs(leg) >= silenceMs) this.#commands.releaseOrphan(leg);
      }
    }
    if (aloneMs < orphanExitSeconds * 1000 || this.#legs.size > 0) return;
    this.#log(`nobody has asked for this process for ${orphanExitSeconds} s and it has no call; it ends`);
    this.end().catch((error: unknown) => this.#log(`ending failed: ${String(error)}`));
  }

  #hello(): HelloResult {
    return {
      protocolVersion: mediaProtocolVersion,
      processId: process.pid,
      instanceId: this.instanceId,
      packetPath: this.#path.name,
      startedAtMs: this.#startedAtMs,
      lastSequence: this.#control.lastSequence,
      legs: this.#commands.legList(),
      recordings: this.#recorder.list(),
      recordingsUnsecured: this.#durability.failure,
    };
  }

  #stats(): MediaProcessStats {
    const cpu = process.cpuUsage();
    const { received, relayed, dropped } = this.#relay.counters;
    const latePackets = this.#player.latePackets;
    this.#player.latePackets = 0;
    return {
      processId: process.pid,
      packetPath: this.#path.name,
      uptimeSeconds: process.uptime(),
      legs: this.#legs.size,
      bridges: this.#commands.bridgeCount,
      recordings: this.#recorder.size,
      plays: this.#player.size,
      packetsReceived: received,
      packetsSent: this.#commands.packetsSent,
      packetsRelayed: relayed,
      packetsDropped: dropped,
      sendsFailed: this.#path.sendsFailed,
      pacerLatePackets: latePackets,
      recordingBytesLost: this.#recorder.lostBytes,
      portsFree: this.#ports.free,
      cpuUserMicroseconds: cpu.user,
      cpuSystemMicroseconds: cpu.system,
      residentBytes: process.memoryUsage.rss(),
    };
  }
}
