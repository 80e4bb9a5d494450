/**
 * The protocol between the control process and a media process.
 *
 * Frames are single lines of JSON (NDJSON, at most `mediaFrameBytesMax` bytes) over a unix socket of mode 0600.
 * The control process sends requests `{id, method, params}`; the media process answers each with
 * `{id, ok:true, result}` or `{id, ok:false, error}` and sends events `{sequence, event, …}` in between. A request
 * without an id is a command whose success nobody waits for: it is not answered, its failure is the event
 * `command-failed`. Requests and commands are carried out in the order in which they come.
 * The first request of a connection is `hello`; the newest connection that said hello is the controller, an
 * older one is closed. Losing the connection changes nothing in the media process: bridges, music and
 * recordings go on, and `hello` lists what is there so that a new control process can adopt it.
 */

import type {
  AnsweringMachineOptions,
  AnsweringMachineVerdict,
  MessageReady,
  SpeechDetectorOptions,
} from '@crosspoint/media';

/** Raised when a change is not understood by the other side; both sides must agree exactly. */
export const mediaProtocolVersion = 5;

/** Longest line either side accepts, in bytes. */
export const mediaFrameBytesMax = 4 * 1024 * 1024;

/** Legs, recordings and plays are named by the caller: 1–64 characters of `A–Z a–z 0–9 . _ : -`. */
export const mediaIdPattern = /^[A-Za-z0-9._:-]{1,64}$/;

export type Codec = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/**
 * How a leg's packets travel: RTP on UDP, plain or encrypted with keys from the description; DTLS-SRTP as telephones speak it, without
 * ICE; or ICE and DTLS-SRTP as browsers do.
 */
export type Transport = 'rtp' | 'dtls' | 'webrtc';

/** Seen from us, as in our own SDP: `sendonly` means that we send to this leg and ignore what it sends. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export type Digit =
  | '0'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | '*'
  | '#'
  | 'A'
  | 'B'
  | 'C'
  | 'D';

export type PlaySource =
  /** The generated music on hold, or a file (see `file`) in its place; a leg hears it go on where it stopped the last time. */
  | { kind: 'music'; path?: string }
  /** Ringback tone of the European plan: 425 Hz, 1 s on, 4 s off. */
  | { kind: 'ringback' }
  | { kind: 'silence'; durationMs?: number }
  /** One to four frequencies of 20–3,900 Hz, on and off in turn. Without `offMs` the tone is continuous. */
  | { kind: 'tone'; frequenciesHz: number[]; levelDbm0?: number; onMs: number; offMs?: number }
  /** A WAV file (PCM 16 bit, G.711 µ or A; any rate from 8 to 48 kHz) or raw G.711 µ (`.ulaw`, `.ul`, `.pcmu`). */
  | { kind: 'file'; path: string }
  /** One to 64 such files, one after the other without a gap: a sentence made of pieces. */
  | { kind: 'sequence'; paths: string[] };

export interface LegAllocateParams {
  legId: string;
  /** IPv4 or IPv6 address to bind and to announce; the process's own `bindAddress` without it. */
  address?: string;
  /** `rtp` without it. */
  transport?: Transport;
  /** WebRTC: announced as one more candidate, for a host behind a NAT that keeps ports. */
  publicAddress?: string;
}

export interface LegAllocateResult {
  address: string;
  /** Even RTP port; RTCP is on `port + 1` unless the leg is multiplexed. */
  port: number;
  /** DTLS and WebRTC: what our description must say. */
  dtls?: DtlsParameters;
}

/** ICE and DTLS parameters of one side (RFC 8839, RFC 8122). */
export interface DtlsParameters {
  fingerprint: { algorithm: string; value: string };
  iceUfrag: string;
  icePwd: string;
  /** Values of `a=candidate` lines; at most 64. */
  candidates: string[];
}

/** SRTP with keys from the description (RFC 4568): master key and salt of each direction together, base64. */
export interface SrtpParameters {
  /** `AES_CM_128_HMAC_SHA1_80` and the like. */
  suite: string;
  sendKey: string;
  receiveKey: string;
}

