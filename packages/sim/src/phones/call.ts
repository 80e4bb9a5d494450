import {
  type AudioCodec,
  type LocalAudio,
  type NegotiatedAudio,
  SdpSession,
  type SipEvent,
} from '@crosspoint/sip';
import { patienceMs, within } from './deadline.ts';
import type { HostedCall, PhoneHost } from './host.ts';
import type { SoundStream } from './sound-stream.ts';

export type CodecName = 'PCMU' | 'PCMA' | 'G729';

const codecs: Record<CodecName, AudioCodec> = {
  PCMU: { name: 'PCMU', payloadType: 0, clockRateHz: 8000 },
  PCMA: { name: 'PCMA', payloadType: 8, clockRateHz: 8000 },
  // Only named in offers, to be refused: these phones speak G.711.
  G729: { name: 'G729', payloadType: 18, clockRateHz: 8000 },
};

/** How a call ended, from the point of view of this phone. `status` is the SIP status of a refusal, else 200. */
export type CallEnd = { by: 'remote' | 'local' | 'timeout' | 'transport'; status: number; reason: string };

export type CallOptions = {
  host: PhoneHost;
  sessionId: string;
  direction: 'outgoing' | 'incoming';
  sound: SoundStream;
  codecs: readonly CodecName[];
  /** False: no telephone events are agreed (RFC 4733), and digits are tones in the sound. */
  events: boolean;
  /** The other party, as the phone's display shows it. */
  display: string;
  /** Header of the INVITE by its name, for an incoming call. */
  inviteHeader?: (name: string) => string | undefined;
  sessionNumber: number;
};

/** One call at a scripted phone. */
export class PhoneCall implements HostedCall {
  readonly sessionId: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly sound: SoundStream;
  readonly display: string;
  readonly inviteHeader: (name: string) => string | undefined;
  /** Instants of `performance.now()`, undefined until it happens. */
  readonly at: { begun: number; ringing?: number; answered?: number; ended?: number } = {
    begun: performance.now(),
  };
  /** Digits that arrived by SIP INFO. */
  infoDigits = '';
  /** Whether the other side holds us. */
  heldByRemote = false;
  readonly #host: PhoneHost;
  readonly #sdp: SdpSession;
  readonly #codecs: readonly CodecName[];
  readonly #events: boolean;
  readonly #ringing = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<CallEnd>();
  #reinvite: PromiseWithResolvers<void> | undefined;
  /** Our answer to the offer of an incoming call. */
  #answer: string | undefined;
  #audio: NegotiatedAudio | undefined;
  #localEnd = false;

  constructor(options: CallOptions) {
    this.#host = options.host;
    this.sessionId = options.sessionId;
    this.direction = options.direction;
    this.sound = options.sound;
    this.display = options.display;
    this.inviteHeader = options.inviteHeader ?? (() => undefined);
    this.#codecs = options.codecs;
    this.#events = options.events;
    this.#sdp = new SdpSession({ sessionNumber: options.sessionNumber, address: options.host.local.address });
    // A call that ends early settles these two as failures, whether or not somebody waits for them.
    this.#ringing.promise.catch(() => undefined);
    this.#answered.promise.catch(() => undefined);
    options.host.calls.set(this.sessionId, this);
  }

  get isUp(): boolean {
    return this.at.answered !== undefined && this.at.ended === undefined;
  }

