import {
  agreedFor,
  bundles,
  chooseStream,
  fail,
  ptimeDefaultMs,
  refusedStream,
  remoteSide,
} from './agreement.ts';
import { readAudio, writeAudio } from './audio.ts';
import { commonFormats, matchTelephoneEvent, offeredTelephoneEvents } from './formats.ts';
import type { LocalAudio, NegotiatedAudio, NegotiationResult } from './negotiation-types.ts';
import { parseSdp } from './parse.ts';
import { acceptSecurity, offeredProfile, offeredSecurity } from './security.ts';
import { writeContents, writeOrigin } from './serialize.ts';
import type { SdpAttribute, SdpMedia } from './types.ts';

/** What of an `SdpSession` is needed to go on in another process, as plain JSON data. */
export type SdpSessionSnapshot = {
  version: 1;
  sessionNumber: number;
  address: string;
  sessionName: string;
  /** Of the description that was sent last. */
  descriptionVersion: number;
  lastSent: string;
  audioIndex: number;
  agreedProtocol?: string | undefined;
  mid?: string | undefined;
  isBundled: boolean;
};

/**
 * Our side of the offer/answer exchange of one call (RFC 3264): keeps the `o=` line, raises its version when the
 * description changes, and keeps the order of `m=` lines over re-offers.
 */
export class SdpSession {
  private readonly sessionNumber: number;
  private readonly originAddress: string;
  private readonly sessionName: string;
  private version = 0;
  /** The last description sent without its `o=` line, to see whether the next one differs. */
  private lastSent = '';
  /** The `m=` lines agreed so far; all but `audioIndex` are refused streams whose place must be kept (§8). */
  private lines: SdpMedia[] = [];
  private audioIndex = 0;
  private offered: LocalAudio | undefined;
  /** The profile that holds for the rest of the call once it was agreed (§8.3). */
  private agreedProtocol: string | undefined;
  /** The name of our stream in the peer's groups (RFC 5888), and whether it bundles (RFC 9143). */
  private mid: string | undefined;
  private isBundled = false;

  /** `sessionNumber` is 1–2^53; draw it at random per call. `address` names this host in `o=` for the whole call. */
  constructor(options: { sessionNumber: number; address: string; sessionName?: string }) {
    this.sessionNumber = options.sessionNumber;
    this.originAddress = options.address;
    this.sessionName = options.sessionName ?? '-';
  }

  /** Goes on where `export` left off. An offer that was open then is not. */
  static import(snapshot: SdpSessionSnapshot): SdpSession {
    const { sessionNumber, address, sessionName } = snapshot;
    const session = new SdpSession({ sessionNumber, address, sessionName });
    session.version = snapshot.descriptionVersion;
    session.lastSent = snapshot.lastSent;
    const described = parseSdp(session.text);
    if (described.ok) session.lines = described.sdp.media;
    session.audioIndex = snapshot.audioIndex;
    session.agreedProtocol = snapshot.agreedProtocol;
    session.mid = snapshot.mid;
    session.isBundled = snapshot.isBundled;
    return session;
  }

  /** The offer or answer that was made last. */
  get text(): string {
    return this.writeOrigin() + this.lastSent;
  }

  /** Everything that a process needs to make the next offer or answer of this call. */
  export(): SdpSessionSnapshot {
    const { sessionNumber, originAddress: address, sessionName, version, lastSent } = this;
    const { audioIndex, agreedProtocol, mid, isBundled } = this;
    return {
      ...{ version: 1, sessionNumber, address, sessionName, descriptionVersion: version, lastSent },
      ...{ audioIndex, agreedProtocol, mid, isBundled },
    };
  }

