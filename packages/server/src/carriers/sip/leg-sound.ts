import { randomBytes, randomInt } from 'node:crypto';
import type { ContactId, LegId, SrtpUse } from '@crosspoint/contracts';
import {
  type CryptoSuite,
  keyBytes,
  type LocalAudio,
  type NegotiatedAudio,
  type NegotiationFailure,
  offeredAudio,
  SdpSession,
} from '@crosspoint/sip';
import type { LegMedia, SocketRequest, SoundSocket, SoundTransport } from '../door.ts';
import { mediaAddressTowards } from './addressing.ts';
import { addressWarning, codecsFor, hintsOf, remoteSound, telephoneEvents } from './audio.ts';
import { type LegSoundSnapshot, packSound, unpackSound } from './leg-snapshot.ts';

export interface LegSoundOptions {
  media: LegMedia;
  contactId: ContactId;
  legId: LegId;
  /** Address of the far end's signalling. */
  remoteAddress: string;
  /** What SIP is bound to, and what strangers are told. */
  bindAddress: string;
  publicAddress: string | undefined;
  /** The offer that came; undefined when the first offer is ours. */
  offer: Uint8Array | undefined;
  /** Of our first offer; that of the peer says itself what it wants. */
  transport: SoundTransport;
  srtp: SrtpUse;
}

export type SoundAnswer =
  | { ok: true; answer: string; audio: NegotiatedAudio }
  | { ok: false; detail: string; warning: string | undefined };

/** Why an answer of the far end cannot be used: in one word for the end of the leg, and in full for the log. */
export interface SoundProblem {
  reason: 'no-codec' | 'no-srtp';
  detail: string;
}

/** The suites we know, the preferred first: GCM is the cheapest, the last one what every phone has. */
const suites: readonly CryptoSuite[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
];

/** The sound of one leg as SIP sees it: its socket in a media process, and what is said and agreed about it in SDP. */
export class LegSound {
  /** Our address in the description. */
  readonly address: string;
  /** What was agreed last. */
  audio: NegotiatedAudio | undefined;
  readonly #media: LegMedia;
  /** Of the far end's signalling; unknown for legs of an earlier release. */
  readonly #signallingAddress: string | undefined;
  #legId: LegId;
  #local: LocalAudio;
  /** What our last offer said. */
  #offered: LocalAudio | undefined;
  #isOutdated = false;
  /** There is to be no call without DTLS, and the far end has offered another one. */
  #lacksDtls = false;
  readonly #sdp: SdpSession;

  private constructor(
    {
      media,
      legId,
      remoteAddress,
    }: Pick<LegSoundOptions, 'media' | 'legId'> & { remoteAddress: string | undefined },
    address: string,
    local: LocalAudio,
    sdp: SdpSession,
  ) {
    this.#media = media;
    this.#signallingAddress = remoteAddress;
    this.#legId = legId;
    this.address = address;
    this.#local = local;
    this.#sdp = sdp;
  }

  /** Takes up what `export` gave in another process, whose socket is still open. Tells the media process nothing new. */
  static import(media: LegMedia, legId: LegId, snapshot: LegSoundSnapshot): LegSound {
    const { local, audio } = unpackSound(snapshot);
    const sdp = SdpSession.import(snapshot.sdp);
    const { remoteAddress } = snapshot;
    const sound = new LegSound({ media, legId, remoteAddress }, snapshot.address, local, sdp);
    if (audio !== undefined) sound.#agree(audio);
    sound.#isOutdated = snapshot.isOutdated === true;
    return sound;
  }

  /** Our description as it was said last. */
  get described(): string {
    return this.#sdp.text;
  }