export interface LegRemoteParams {
  legId: string;
  /** From the SDP of the far end. A private or wrong address is corrected by source lock-in. */
  address: string;
  port: number;
  /**
   * Of its signalling: sound comes from there or from `address`, and from nowhere else. Absent: from anywhere, as when it
   * stands behind a NAT that hides both, or is encrypted and proves itself.
   */
  signallingAddress?: string;
  codec: Codec;
  /** RTP payload type of `codec` in what we send, 0–127. */
  payloadType: number;
  /** The same in what comes; `payloadType` without it. */
  receivePayloadType?: number;
  /** RTP payload type of RFC 4733 events; absent: digits are neither sent nor received as events. */
  telephoneEventPayloadType?: number;
  receiveTelephoneEventPayloadType?: number;
  direction: Direction;
  /** Packet length that the far end asks for; generated sound honours 20, 40 and 60, anything else means 20. */
  ptimeMs: number;
  rtcpMux: boolean;
  /** From `a=rtcp`; `port + 1` without it. */
  rtcpPort?: number;
  /** Absent: not encrypted, or by DTLS. */
  srtp?: SrtpParameters;
  /**
   * The far end of a DTLS or WebRTC leg; `setup` says whether it opens the DTLS connection (`active`) or we do. Without ICE it is at
   * `address` and `port` or wherever its handshake comes from, and the parameters of ICE are empty.
   */
  dtls?: DtlsParameters & { setup: 'active' | 'passive' };
}

/** How a leg takes part in a conference. */
export interface PartyParams {
  /** Loudness with which it is heard, 0–8; 1 (unchanged) at first. */
  gain?: number;
  /** True: it hears and is not heard. */
  muted?: boolean;
  /**
   * `listen` hears everybody unheard, `whisper` is heard by the named leg only, `barge` by everybody; null makes an ordinary
   * party of it.
   */
  supervision?: { mode: 'listen' | 'whisper' | 'barge'; legId: string } | null;
}

/** Stereo at 8,000 Hz: 16-bit PCM (32 kB per second), or MP3 of 32 kbit/s (4 kB, and a hundred times the CPU). */
export type RecordingFormat = 'wav' | 'mp3';

export interface RecordingStartParams {
  recordingId: string;
  /** Absolute path of the file; its folder is created with mode 0700, an existing file is refused unless it is continued. */
  path: string;
  /** `wav` when absent. */
  format?: RecordingFormat;
  /** Leg heard on the left channel (customer); null leaves the channel silent for now. */
  left: string | null;
  /** Leg heard on the right channel (agent). */
  right?: string | null;
  /**
   * So long after its beginning the recording goes on in the file that a process which died has left, 0–133,000,000
   * (37 hours); what lies between is silence. A file that was never created is created.
   */
  continueAfterMs?: number;
}

export interface RecordingSummary {
  recordingId: string;
  path: string;
  durationSeconds: number;
  /** Size of the file, header included. */
  bytes: number;
}

export type RecordingState = 'recording' | 'paused' | 'stalled';

export interface RecordingInfo extends RecordingSummary {
  state: RecordingState;
  left: string | null;
  right: string | null;
}

export interface LegInfo {
  legId: string;
  address: string;
  port: number;
  /** What `leg.remote` said last; null before it. */
  remote: Omit<LegRemoteParams, 'legId'> | null;
  /** The source that sound really comes from, once locked. */
  source: { address: string; port: number } | null;
  bridgedWith: string | null;
  conferenceId: string | null;
  playing: { playId: string; source: PlaySource } | null;
  muted: boolean;
  /** Milliseconds since the last RTP packet was accepted; null if there was none. */
  silentForMs: number | null;
}

/** Quality of one leg since its allocation (RFC 3550 §6.4, A.3, A.8). */
export interface LegStats {
  legId: string;
  packetsReceived: number;
  packetsSent: number;
  bytesReceived: number;
  bytesSent: number;
  /** Expected minus received; may be negative when packets are repeated. */
  packetsLost: number;
  /** Refused by lock-in, unknown payload type, malformed or not wanted by the direction. */
  packetsDropped: number;
  jitterMs: number;
  /** From the far end's reports about our sound; null before the first one. */
  remotePacketsLost: number | null;
  remoteJitterMs: number | null;
  roundTripMs: number | null;
  /** Judgement of both directions together (ITU-T G.107); null before there is anything to judge. */
  quality: {
    codec: Codec;
    /** 1.00–4.50. */
    mos: number;
    /** 0–100. */
    rFactor: number;
    lossPercent: number;
    jitterMs: number;
    roundTripMs: number | null;
  } | null;
  /** Last figures of this leg: it has been released. */
  final: boolean;
}

