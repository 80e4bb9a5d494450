import {
  LockVerdict,
  OutgoingTable,
  ReceptionTable,
  recordedLaw,
  SourceLockTable,
  type TelephoneEventReceiver,
} from '@crosspoint/media';
import type { Codec, Direction, LegRemoteParams } from '../protocol.ts';
import { AddressBook } from './addresses.ts';
import { CommandError } from './errors.ts';
import type { Transport } from './transport.ts';

export { LockVerdict };

/** Codecs as numbers in the tables; those of G.711 come first, their laws being what recordings are made of. */
export const law = {
  PCMU: recordedLaw.ulaw,
  PCMA: recordedLaw.alaw,
  G722: 2,
  opus: 3,
} as const satisfies Record<Codec, number>;
/** What `isHeard` is made of. */
export const ears = { rooms: 1, digits: 2, detectors: 4 } as const;

/** True for the two that need nothing but a table. */
export const isG711 = (codec: number): boolean => codec <= recordedLaw.alaw;

/** Payload type number that no packet carries: the leg has negotiated no telephone events. */
export const noPayloadType = 255;
export const noLeg = -1;

/** What is known of a leg's far end. */
export const remoteState = {
  none: 0,
  known: 1,
  /** Known, and what comes through the packet path from it must be decrypted first. */
  encrypted: 2,
} as const;

/** Channel numbers of a leg's two sockets. */
export const rtpChannel = (leg: number): number => leg * 2;
export const rtcpChannel = (leg: number): number => leg * 2 + 1;

/**
 * Every leg of the process, one index each, as a structure of arrays: the packet path reads a few numbers of a
 * leg for each packet and must not chase objects for them. What is touched rarely lies in ordinary arrays.
 */
export class LegTable {
  readonly capacity: number;
  readonly indexOf = new Map<string, number>();
  readonly addressBook = new AddressBook(() => this.#usedAddresses());

  // Read for each packet.
  /** One of `remoteState`. */
  readonly hasRemote: Uint8Array;
  readonly law: Uint8Array;
  /** Payload types of what comes, and of what leaves. */
  readonly receivePayloadType: Uint8Array;
  readonly receiveEventPayloadType: Uint8Array;
  readonly payloadType: Uint8Array;
  readonly eventPayloadType: Uint8Array;
  readonly mayReceive: Uint8Array;
  readonly maySend: Uint8Array;
  readonly isMuted: Uint8Array;
  readonly isMultiplexed: Uint8Array;
  /** 1 while music, a prompt or digits replace what the peer says. */
  readonly isGenerating: Uint8Array;
  /**
   * Index of the leg to which packets are relayed, or −1: the bridged one, while a table is enough to turn what one says
   * into what the other understands.
   */
  readonly peer: Int32Array;
  /** Other ears than the peer's: a sum of `ears`. */
  readonly isHeard: Uint8Array;
  readonly heardAtMs: Float64Array;
  /** 0 while the leg is heard; 1 after `rtp-timeout`, and one more with each `sound-lost`. */
  readonly isSilent: Uint8Array;
  /** Last RTCP of the far end. */
  readonly reportedAtMs: Float64Array;
  readonly dropped: Uint32Array;
  readonly bytesReceived: Float64Array;
  /** Generated packets of G.711 are this many times 20 ms long; 0: they must be encoded or cut otherwise. */
  readonly packetTicks: Uint8Array;
  readonly lock: SourceLockTable;
  readonly reception: ReceptionTable;
  readonly outgoing: OutgoingTable;

  // Touched for commands, digits and reports.
  /** Index of the bridged leg or −1, whatever way the sound takes. */
  readonly bridged: Int32Array;
  /** Length of the packets that the far end asks for: 10, 20 … 60 ms. */
  readonly packetMs: Uint8Array;
  readonly ids: string[];
  readonly addresses: string[];
  readonly ports: Uint16Array;
  readonly remotes: (LegRemoteParams | undefined)[];
  /** Undefined: plain RTP through the packet path. */
  readonly transports: (Transport | undefined)[];
  readonly digitReceivers: (TelephoneEventReceiver | undefined)[];
  /** Since when sound is expected. */
  readonly listeningSinceMs: Float64Array;
  readonly #free: number[] = [];
  #used = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.hasRemote = new Uint8Array(capacity);
    this.law = new Uint8Array(capacity);
    this.receivePayloadType = new Uint8Array(capacity);
    this.receiveEventPayloadType = new Uint8Array(capacity);
    this.payloadType = new Uint8Array(capacity);
    this.eventPayloadType = new Uint8Array(capacity);
    this.mayReceive = new Uint8Array(capacity);
    this.maySend = new Uint8Array(capacity);
    this.isMuted = new Uint8Array(capacity);
    this.isMultiplexed = new Uint8Array(capacity);
    this.isGenerating = new Uint8Array(capacity);
    this.peer = new Int32Array(capacity).fill(noLeg);
    this.isHeard = new Uint8Array(capacity);
    this.bridged = new Int32Array(capacity).fill(noLeg);
    this.packetMs = new Uint8Array(capacity);
    this.heardAtMs = new Float64Array(capacity);
    this.isSilent = new Uint8Array(capacity);
    this.reportedAtMs = new Float64Array(capacity);
    this.dropped = new Uint32Array(capacity);
    this.bytesReceived = new Float64Array(capacity);
    this.packetTicks = new Uint8Array(capacity);
    this.lock = new SourceLockTable(capacity);
    this.reception = new ReceptionTable(capacity);
    this.outgoing = new OutgoingTable(capacity);
    this.ids = new Array<string>(capacity).fill('');
    this.addresses = new Array<string>(capacity).fill('');
    this.ports = new Uint16Array(capacity);
    this.remotes = new Array<LegRemoteParams | undefined>(capacity).fill(undefined);
    this.transports = new Array<Transport | undefined>(capacity).fill(undefined);
    this.digitReceivers = new Array<TelephoneEventReceiver | undefined>(capacity).fill(undefined);
    this.listeningSinceMs = new Float64Array(capacity);
  }