  /** What another process needs to go on with it. */
  export(): LegSoundSnapshot {
    const packed = packSound(this.address, this.#local, this.audio, this.#sdp.export());
    const outdated = this.#isOutdated ? ({ isOutdated: true } as const) : {};
    return { ...packed, remoteAddress: this.#signallingAddress, ...outdated };
  }

  /** Opens the socket. Rejects when there is none, with the reason. */
  static async open(options: LegSoundOptions): Promise<LegSound> {
    const { media, contactId, legId, remoteAddress, bindAddress, publicAddress, offer } = options;
    const hints = offer === undefined || offer.length === 0 ? undefined : hintsOf(offer);
    const { transport } = hints ?? options;
    // A family that this host does not have is tried with the other one; the peer is told when that cannot work.
    const wanted = mediaAddressTowards(remoteAddress, bindAddress, undefined, hints?.family);
    const bound = wanted ?? mediaAddressTowards(remoteAddress, bindAddress, undefined, 4) ?? bindAddress;
    const family = bound.includes(':') ? 6 : 4;
    const announced = mediaAddressTowards(remoteAddress, bindAddress, publicAddress, family) ?? bound;
    const request: SocketRequest = {
      transport,
      bindAddress: bound,
      publicAddress: announced === bound ? undefined : announced,
    };
    const socket = await media.allocate(contactId, legId, request);
    const local = localAudio(announced, socket, codecsFor(media.codecOf(contactId), knownCodecs), transport);
    const sessionNumber = randomInt(1, 0x1_0000_0000);
    const sdp = new SdpSession({ sessionNumber, address: announced, sessionName: 'Crosspoint' });
    const sound = new LegSound(options, announced, local, sdp);
    sound.protect(options.srtp);
    sound.#lacksDtls = options.srtp === 'dtls-required' && transport === 'rtp';
    return sound;
  }

  /** From where the far end's signalling comes. */
  get signallingAddress(): string | undefined {
    return this.#signallingAddress;
  }

  /** How it travels. */
  get transport(): SoundTransport {
    return transportOf(this.#local);
  }

  /** True after `useSocket` until the far end has agreed to what is now. */
  get isOutdated(): boolean {
    return this.#isOutdated;
  }

  /** Whether an offer of ours is open: what the far end describes is its answer. */
  get awaitsAnswer(): boolean {
    return this.#sdp.hasPendingOffer;
  }

  /** The sound enters and leaves elsewhere from now on; the far end does not know it yet. */
  useSocket(socket: SoundSocket): void {
    const { address, codecs, srtp } = this.#local;
    this.#local = localAudio(address, socket, codecs, this.transport);
    // Keys that another process has encrypted with are not used again.
    if (srtp !== undefined) this.#local.srtp = { ...srtp, keys: newKeys() };
    this.#isOutdated = true;
  }

  /** Whether that offer is one of a browser which looks for another path (RFC 8839 §4.4.1.1.1). */
  restartsIce(offer: Uint8Array): boolean {
    const former = this.audio?.dtls;
    if (former?.iceUfrag === undefined || this.#local.dtls?.ice === undefined) return false;
    const offered = offeredAudio(offer).find(({ hasIce }) => hasIce);
    return offered?.iceUfrag !== undefined && offered.iceUfrag !== former.iceUfrag;
  }

  /** Opens another path, of which the next answer speaks. Rejects when there can be none; then everything is as before. */
  async restartIce(): Promise<void> {
    const socket = await this.#media.restartIce(this.#legId);
    const { address, codecs, dtls } = this.#local;
    this.#local = localAudio(address, socket, codecs, 'webrtc');
    // It is the same connection on another path.
    if (this.#local.dtls !== undefined) this.#local.dtls.answerSetup = dtls?.answerSetup;
  }

  /** Our sound is encrypted like this from the next description on, with fresh keys; with DTLS it always is. */
  protect(use: SrtpUse): void {
    if (this.transport !== 'rtp') return;
    const { srtp: _before, ...plain } = this.#local;
    if (use === 'off') this.#local = plain;
    else
      this.#local = {
        ...plain,
        srtp: { use: use.endsWith('required') ? 'required' : 'optional', keys: newKeys() },
      };
  }

  /** Our offer: the first, or one that repeats what is. */
  offer(): string {
    return this.#offer(this.#local);
  }

  /** The offer of a change that is none for the people: who is on hold stays so. */
  offerAsIs(): string {
    const { audio } = this;
    if (audio?.heldByRemote !== true) return this.offer();
    return this.#offer(this.#local, audio.direction);
  }

  #offer(local: LocalAudio, direction = local.direction): string {
    this.#offered = local;
    // Old phones and trunks are not bothered with rtcp-mux; whoever offers it to us gets it.
    const said = { ...local, rtcpMux: local.dtls !== undefined };
    return this.#sdp.createOffer(direction === undefined ? said : { ...said, direction });
  }

  /** Forgets an offer that was refused. */
  withdrawOffer(): void {
    this.#sdp.withdrawOffer();
  }

  /** Answers an offer, and tells the media process. */
  answer(offer: Uint8Array): SoundAnswer {
    // Who offers keys is answered with keys, whatever our own offers are like.
    const hints = hintsOf(offer);
    if (this.#lacksDtls) {
      return {
        ok: false,
        detail: 'the sound of this call must be encrypted by DTLS',
        warning: noDtlsWarning,
      };
    }
    if (this.#local.srtp === undefined && hints.hasKeys) this.protect('offered');
    const result = this.#sdp.answerOffer(offer, this.#local);
    if (!result.ok) {
      const isUnusable = result.reason === 'no-crypto' && hints.hasKeys;
      const warning =
        hints.transport === 'dtls' ? dtlsWarning : isUnusable ? keysWarning : warnings[result.reason];
      return { ok: false, detail: result.detail, warning };
    }
    const warning = addressWarning(result.audio, this.address, this.#signallingAddress);
    if (warning !== undefined) {
      return { ok: false, detail: `sound wanted at ${result.audio.remoteAddress}`, warning };
    }
    this.#isOutdated = false;
    this.#agree(result.audio);
    return { ok: true, answer: result.answer, audio: result.audio };
  }

  /**
   * Takes the answer of a provisional response. The offer stays open: another device or an announcement may give way to
   * somebody else, whose final answer differs.
   */
  acceptEarlyAnswer(body: Uint8Array): SoundProblem | undefined {
    const offered = this.#offered;
    const problem = this.acceptAnswer(body);
    if (problem === undefined && offered !== undefined) this.#offer(offered);
    return problem;
  }

  /** The leg's socket has another name from now on. */
  moveTo(legId: LegId): void {
    this.#legId = legId;
  }

  /** Takes the answer to our offer, and tells the media process; what is wrong with it, if anything. */
  acceptAnswer(body: Uint8Array): SoundProblem | undefined {
    const result = this.#sdp.acceptAnswer(body);
    if (!result.ok) {
      return { reason: result.reason === 'no-crypto' ? 'no-srtp' : 'no-codec', detail: result.detail };
    }
    const warning = addressWarning(result.audio, this.address, this.#signallingAddress);
    if (warning !== undefined) return { reason: 'no-codec', detail: warning };
    if (this.#offered === this.#local) this.#isOutdated = false;
    this.#agree(result.audio);
    return undefined;
  }

  #agree(audio: NegotiatedAudio): void {
    const { srtp } = this.#local;
    // Keys that were given up are not taken up again: their key stream would be repeated.
    if (srtp !== undefined && audio.srtp === undefined && this.audio?.srtp !== undefined)
      srtp.keys = newKeys();
    this.audio = audio;
    // RFC 8842 §5.3: who once opened the connection is told to be so again as long as it is the same.
    if (audio.dtls !== undefined && this.#local.dtls !== undefined)
      this.#local.dtls.answerSetup = audio.dtls.ourRole === 'client' ? 'active' : 'passive';
    this.#media.setRemote(this.#legId, remoteSound(audio, this.#signallingAddress));
  }
}

/** RFC 3261 §20.43: why an offer was refused, for the far end and for people who look. */
const warnings: Readonly<Record<NegotiationFailure, string>> = {
  'no-audio': '304 crosspoint "Offer a stream of audio over RTP"',
  'no-codec': '305 crosspoint "Offer PCMA, PCMU, G722 or opus"',
  'no-crypto': '399 crosspoint "Encrypted sound is required here: offer RTP/SAVP with a=crypto (SDES)"',
  malformed: '399 crosspoint "The session description cannot be read"',
};

const keysWarning = `399 crosspoint "No a=crypto line can be used: offer one key without MKI or options for ${suites.join(', ')}"`;

const noDtlsWarning =
  '399 crosspoint "The sound of calls is encrypted by DTLS here: offer UDP/TLS/RTP/SAVP with a=fingerprint"';

const dtlsWarning =
  '399 crosspoint "DTLS-SRTP cannot begin within a call here: offer it in the first INVITE, or RTP/SAVP with a=crypto (SDES)"';

/** What the media processes can decode and encode. */
const knownCodecs = ['PCMA', 'PCMU', 'G722', 'opus'] as const;

function newKeys(): NonNullable<LocalAudio['srtp']>['keys'] {
  return suites.map((suite) => ({ suite, keyAndSalt: randomBytes(keyBytes(suite)) }));
}

function transportOf({ dtls }: LocalAudio): SoundTransport {
  if (dtls === undefined) return 'rtp';
  return dtls.ice === undefined ? 'dtls' : 'webrtc';
}

function localAudio(
  address: string,
  { port, dtls }: SoundSocket,
  codecs: LocalAudio['codecs'],
  transport: SoundTransport,
): LocalAudio {
  const local: LocalAudio = { address, port, codecs, preference: 'ours', telephoneEvents, ptimeMs: 20 };
  if (dtls === undefined) return { ...local, rtcpMux: true };
  const { fingerprint, iceUfrag: ufrag, icePwd: pwd, candidates } = dtls;
  // The far end opens the DTLS connection: a browser as soon as its ICE is up, which is after ours.
  // Who speaks DTLS alone (RFC 5763) is not bothered with ICE.
  if (transport === 'dtls') return { ...local, rtcpMux: true, dtls: { fingerprint, answerSetup: 'passive' } };
  return {
    ...local,
    rtcpMux: true,
    // Said to be the short form, so that a browser always leads ICE: one that follows holds on to its former candidates for
    // seconds when a restart has given it new ones. We can be reached, which is all that form needs.
    dtls: { fingerprint, answerSetup: 'passive', ice: { ufrag, pwd, candidates, isLite: true } },
  };
}