export interface HelloParams {
  protocolVersion: number;
  /** Name for the log of the media process. */
  client: string;
  /** Repeat kept events with a higher sequence (at most the last 1,000); null: only new ones. */
  resumeAfterSequence: number | null;
}

export interface HelloResult {
  protocolVersion: number;
  processId: number;
  /** Names this run of the process: another one means that every leg of the former is gone. */
  instanceId: string;
  packetPath: 'koffi' | 'dgram';
  startedAtMs: number;
  lastSequence: number;
  legs: LegInfo[];
  recordings: RecordingInfo[];
  /** As in the event `recordings-unsecured`; a process that an older server has started does not say. */
  recordingsUnsecured?: string | null;
}

export interface MediaProcessStats {
  processId: number;
  packetPath: 'koffi' | 'dgram';
  uptimeSeconds: number;
  legs: number;
  bridges: number;
  recordings: number;
  plays: number;
  packetsReceived: number;
  packetsSent: number;
  packetsRelayed: number;
  packetsDropped: number;
  /** Sends that the kernel refused (buffer full, no route, far port closed). */
  sendsFailed: number;
  /** Packets of the 20 ms pacer that left more than 20 ms late since the last call. */
  pacerLatePackets: number;
  /** Recording bytes given up because the disk did not keep up or was full. */
  recordingBytesLost: number;
  portsFree: number;
  cpuUserMicroseconds: number;
  cpuSystemMicroseconds: number;
  residentBytes: number;
}

/** What to listen for; at least one of the four. */
export interface ListenParams {
  legId: string;
  speech?: SpeechDetectorOptions;
  tones?: ('beep' | 'fax-calling' | 'fax-answer')[];
  /** Ends by itself with the verdict, or for a machine when a message may be left. */
  answeringMachine?: AnsweringMachineOptions;
  /** What is said itself, as `sound-heard`. */
  sound?: boolean;
}

