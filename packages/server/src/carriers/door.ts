import type { AgentId, ContactId, LegId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';

/**
 * The carrier door: what every carrier (native SIP, later Twilio and others) understands and reports. Right of it
 * nobody knows which carrier a leg belongs to.
 *
 * A leg is named by the shell before it exists. It ends with exactly one of `failed` (it never came up) or `ended`,
 * whoever ended it; nothing follows.
 */
export type LegReport =
  | { type: 'ringing' }
  /** The leg is up and its sound negotiated. */
  | { type: 'answered' }
  | { type: 'failed'; end: LegEnd }
  | { type: 'ended'; end: LegEnd }
  /** The far end put us on hold, or took us back. */
  | { type: 'held' }
  | { type: 'resumed' }
  | { type: 'digit'; digit: string };

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
  /** Ends a leg in any state; `failed` or `ended` follows. */
  hangup(legId: LegId, code: number, reason: string): void;
  /** The carrier's own identifier of a live leg. */
  carrierIdOf(legId: LegId): string | undefined;
}

/** What a carrier needs from the centre. */
export interface CarrierEvents {
  /** Why a call to this number is not taken (404 nothing answers there, 503 no room now); undefined takes it. */
  refusal(number: string): { code: number; reason: string } | undefined;
  incoming(call: IncomingCall): void;
  report(legId: LegId, report: LegReport): void;
}

export type SoundCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** How packets travel: RTP on UDP, plain or with keys from the description, or as WebRTC (ICE and DTLS). */
export type SoundTransport = 'rtp' | 'webrtc';

/** Where a leg's sound enters and leaves: one socket of a media process. */
export interface LegMedia {
  /**
   * Opens the socket of a leg; all legs of one contact live in one media process.
   * Rejects when ports or processes are exhausted.
   */
  allocate(contactId: ContactId, legId: LegId, request: SocketRequest): Promise<SoundSocket>;
  setRemote(legId: LegId, remote: RemoteSound): void;
  sendDigit(legId: LegId, digit: string): void;
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
  /** WebRTC: what our description says of certificate and ICE. */
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
