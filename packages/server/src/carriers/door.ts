import type { AgentId, ContactId, LegId, TrunkId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import type { PlaySource } from '../media/index.ts';

/**
 * The carrier door: what every carrier (native SIP, later Twilio and others) understands and reports. Right of it
 * nobody knows which carrier a leg belongs to.
 *
 * A leg is named by the shell before it exists. It ends with exactly one of `failed` (it never came up) or `ended`,
 * whoever ended it; nothing follows.
 */
export type LegReport =
  | { type: 'ringing' }
  /** The far end sends sound before it answers. */
  | { type: 'early-media' }
  /** The leg is up and its sound negotiated. */
  | { type: 'answered' }
  | { type: 'failed'; end: LegEnd }
  | { type: 'ended'; end: LegEnd }
  /** The far end put us on hold, or took us back. */
  | { type: 'held' }
  | { type: 'resumed' }
  | { type: 'digit'; digit: string }
  /** The page of an agent has gone and did not come back in time. Unless the leg is hung up now it ends by itself. */
  | { type: 'page-lost' }
  | TransferRequest;

/**
 * The far end asks to be replaced: by a new call to `target`, which then takes the place of the other leg `replaces` when
 * there is one (attended transfer). Decide within 30 s, else it is refused.
 */
export interface TransferRequest {
  type: 'transfer-requested';
  transferId: string;
  /** The number asked for. */
  target: string;
  replaces: LegId | undefined;
}

/** From a leg that should send, neither sound nor reports have come for so long; of some never any sound. */
export interface LegSilence {
  silentForMs: number;
  neverHeard: boolean;
}

/** A call from outside that wants to become a contact. */
export interface IncomingCall {
  legId: LegId;
  contactId: ContactId;
  /** What was dialled. */
  number: string;
  callerPhone: string;
  callerName: string;
  /** The carrier's own identifier: the Call-ID, the Twilio SID. */
  carrierId: string;
  /** Whose registered device calls; undefined for everybody else. Known where the number asks for it. */
  agentId?: AgentId | undefined;
  /** From whose device it seems to come, which nobody has asked to prove it. */
  seemsOf?: AgentId | undefined;
  /** How it came, as far as that is known. */
  trunkName?: string | undefined;
  /** From where the call was passed on to us, the last one last (RFC 5806, RFC 7044). */
  diversions?: readonly Diversion[] | undefined;
}

/** A call that was passed on: from which number, and why (`no-answer`, `user-busy`, `unconditional` …). */
export interface Diversion {
  number: string;
  reason: string;
}

/** An agent's device calls somebody. */
export interface DeviceCall {
  legId: LegId;
  contactId: ContactId;
  agentId: AgentId;
  /** What was dialled. */
  number: string;
  address: string;
  carrierId: string;
}

export interface CallCommand {
  legId: LegId;
  contactId: ContactId;
  /** On whose behalf; undefined: a flow or a rule sends a caller there. */
  agentId: AgentId | undefined;
  number: string;
  /** Named by whoever wants a certain trunk; the routes decide otherwise. */
  trunkId: TrunkId | undefined;
  /** The number of ours that passes its caller on to this one. */
  divertedFrom?: Diversion | undefined;
}

export interface DialCommand {
  legId: LegId;
  contactId: ContactId;
  agentId: AgentId;
  /** An endpoint of the agent, as `addressOf` named it. */
  address: string;
  callerPhone: string;
  callerName: string;
  /** The number the customer dialled, shown to the agent's device. */
  number: string;
  queueName: string;
}

/** Every command is safe for a leg that is gone: the report of its end is already on the way. */
export interface Carrier {
  readonly name: string;
  answer(legId: LegId): void;
  /** Refuses a leg that was not answered; `code` is a SIP status 400–699. No report follows. */
  reject(legId: LegId, code: number, reason: string): void;
  dial(command: DialCommand): void;
  /** Calls a number outside. */
  call(command: CallCommand): void;
  /** Tells a caller that it rings, or lets sound through before the answer. */
  progress(legId: LegId, withSound: boolean): void;
  /** Ends a leg in any state; `failed` or `ended` follows. */
  hangup(legId: LegId, code: number, reason: string): void;
  /** What `transfer-requested` asked for is done by us from now on; `endTransfer` follows. */
  takeTransfer(transferId: string, legId: LegId): void;
  /** Tells the device how the transfer went that was taken: a SIP status, 200 for a success. */
  endTransfer(transferId: string, code: number): void;
  /** Refuses what `transfer-requested` asked for; `code` is a SIP status 400–699. */
  refuseTransfer(transferId: string, code: number, reason: string): void;
  /** The carrier's own identifier of a live leg. */
  carrierIdOf(legId: LegId): string | undefined;
}

/** What a carrier needs from the centre. */
export interface CarrierEvents {
  /** Why a call to this number is not taken (404 nothing answers there, 503 no room now); undefined takes it. */
  refusal(number: string): { code: number; reason: string } | undefined;
  /** A customer's call was let in; its sound is about to be opened. */
  customerCalling(call: IncomingCall): void;
  /** Whether what answers this number treats the centre's own people differently: devices prove whose they are. */
  asksWhoCalls(number: string): boolean;
  incoming(call: IncomingCall): void;
  /** Whether that agent may call that number now, and what it is: another agent's extension, or a number outside. */
  deviceRefusal(agentId: AgentId, number: string): { code: number; reason: string } | undefined;
  /** A device's call was let in; its sound is about to be opened. */
  deviceCalling(call: DeviceCall): void;
  deviceCall(call: DeviceCall): void;
  /**
   * A telephone of that agent wants to take the place of a colleague's leg. Why it may not; undefined when it may: then a `dial` for
   * this agent into the same contact is on its way or follows.
   */
  pickUp(legId: LegId, agentId: AgentId): Promise<{ code: number; reason: string } | undefined>;
  report(legId: LegId, report: LegReport): void;
}

export type SoundCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** How packets travel: RTP on UDP, plain or with keys from the description; with DTLS; or as WebRTC (ICE and DTLS). */
export type SoundTransport = 'rtp' | 'dtls' | 'webrtc';

/** Where a leg's sound enters and leaves: one socket of a media process. */
export interface LegMedia {
  /**
   * Opens the socket of a leg; all legs of one contact live in one media process.
   * Rejects when ports or processes are exhausted.
   */
  allocate(contactId: ContactId, legId: LegId, request: SocketRequest): Promise<SoundSocket>;
  /**
   * The browser at the far end wants another path: opens one, which `setRemote` with its new credentials leads to.
   * Rejects when this leg can have none.
   */
  restartIce(legId: LegId): Promise<SoundSocket>;
  setRemote(legId: LegId, remote: RemoteSound): void;
  sendDigit(legId: LegId, digit: string): void;
  play(legId: LegId, source: PlaySource, options: { loop: boolean }): void;
  stopPlaying(legId: LegId): void;
  /** A socket that was opened under another name becomes that of this leg. */
  rename(from: LegId, to: LegId): void;
  /** The codec of the contact's first leg, so that another one may be asked for the same; undefined before it is known. */
  codecOf(contactId: ContactId): SoundCodec | undefined;
  /** Frees the socket; fine when there is none. */
  release(legId: LegId): void;
}

export interface SocketRequest {
  transport: SoundTransport;
  /** IPv4 or IPv6 address of this host. */
  bindAddress: string;
  /** WebRTC: what the far end is told besides, when this host stands behind a NAT. */
  publicAddress?: string | undefined;
}

export interface SoundSocket {
  port: number;
  /** DTLS and WebRTC: what our description says of certificate and ICE. */
  dtls?: LocalDtlsParameters | undefined;
}

/** ICE and DTLS parameters of one side (RFC 8839, RFC 8122). */
export interface LocalDtlsParameters {
  fingerprint: { algorithm: string; value: string };
  iceUfrag: string;
  icePwd: string;
  /** Values of `a=candidate` lines. */
  candidates: string[];
}

export interface RemoteDtlsParameters extends LocalDtlsParameters {
  /** Who opens the DTLS connection. */
  setup: 'active' | 'passive';
}

/** SRTP with keys from the description (RFC 4568): master key and salt of each direction, base64. */
export interface SrtpKeys {
  suite: string;
  sendKey: string;
  receiveKey: string;
}

/** What the two sides agreed on, as far as the media process needs it. */
export interface RemoteSound {
  address: string;
  port: number;
  /** Where sound may come from besides; undefined: from anywhere. */
  signallingAddress: string | undefined;
  rtcpPort: number;
  rtcpMux: boolean;
  codec: SoundCodec;
  /** Payload type of what we send. */
  payloadType: number;
  /** Payload type of what comes. */
  receivePayloadType: number;
  telephoneEventPayloadType: number | undefined;
  receiveTelephoneEventPayloadType: number | undefined;
  direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  ptimeMs: number;
  srtp: SrtpKeys | undefined;
  dtls: RemoteDtlsParameters | undefined;
}