  /** Resolves when the far end rings (outgoing calls). */
  ringing(timeoutMs = patienceMs): Promise<void> {
    return within(`${this.display} to ring`, timeoutMs, this.#ringing.promise);
  }

  answered(timeoutMs = patienceMs): Promise<void> {
    return within(`the call with ${this.display} to be answered`, timeoutMs, this.#answered.promise);
  }

  ended(timeoutMs = patienceMs): Promise<CallEnd> {
    return within(`the call with ${this.display} to end`, timeoutMs, this.#ended.promise);
  }

  // ---------------------------------------------------------------- commands

  /** The first offer of an outgoing call. */
  offer(): string {
    return this.#sdp.createOffer(this.#local('sendrecv'));
  }

  /** Reads the offer of an incoming call; false when there is no codec in common, and the call is refused with 488. */
  takeOffer(offer: Uint8Array | undefined): boolean {
    if (offer === undefined || offer.length === 0) return true;
    const result = this.#sdp.answerOffer(offer, this.#local('sendrecv'));
    if (!result.ok) {
      this.reject(488);
      return false;
    }
    this.#answer = result.answer;
    this.#audio = result.audio;
    return true;
  }

  ring(): void {
    this.#host.run((stack, now) => stack.progress({ sessionId: this.sessionId, status: 180 }, now));
  }

  answer(): void {
    const body = this.#answer ?? this.offer();
    if (this.#audio !== undefined) this.sound.connect(this.#audio);
    this.#must(this.#host.run((stack, now) => stack.accept({ sessionId: this.sessionId, body }, now)));
  }

  /** Refuses an incoming call: 486 busy, 603 declined, and so on. */
  reject(status: number): void {
    this.#host.run((stack, now) => stack.reject({ sessionId: this.sessionId, status }, now));
    this.#finish({ by: 'local', status, reason: 'rejected' });
  }

  /** Hangs up, or gives up a call that has not been answered. */
  hangUp(): void {
    this.#localEnd = true;
    this.#host.run((stack, now) => stack.bye({ sessionId: this.sessionId }, now));
  }

  /** Puts the other party on hold; resolves when it has agreed. */
  hold(): Promise<void> {
    return this.#renegotiate('sendonly');
  }

  resume(): Promise<void> {
    return this.#renegotiate('sendrecv');
  }

  /** Presses a key, sent as SIP INFO (`application/dtmf-relay`). */
  sendInfoDigit(digit: string): void {
    const body = `Signal=${digit}\r\nDuration=100\r\n`;
    const contentType = 'application/dtmf-relay';
    this.#must(
      this.#host.run((stack, now) => stack.info({ sessionId: this.sessionId, contentType, body }, now)),
    );
  }

  silence(): void {
    this.sound.close();
  }

  // ---------------------------------------------------------------- what the network did

  handle(event: Extract<SipEvent, { sessionId: string }>): void {
    switch (event.type) {
      case 'progress':
        this.at.ringing ??= performance.now();
        return this.#ringing.resolve();
      case 'accepted':
        if (event.body !== undefined) this.#acceptAnswer(event.body);
        return this.#up();
      case 'confirmed':
        if (event.body !== undefined) this.#acceptAnswer(event.body);
        return this.#up();
      case 'reinvite':
        return this.#remoteChange(event.body);
      case 'reinvite-result':
        return this.#reinviteDone(event.status, event.body);
      case 'info':
        this.infoDigits += /Signal\s*=\s*(\S)/i.exec(new TextDecoder().decode(event.body))?.[1] ?? '';
        return;
      case 'rejected':
        return this.#finish({
          by: event.cause === 'local' ? 'local' : event.cause,
          status: event.status,
          reason: event.reason,
        });
      case 'cancelled':
        return this.#finish({ by: event.by, status: 487, reason: event.reasonHeader ?? 'cancelled' });
      case 'ended':
        return this.#finish({
          by: this.#localEnd ? 'local' : event.by,
          status: event.status ?? 200,
          reason: event.reasonHeader ?? '',
        });
      default:
        return;
    }
  }

  // ---------------------------------------------------------------- steps

  #local(direction: 'sendrecv' | 'sendonly'): LocalAudio {
    return {
      address: this.#host.local.address,
      port: this.sound.port,
      codecs: this.#codecs.map((name) => codecs[name]),
      ...(this.#events ? { telephoneEventPayloadType: 101 } : {}),
      direction,
      ptimeMs: 20,
    };
  }

  #acceptAnswer(body: Uint8Array): void {
    const result = this.#sdp.acceptAnswer(body);
    if (!result.ok) throw new Error(`The answer of ${this.display} cannot be used: ${result.detail}`);
    this.#audio = result.audio;
    this.sound.connect(result.audio);
  }

  #up(): void {
    this.at.answered ??= performance.now();
    this.#answered.resolve();
  }

  #renegotiate(direction: 'sendrecv' | 'sendonly'): Promise<void> {
    const body = this.#sdp.createOffer(this.#local(direction));
    this.#must(this.#host.run((stack, now) => stack.reinvite({ sessionId: this.sessionId, body }, now)));
    this.#reinvite = Promise.withResolvers<void>();
    return within(`${this.display} to agree to ${direction}`, patienceMs, this.#reinvite.promise);
  }

  #reinviteDone(status: number, body: Uint8Array | undefined): void {
    if (status >= 200 && status < 300 && body !== undefined) {
      this.#acceptAnswer(body);
      this.#reinvite?.resolve();
    } else {
      this.#sdp.withdrawOffer();
      this.#reinvite?.reject(new Error(`The re-INVITE was answered ${status}.`));
    }
    this.#reinvite = undefined;
  }

  #remoteChange(offer: Uint8Array | undefined): void {
    const { sessionId } = this;
    if (offer === undefined || offer.length === 0) {
      const body = this.#sdp.createOffer(this.#local('sendrecv'));
      this.#host.run((stack, now) => stack.answerReinvite({ sessionId, status: 200, body }, now));
      return;
    }
    const result = this.#sdp.answerOffer(offer, this.#local('sendrecv'));
    if (result.ok) {
      this.heldByRemote = result.audio.heldByRemote;
      this.sound.connect(result.audio);
    }
    const body = result.ok ? result.answer : undefined;
    const status = result.ok ? 200 : 488;
    this.#host.run((stack, now) => stack.answerReinvite({ sessionId, status, body }, now));
  }

  #finish(end: CallEnd): void {
    if (this.at.ended !== undefined) return;
    this.at.ended = performance.now();
    this.#host.calls.delete(this.sessionId);
    this.sound.close();
    const early = new Error(`The call with ${this.display} ended: ${end.status} ${end.reason} (${end.by})`);
    this.#ringing.reject(early);
    this.#answered.reject(early);
    this.#reinvite?.reject(early);
    this.#ended.resolve(end);
  }

  #must(result: { ok: true } | { ok: false; reason: string; detail: string }): void {
    if (!result.ok) throw new Error(`The call with ${this.display}: ${result.reason}, ${result.detail}`);
  }
}
