import {
  findTelephoneEvent,
  isCodec,
  readAudio,
  toDirection,
  writeAudio,
  type AudioFormat,
  type AudioSection,
} from './audio.ts';
import { parseSdp } from './parse.ts';
import { writeSdp } from './serialize.ts';
import type {
  AudioCodec,
  LocalAudio,
  NegotiatedAudio,
  NegotiationFailure,
  NegotiationResult,
  Sdp,
  SdpMedia,
} from './types.ts';

const protocols = new Set(['RTP/AVP', 'RTP/AVPF']);
const defaultPtimeMs = 20;

type Failure = { ok: false; reason: NegotiationFailure; detail: string };

function fail(reason: NegotiationFailure, detail: string): Failure {
  return { ok: false, reason, detail };
}

/**
 * Our side of the offer/answer exchange of one call (RFC 3264): keeps the `o=` line, raises its version when the
 * description changes, and keeps the order of `m=` lines over re-offers.
 */
export class SdpSession {
  private readonly sessionNumber: number;
  private readonly originAddress: string;
  private readonly sessionName: string;
  private version = 0;
  /** The last description sent, with version 0, to see whether the next one differs. */
  private lastSent = '';
  /** The `m=` lines agreed so far; all but `audioIndex` are refused streams whose place must be kept (§8). */
  private lines: SdpMedia[] = [];
  private audioIndex = 0;
  private offered: LocalAudio | undefined;

  /** `sessionNumber` is 1–2^53; draw it at random per call. `address` names this host in `o=` for the whole call. */
  constructor(options: { sessionNumber: number; address: string; sessionName?: string }) {
    this.sessionNumber = options.sessionNumber;
    this.originAddress = options.address;
    this.sessionName = options.sessionName ?? '-';
  }

  /** Makes an offer: the first, or a re-offer (RFC 3264 §5, §8). Returns the SDP text. */
  createOffer(local: LocalAudio): string {
    const events = telephoneEvents(local);
    const direction = local.direction ?? 'sendrecv';
    const audio = writeAudio(
      local.port,
      this.protocol(),
      local.codecs,
      events,
      direction,
      local.ptimeMs ?? defaultPtimeMs,
    );
    if (this.lines.length === 0) this.lines.push(audio);
    else this.lines[this.audioIndex] = audio;
    this.offered = local;
    return this.write(local, this.lines);
  }

  /** Whether an offer of ours waits for its answer. */
  get hasPendingOffer(): boolean {
    return this.offered !== undefined;
  }

  /** Forgets our last offer after it was refused: what was agreed before stays in force (§8). */
  withdrawOffer(): void {
    this.offered = undefined;
  }

  /** Answers the peer's offer (RFC 3264 §6); on failure refuse the request with 488. */
  answerOffer(offer: Uint8Array | string, local: LocalAudio): NegotiationResult<{ answer: string }> {
    const parsed = parseSdp(offer);
    if (!parsed.ok) return fail('malformed', parsed.reason);
    const { sdp } = parsed;
    const chosen = chooseStream(sdp, local);
    if ('ok' in chosen) return chosen;
    const { index, media, section, format, codec } = chosen;

    const event =
      local.telephoneEventPayloadType === undefined ? undefined : findTelephoneEvent(section.formats, codec);
    const wanted = local.direction ?? 'sendrecv';
    const canSend = section.canReceive && (wanted === 'sendrecv' || wanted === 'sendonly');
    const canReceive = section.canSend && (wanted === 'sendrecv' || wanted === 'recvonly');
    const direction = toDirection(canSend, canReceive);
    const ptimeMs = agreedPtimeMs(section, local);
    // §6.1: the answer uses the payload type numbers of the offer.
    const answered = [{ ...codec, payloadType: format.payloadType }];
    const events = event === undefined ? [] : [event];
    const audio = writeAudio(local.port, media.protocol, answered, events, direction, ptimeMs);

    this.offered = undefined;
    this.audioIndex = index;
    this.lines = sdp.media.map((line, i) => (i === index ? audio : refusedStream(line)));
    const answer = this.write(local, this.lines, sdp.timing);
    const negotiated: NegotiatedAudio = {
      codec,
      sendPayloadType: format.payloadType,
      receivePayloadType: format.payloadType,
      remoteAddress: section.address,
      remotePort: section.port,
      remoteRtcpPort: section.rtcpPort,
      direction,
      heldByRemote: !section.canReceive,
      ptimeMs,
    };
    if (event !== undefined) {
      negotiated.sendEventPayloadType = event.payloadType;
      negotiated.receiveEventPayloadType = event.payloadType;
    }
    return { ok: true, answer, audio: negotiated };
  }