/** Every request: its parameters and its result. */
export interface MediaMethods {
  hello: { params: HelloParams; result: HelloResult };
  'leg.allocate': { params: LegAllocateParams; result: LegAllocateResult };
  /**
   * WebRTC: the far end wants another path (RFC 8839 §4.4.1.1.1). Opens one beside the former, with the same certificate, and answers with what our
   * description has to say; `leg.remote` then names the far end's new credentials. The former path is used until the far end
   * has chosen the new one.
   */
  'leg.restartIce': { params: { legId: string }; result: LegAllocateResult };
  'leg.remote': { params: LegRemoteParams; result: Empty };
  'leg.direction': { params: { legId: string; direction: Direction }; result: Empty };
  /** Connects two legs both ways. A leg that was bridged elsewhere leaves that bridge. */
  'leg.bridge': { params: { a: string; b: string }; result: Empty };
  /** Both legs of the bridge become silent; fine when there is none. */
  'leg.unbridge': { params: { legId: string }; result: Empty };
  /**
   * Heard instead of the bridged leg until it ends or is stopped; replaces what was playing. With `over` what is playing
   * (music) goes on beneath it, steps back while it speaks, and returns afterwards.
   */
  'leg.play': {
    params: { legId: string; playId: string; source: PlaySource; loop?: boolean; over?: boolean };
    /** Length of one pass; null for music and endless tones. */
    result: { durationSeconds: number | null };
  };
  /** Fine when nothing plays. With a `playId` only that play is stopped. */
  'leg.stopPlaying': { params: { legId: string; playId?: string }; result: Empty };
  /** One to 32 digits, as RFC 4733 events or, without a negotiated payload type, as tones in the sound. */
  'leg.sendDigit': {
    params: { legId: string; digits: string; durationMs?: number; gapMs?: number };
    result: Empty;
  };
  /**
   * Listens to what a leg says and raises `speech-changed`, `tone`, `answered-by`, `message-ready` and `sound-heard`;
   * replaces what listened before. Times count from this request; sound that does not come is silence.
   */
  'leg.listen': { params: ListenParams; result: Empty };
  /** Fine when nothing listens. */
  'leg.stopListening': { params: { legId: string }; result: Empty };
  /** What a muted leg says reaches neither its peer nor a recording; its peer hears silence. */
  'leg.mute': { params: { legId: string; muted: boolean }; result: Empty };
  /** Ends bridge, play and its part in recordings; recordings themselves go on. */
  'leg.release': { params: { legId: string }; result: { stats: LegStats } };
  /**
   * Opens a conference. Its id also stands for everything that is heard in it: it can be recorded (`recording.start`,
   * `recording.attach`) and played to (`leg.play`, heard by everybody) like a leg.
   */
  'conference.create': { params: { conferenceId: string }; result: Empty };
  /** The leg leaves its bridge or its former conference; who was bridged with it becomes silent. */
  'conference.join': { params: { conferenceId: string; legId: string } & PartyParams; result: Empty };
  /** Changes what is named and leaves the rest, without a gap in the sound. */
  'conference.set': { params: { legId: string } & PartyParams; result: Empty };
  /** Fine when the leg is in no conference. */
  'conference.leave': { params: { legId: string }; result: Empty };
  /** Its parties become silent; a recording of it goes on without sound. */
  'conference.end': { params: { conferenceId: string }; result: Empty };
  'recording.start': { params: RecordingStartParams; result: Empty };
  /** Changes who is heard where from now on, in the same file; null silences a channel. */
  'recording.attach': {
    params: { recordingId: string; left?: string | null; right?: string | null };
    result: Empty;
  };
  /** Writes silence of the true length until resumed. */
  'recording.pause': { params: { recordingId: string }; result: Empty };
  'recording.resume': { params: { recordingId: string }; result: Empty };
  /** Answers when the file is complete and flushed to the disk. */
  'recording.stop': { params: { recordingId: string }; result: RecordingSummary };
  /** Repairs the header of a file that a crash left behind. */
  'recording.recover': {
    params: { path: string };
    result: { durationSeconds: number; bytes: number; repaired: boolean };
  };
  stats: { params: Empty; result: MediaProcessStats };
  /** Closes recordings, releases every leg, answers, and ends the process. */
  shutdown: { params: Empty; result: Empty };
}

export type Empty = Record<string, never>;
export type MediaMethod = keyof MediaMethods;
export type MediaParams<M extends MediaMethod> = MediaMethods[M]['params'];
export type MediaResult<M extends MediaMethod> = MediaMethods[M]['result'];

export type PlayEndReason = 'finished' | 'stopped' | 'replaced' | 'released';

