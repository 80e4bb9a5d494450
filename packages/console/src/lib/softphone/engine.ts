import type { BrowserPhone } from '@crosspoint/contracts';
import { UA, WebSocketInterface } from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession.js';
import type { IncomingRTCSessionEvent, RTCSessionEvent } from 'jssip/lib/UA.js';
import { isBeyond } from './far-end.ts';
import { NewPath } from './new-path.ts';

/** What happens on the line. */
export interface EngineEvents {
  registered(): void;
  /** The WebSocket has gone; it is tried again by itself. */
  disconnected(): void;
  /** The account is not known (any more). */
  refused(): void;
  offered(call: EngineCall): void;
}

/** One call as the page holds it. */
export interface EngineCall {
  readonly contactId: string;
  /** The server goes on with a call that this agent is in already: nothing rings. */
  readonly isResumption: boolean;
  /** Nothing can be done with it any more. */
  readonly isOver: boolean;
  answer(microphone: MediaStream): void;
  /** Goes on with another microphone. */
  speakInto(microphone: MediaStream): Promise<void>;
  reject(): void;
  hangUp(): void;
  mute(muted: boolean): void;
  press(digit: string): void;
  onAnswered: () => void;
  onSound: (stream: MediaStream) => void;
  /** The network between here and the server carries sound, or does not (any more). */
  onNetwork: (carries: boolean) => void;
  onEnded: () => void;
}

const registerSeconds = 120;
const reconnectMinSeconds = 1;
const reconnectMaxSeconds = 8;
/** The server decides when an offer is over; this is only the last resort. */
const offerMaxSeconds = 600;
/** Candidates of this computer are there at once; one that asks a dead network must not hold up the answer. */
const candidatesMaxMs = 300;
const declined = 603;
const notAcceptableHere = 488;

/** SIP over the WebSocket of the console. This file brings JsSIP along, so it is loaded when the telephone is switched on. */
export class Engine {
  readonly #ua: UA;
  readonly #events: EngineEvents;
  readonly #socket: WebSocketInterface;

  constructor(account: BrowserPhone, events: EngineEvents) {
    this.#events = events;
    const protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocketInterface(`${protocol}//${location.host}${account.path}`);
    this.#ua = new UA({
      sockets: this.#socket,
      uri: account.uri,
      authorization_user: account.username,
      password: account.password,
      register_expires: registerSeconds,
      session_timers: false,
      no_answer_timeout: offerMaxSeconds,
      connection_recovery_min_interval: reconnectMinSeconds,
      connection_recovery_max_interval: reconnectMaxSeconds,
      user_agent: 'Crosspoint console',
    });
    this.#ua.on('registered', () => events.registered());
    this.#ua.on('disconnected', () => events.disconnected());
    this.#ua.on('registrationFailed', ({ response }) => {
      // Without an answer the connection is at fault, which is told of by itself.
      if (response !== null && response !== undefined) events.refused();
    });
    this.#ua.on('newRTCSession', (event: RTCSessionEvent) => {
      if (event.originator === 'remote') this.#offered(event);
    });
    this.#ua.start();
  }

  /** Ends every call and the registration. */
  stop(): void {
    this.#ua.stop();
  }

  /** Leaves without a word: somebody else has the line now, and a BYE would end the call there. */
  abandon(): void {
    this.#socket.disconnect();
    this.#ua.removeAllListeners();
    this.#ua.stop();
  }

  #offered({ session, request }: IncomingRTCSessionEvent): void {
    const call = callOf(session, {
      contactId: request.getHeader('X-Crosspoint-Contact') ?? '',
      isResumption: request.getHeader('X-Crosspoint-Resume') !== undefined,
    });
    this.#keepSound(session);
    this.#events.offered(call);
  }

  /** Finds another path for the sound when the network changes, so that the call goes on without being made anew. */
  #keepSound(session: RTCSession): void {
    const path = new NewPath(() => {
      // A request that cannot be sent would end the call here, while the server calls a page anew that has come back.
      if (this.#ua.isConnected()) session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
    });
    const isBack = (): void => path.networkIsBack();
    session.on('peerconnection', ({ peerconnection }) => {
      globalThis.addEventListener('online', isBack);
      peerconnection.addEventListener('iceconnectionstatechange', () =>
        path.becomes(peerconnection.iceConnectionState),
      );
    });
    const ended = (): void => {
      globalThis.removeEventListener('online', isBack);
      path.end();
    };
    session.on('ended', ended);
    session.on('failed', ended);
  }
}

function callOf(session: RTCSession, about: Pick<EngineCall, 'contactId' | 'isResumption'>): EngineCall {
  const call: EngineCall = {
    ...about,
    get isOver() {
      return session.isEnded();
    },
    answer(microphone) {
      session.answer({ mediaStream: microphone, pcConfig: { iceServers: [] } });
    },
    async speakInto(microphone) {
      const senders = session.connection.getSenders();
      const sender = senders.find(({ track }) => track?.kind === 'audio');
      await sender?.replaceTrack(microphone.getAudioTracks()[0] ?? null);
    },
    reject: () => end(session, { status_code: declined }),
    hangUp: () => end(session, {}),
    mute: (muted) => (muted ? session.mute({ audio: true }) : session.unmute({ audio: true })),
    press: (digit) => session.sendDTMF(digit, { transportType: 'RFC2833' as never }),
    onAnswered: () => undefined,
    onSound: () => undefined,
    onNetwork: () => undefined,
    onEnded: () => undefined,
  };
  session.on('peerconnection', ({ peerconnection }) => {
    peerconnection.addEventListener('track', ({ track }) => call.onSound(new MediaStream([track])));
    peerconnection.addEventListener('connectionstatechange', () => {
      const { connectionState } = peerconnection;
      if (connectionState === 'connected') call.onNetwork(true);
      if (connectionState === 'disconnected' || connectionState === 'failed') call.onNetwork(false);
    });
  });
  let candidatesTimer: ReturnType<typeof setTimeout> | undefined;
  let awaiting: (() => void) | undefined;
  session.on('icecandidate', ({ ready }) => {
    // Each description has its own: the first one, and one for each path that is looked for.
    if (ready === awaiting) return;
    awaiting = ready;
    clearTimeout(candidatesTimer);
    candidatesTimer = setTimeout(ready, candidatesMaxMs);
  });
  session.on('accepted', () => call.onAnswered());
  // The server then calls this page again, and goes on with that call.
  session.on('reinvite', ({ request, reject }) => {
    if (isBeyond(session.connection, request.body ?? '')) reject({ status_code: notAcceptableHere });
  });
  const ended = (): void => {
    clearTimeout(candidatesTimer);
    call.onEnded();
  };
  session.on('ended', ended);
  session.on('failed', ended);
  return call;
}

function end(session: RTCSession, options: { status_code?: number }): void {
  if (!session.isEnded()) session.terminate(options);
}