  /** Reads the peer's answer to our last offer (RFC 3264 §7). */
  acceptAnswer(answer: Uint8Array | string): NegotiationResult<object> {
    const local = this.offered;
    if (local === undefined) return fail('malformed', 'there is no offer of ours that this could answer');
    const parsed = parseSdp(answer);
    if (!parsed.ok) return fail('malformed', parsed.reason);
    const media = parsed.sdp.media[this.audioIndex];
    if (media === undefined || media.kind !== 'audio' || media.port === 0) {
      return fail('no-audio', 'the audio stream was refused');
    }
    const section = readAudio(parsed.sdp, media);
    if (section === undefined) return fail('malformed', 'c= is missing');
    const match = firstCommon(section.formats, local.codecs);
    if (match === undefined) return fail('no-codec', `none of our codecs in ${media.formats.join(' ')}`);
    this.offered = undefined;

    const { format, codec } = match;
    const wanted = local.direction ?? 'sendrecv';
    const canSend = section.canReceive && (wanted === 'sendrecv' || wanted === 'sendonly');
    const canReceive = section.canSend && (wanted === 'sendrecv' || wanted === 'recvonly');
    const negotiated: NegotiatedAudio = {
      codec,
      sendPayloadType: format.payloadType,
      receivePayloadType: codec.payloadType,
      remoteAddress: section.address,
      remotePort: section.port,
      remoteRtcpPort: section.rtcpPort,
      direction: toDirection(canSend, canReceive),
      heldByRemote: !section.canReceive && (wanted === 'sendrecv' || wanted === 'sendonly'),
      ptimeMs: agreedPtimeMs(section, local),
    };
    const event = findTelephoneEvent(section.formats, codec);
    if (event !== undefined && local.telephoneEventPayloadType !== undefined) {
      negotiated.sendEventPayloadType = event.payloadType;
      negotiated.receiveEventPayloadType = local.telephoneEventPayloadType;
    }
    return { ok: true, audio: negotiated };
  }

  private protocol(): string {
    return this.lines[this.audioIndex]?.protocol ?? 'RTP/AVP';
  }

  private write(local: LocalAudio, media: SdpMedia[], timing: string[] = ['0 0']): string {
    const { address } = local;
    const sdp: Sdp = {
      origin: {
        username: '-',
        sessionId: String(this.sessionNumber),
        version: '0',
        addressType: addressTypeOf(this.originAddress),
        address: this.originAddress,
      },
      sessionName: this.sessionName,
      connection: { addressType: addressTypeOf(address), address },
      bandwidth: [],
      timing,
      attributes: [],
      media,
    };
    const text = writeSdp(sdp);
    if (text !== this.lastSent) {
      this.lastSent = text;
      this.version++;
    }
    sdp.origin.version = String(this.version);
    return writeSdp(sdp);
  }
}

function addressTypeOf(address: string): 'IP4' | 'IP6' {
  return address.includes(':') ? 'IP6' : 'IP4';
}

type Stream = {
  index: number;
  media: SdpMedia;
  section: AudioSection;
  format: AudioFormat;
  codec: AudioCodec;
};

/** The first audio stream of an offer that we can take, and its first codec that we have (§6.1). */
function chooseStream(sdp: Sdp, local: LocalAudio): Stream | Failure {
  let failure = fail('no-audio', 'the offer has no audio stream over RTP/AVP');
  for (let index = 0; index < sdp.media.length; index++) {
    const media = sdp.media[index] as SdpMedia;
    if (media.kind !== 'audio' || media.port === 0 || !protocols.has(media.protocol)) continue;
    const section = readAudio(sdp, media);
    if (section === undefined) return fail('malformed', 'c= is missing');
    const match = firstCommon(section.formats, local.codecs);
    if (match !== undefined) return { index, media, section, ...match };
    failure = fail('no-codec', `none of our codecs in ${media.formats.join(' ')}`);
  }
  return failure;
}

/** The first of the peer's formats that is a codec of ours. */
function firstCommon(
  formats: readonly AudioFormat[],
  codecs: readonly AudioCodec[],
): { format: AudioFormat; codec: AudioCodec } | undefined {
  for (const format of formats) {
    const codec = codecs.find((candidate) => isCodec(format, candidate));
    if (codec !== undefined) return { format, codec };
  }
  return undefined;
}

/** Our RFC 4733 format: one at the 8 kHz of telephony. */
function telephoneEvents(local: LocalAudio): AudioFormat[] {
  const payloadType = local.telephoneEventPayloadType;
  if (payloadType === undefined) return [];
  return [{ payloadType, name: 'telephone-event', clockRateHz: 8_000, channels: 1 }];
}

function agreedPtimeMs(section: AudioSection, local: LocalAudio): number {
  const wanted = section.ptimeMs ?? local.ptimeMs ?? defaultPtimeMs;
  return Math.min(wanted, section.maxPtimeMs ?? wanted);
}

/** §6: a refused stream keeps its place with port 0. */
function refusedStream(line: SdpMedia): SdpMedia {
  const { kind, protocol, formats } = line;
  return {
    kind,
    port: 0,
    protocol,
    formats: formats.length === 0 ? ['0'] : formats,
    bandwidth: [],
    attributes: [],
  };
}