/** Every event, before it gets its sequence number. */
export type MediaEventBody =
  /** A command without an id was refused; `legId` is that of its parameters, if it has one. */
  | { event: 'command-failed'; method: MediaMethod; legId: string | null; error: MediaErrorBody }
  | { event: 'digit'; legId: string; digit: Digit; durationMs: number }
  | { event: 'digits-sent'; legId: string; digits: string }
  /** `atMs`, here and below: since `leg.listen`; it became known a little later. */
  | { event: 'speech-changed'; legId: string; state: 'speech' | 'silence'; atMs: number }
  /**
   * 100 ms of it, linear at 8,000 Hz: 16 bit, little endian, base64. A control process that does not read in time misses some;
   * `atMs` tells what.
   */
  | { event: 'sound-heard'; legId: string; atMs: number; sound: string }
  | {
      event: 'tone';
      legId: string;
      tone: 'beep' | 'fax-calling' | 'fax-answer';
      frequencyHz: number;
      atMs: number;
      durationMs: number;
    }
  | ({ event: 'answered-by'; legId: string } & Omit<AnsweringMachineVerdict, 'type'>)
  /** The machine's greeting is over. */
  | ({ event: 'message-ready'; legId: string } & Omit<MessageReady, 'type'>)
  | { event: 'play-ended'; legId: string; playId: string; reason: PlayEndReason }
  /** First sound of a leg, or the first after a time-out. */
  | { event: 'rtp-started'; legId: string; address: string; port: number }
  /** A leg that should send (`sendrecv`, `recvonly`) was silent for `silentForMs`; raised once until it returns. */
  | { event: 'rtp-timeout'; legId: string; silentForMs: number; neverHeard: boolean }
  /**
   * Neither sound nor RTCP from a leg that should send, for `sound-timeout-seconds`; raised again after each further such
   * time. The far end is gone, whatever the signalling believes.
   */
  | { event: 'sound-lost'; legId: string; silentForMs: number; neverHeard: boolean }
  /** The source moved to another address or port by the lock-in rules. */
  | { event: 'source-changed'; legId: string; address: string; port: number }
  /** WebRTC: ICE and DTLS are up. */
  | { event: 'transport-connected'; legId: string; address: string; port: number }
  /** WebRTC: the connection is lost for good, or never came up; the leg has no sound any more. */
  | { event: 'transport-failed'; legId: string; reason: string }
  /** RTCP BYE: the far end stopped sending. */
  | { event: 'rtcp-bye'; legId: string; reason: string | null }
  /** Every second of a leg's first ten and every 5 s from then on, in batches, and once with `final` at release. */
  | { event: 'leg-stats'; legs: LegStats[] }
  /** Released by the process itself: no control connection and no sound for a long time. */
  | { event: 'leg-released'; legId: string; reason: 'orphaned'; stats: LegStats }
  /** Every 5 s, in batches. */
  | { event: 'recording-progress'; recordings: RecordingSummary[] }
  /** The disk refuses or does not keep up; the call and the attempt to write go on. */
  | { event: 'recording-failed'; recordingId: string; code: RecordingFailure; message: string }
  /** Writing works again; what was lost in between is silence of the true length. */
  | { event: 'recording-resumed'; recordingId: string; lostSeconds: number }
  /** Why what is recorded cannot be brought to the medium, so that a power cut would take it; null: it can again, or nothing is recorded. */
  | { event: 'recordings-unsecured'; failure: string | null }
  /** Last event of a connection: another control process has said hello. Do not come back by yourself. */
  | { event: 'superseded'; client: string }
  | ({ event: 'recording-closed'; complete: boolean } & RecordingSummary);

/** `sequence` grows by one; events are kept for `resumeAfterSequence` except the periodic ones. */
export type MediaEvent = MediaEventBody & { sequence: number };

export type MediaEventName = MediaEvent['event'];
export type MediaEventOf<N extends MediaEventName> = Extract<MediaEvent, { event: N }>;

export type RecordingFailure = 'disk-full' | 'disk-slow' | 'disk-error';

export type MediaErrorCode =
  | 'protocol-version'
  | 'not-introduced'
  | 'invalid-request'
  | 'unknown-method'
  | 'unknown-leg'
  | 'unknown-recording'
  | 'unknown-conference'
  | 'already-exists'
  | 'ports-exhausted'
  | 'address-unavailable'
  | 'leg-limit'
  /** So many legs are listened to for somebody else already. */
  | 'listening-limit'
  /** The library that this needs does not load on this machine. */
  | 'transport-unavailable'
  | 'recording-limit'
  | 'remote-missing'
  | 'file-unreadable'
  | 'file-unsupported'
  | 'recording-unwritable'
  /** A sound was still being loaded when another one, a stop or the end of the leg came. */
  | 'overtaken'
  | 'shutting-down'
  | 'internal'
  /** Raised by the client itself: no connection, or no reply in time. */
  | 'disconnected'
  | 'timeout';

export interface MediaErrorBody {
  code: MediaErrorCode;
  /** Names field, value and remedy. */
  message: string;
}

export type MediaRequest = {
  [M in MediaMethod]: { id: number; method: M; params: MediaParams<M> };
}[MediaMethod];

export type MediaReply =
  | { id: number; ok: true; result: unknown }
  | { id: number; ok: false; error: MediaErrorBody };

export type MediaServerFrame = MediaReply | MediaEvent;