  get size(): number {
    return this.indexOf.size;
  }

  /**
   * Takes an index for a new leg, or −1 when the table is full. Nobody finds it before `publish`. The three
   * numbers begin its outgoing stream.
   */
  reserve(nowMs: number, ssrc: number, sequence: number, timestamp: number): number {
    const leg = this.#free.pop() ?? (this.#used < this.capacity ? this.#used++ : noLeg);
    if (leg === noLeg) return noLeg;
    this.hasRemote[leg] = 0;
    this.eventPayloadType[leg] = noPayloadType;
    this.receiveEventPayloadType[leg] = noPayloadType;
    this.mayReceive[leg] = 0;
    this.maySend[leg] = 0;
    this.isMuted[leg] = 0;
    this.isMultiplexed[leg] = 0;
    this.isGenerating[leg] = 0;
    this.peer[leg] = noLeg;
    this.isHeard[leg] = 0;
    this.bridged[leg] = noLeg;
    this.packetMs[leg] = 20;
    this.law[leg] = law.PCMU;
    this.heardAtMs[leg] = Number.NaN;
    this.isSilent[leg] = 0;
    this.reportedAtMs[leg] = Number.NaN;
    this.dropped[leg] = 0;
    this.bytesReceived[leg] = 0;
    this.packetTicks[leg] = 1;
    this.lock.clear(leg);
    this.reception.clear(leg);
    this.outgoing.start(leg, ssrc, sequence, timestamp);
    this.listeningSinceMs[leg] = nowMs;
    return leg;
  }

  /** Gives a reserved leg its name. */
  publish(leg: number, id: string): void {
    this.ids[leg] = id;
    this.indexOf.set(id, leg);
  }

  /** Gives an index back, published or not. The caller has ended everything that refers to it. */
  remove(leg: number): void {
    this.indexOf.delete(this.ids[leg] as string);
    this.ids[leg] = '';
    this.hasRemote[leg] = 0;
    this.remotes[leg] = undefined;
    this.transports[leg] = undefined;
    this.digitReceivers[leg] = undefined;
    this.#free.push(leg);
  }

  /** Every index in use. */
  all(): IterableIterator<number> {
    return this.indexOf.values();
  }

  *#usedAddresses(): Iterable<number> {
    for (const leg of this.all()) yield* this.lock.addressesOf(leg);
  }

  /** What was not passed on meanwhile is a pause of the stream, and no loss. */
  setDirection(leg: number, direction: Direction): void {
    const maySend = direction === 'sendrecv' || direction === 'sendonly' ? 1 : 0;
    const mayReceive = direction === 'sendrecv' || direction === 'recvonly' ? 1 : 0;
    const peer = this.peer[leg] as number;
    if (maySend !== this.maySend[leg]) this.outgoing.interrupt(leg);
    if (mayReceive !== this.mayReceive[leg] && peer !== noLeg) this.outgoing.interrupt(peer);
    this.maySend[leg] = maySend;
    this.mayReceive[leg] = mayReceive;
  }
}

/** The leg that a command names. @throws {CommandError} `unknown-leg`. */
export function legNamed(legs: LegTable, field: string, legId: string): number {
  const leg = legs.indexOf.get(legId);
  if (leg === undefined) {
    throw new CommandError('unknown-leg', `${field}: there is no leg ${legId}; allocate it first`);
  }
  return leg;
}