  /** Makes an offer: the first, or a re-offer (RFC 3264 §5, §8). Returns the SDP text. */
  createOffer(local: LocalAudio): string {
    const audio = writeAudio({
      port: local.port,
      protocol: this.agreedProtocol ?? offeredProfile(local),
      codecs: local.codecs,
      events: offeredTelephoneEvents(local),
      comfortNoise: local.comfortNoise === true && local.codecs.some((codec) => codec.clockRateHz === 8_000),
      direction: local.direction ?? 'sendrecv',
      ptimeMs: local.ptimeMs ?? ptimeDefaultMs,
      maxPtimeMs: local.maxPtimeMs,
      rtcpMux: local.rtcpMux === true,
      security: [...offeredSecurity(local), ...this.midLines()],
    });
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

  /**
   * Answers the peer's offer (RFC 3264 §6) with one codec, one key and the telephone events that go with the codec; on
   * failure refuse the request with 488. Further streams are refused in their places.
   */
  answerOffer(offer: Uint8Array | string, local: LocalAudio): NegotiationResult<{ answer: string }> {
    const parsed = parseSdp(offer);
    if (!parsed.ok) return fail('malformed', parsed.reason);
    const { sdp } = parsed;
    const chosen = chooseStream(sdp, local);
    if ('reason' in chosen) return chosen;
    const { index, media, section, matches, security } = chosen;
    const [match] = matches;
    const { format, codec } = match;
    // §6.1: the answer uses the payload type numbers of the offer.
    const event = matchTelephoneEvent(section.formats, codec, local)?.theirs;
    const rtcpMux = local.rtcpMux === true && section.rtcpMux;
    const negotiated: NegotiatedAudio = {
      ...agreedFor(section, local, match),
      receivePayloadType: format.payloadType,
      receiveCodecs: [{ payloadType: format.payloadType, codec }],
      ...remoteSide(section, rtcpMux),
      protocol: media.protocol,
      ...security.agreed,
      heldByRemote: !section.canReceive,
    };
    if (event !== undefined) {
      negotiated.sendEventPayloadType = event.payloadType;
      negotiated.receiveEventPayloadType = event.payloadType;
      negotiated.eventClockRateHz = event.clockRateHz;
    }

    this.offered = undefined;
    this.audioIndex = index;
    this.agreedProtocol = media.protocol;
    this.mid = section.mid;
    this.isBundled = local.dtls !== undefined && bundles(sdp, section.mid);
    const audio = writeAudio({
      port: local.port,
      protocol: media.protocol,
      codecs: [{ ...codec, payloadType: format.payloadType }],
      events: event === undefined ? [] : [event],
      comfortNoise: negotiated.comfortNoisePayloadType !== undefined,
      direction: negotiated.direction,
      ptimeMs: negotiated.ptimeMs,
      maxPtimeMs: local.maxPtimeMs,
      rtcpMux,
      security: [...security.attributes, ...this.midLines()],
    });
    this.lines = sdp.media.map((line, i) => (i === index ? audio : refusedStream(line)));
    return { ok: true, answer: this.write(local, this.lines, sdp.timing), audio: negotiated };
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
    const matches = commonFormats(section.formats, local.codecs);
    const [match] = matches;
    if (match === undefined) return fail('no-codec', `none of our codecs in ${media.formats.join(' ')}`);
    const security = acceptSecurity(section, local);
    if (!security.ok) return security;
    this.offered = undefined;
    this.agreedProtocol = media.protocol;

    const wantsToSend = local.direction !== 'recvonly' && local.direction !== 'inactive';
    const negotiated: NegotiatedAudio = {
      ...agreedFor(section, local, match),
      receivePayloadType: match.codec.payloadType,
      receiveCodecs: matches.map(({ codec }) => ({ payloadType: codec.payloadType, codec })),
      ...remoteSide(section, local.rtcpMux === true && section.rtcpMux),
      protocol: media.protocol,
      ...security.agreed,
      heldByRemote: !section.canReceive && wantsToSend,
    };
    const event = matchTelephoneEvent(section.formats, match.codec, local);
    if (event !== undefined) {
      negotiated.sendEventPayloadType = event.theirs.payloadType;
      negotiated.receiveEventPayloadType = event.ours.payloadType;
      negotiated.eventClockRateHz = event.theirs.clockRateHz;
    }
    return { ok: true, audio: negotiated };
  }

  private midLines(): SdpAttribute[] {
    return this.mid === undefined ? [] : [{ name: 'mid', value: this.mid }];
  }

  private write(local: LocalAudio, media: SdpMedia[], timing: string[] = ['0 0']): string {
    const { address } = local;
    const attributes: SdpAttribute[] = [];
    if (this.isBundled) attributes.push({ name: 'group', value: `BUNDLE ${this.mid ?? ''}` });
    if (local.dtls?.ice?.isLite === true) attributes.push({ name: 'ice-lite' });
    const contents = writeContents({
      sessionName: this.sessionName,
      connection: { addressType: addressTypeOf(address), address },
      bandwidth: [],
      timing,
      attributes,
      media,
    });
    if (contents !== this.lastSent) {
      this.lastSent = contents;
      this.version++;
    }
    return this.text;
  }

  private writeOrigin(): string {
    return writeOrigin({
      username: '-',
      sessionId: String(this.sessionNumber),
      version: String(this.version),
      addressType: addressTypeOf(this.originAddress),
      address: this.originAddress,
    });
  }
}

function addressTypeOf(address: string): 'IP4' | 'IP6' {
  return address.includes(':') ? 'IP6' : 'IP4';
}
