import type { Flow } from '../flow/index.ts';
import type { NameAddress, SipRequest, SipResponse, SipUri } from '../message/index.ts';
import type { RegistrationChange } from '../registrar/index.ts';
import type { RegistrationState } from '../registration/index.ts';

import type { ReferRequest, ReferResult } from './refer-types.ts';
import type { SubscribeEvent } from './subscription-types.ts';

/** Why a session that had been answered is over. */
export type EndedBy = 'remote' | 'local' | 'timeout' | 'transport';

/** Somebody calls us (RFC 3261 §13.3). 100 Trying has been sent; answer with progress, accept or reject. */
export type InviteEvent = {
  type: 'invite';
  sessionId: string;
  flow: Flow;
  callId: string;
  /** The Request-URI: what was dialled. */
  uri: SipUri;
  from: NameAddress;
  to: NameAddress;
  /** The offer; absent when the caller wants us to offer in the 2xx (then the answer is in `confirmed`). */
  body?: Uint8Array;
  contentType?: string;
  /** The digest user, when `requireAuthentication` asked for one. */
  authenticatedUser?: string;
  /**
   * The session that the caller wants to take the place of (RFC 3891), with `replaces`. Once this call is accepted that
   * session is hung up, and its last event says `replacedBy`.
   */
  replaces?: { sessionId: string; isEarly: boolean };
  request: SipRequest;
};

/**
 * Everything the stack tells its consumer.
 *
 * A session ends with exactly one of `rejected`, `cancelled` or `ended`; no event follows it for that session id.
 */
export type SipEvent =
  | InviteEvent
  /** UAC: a provisional response other than 100. `remoteTag` tells forked early dialogs apart. */
  | {
      type: 'progress';
      sessionId: string;
      status: number;
      reason: string;
      remoteTag?: string;
      body?: Uint8Array;
      contentType?: string;
      response: SipResponse;
    }
  /** UAC: a 2xx arrived and was acknowledged. */
  | {
      type: 'accepted';
      sessionId: string;
      status: number;
      body?: Uint8Array;
      contentType?: string;
      response: SipResponse;
    }
  /** UAS: the ACK of our 2xx arrived on that path; `body` carries the answer when the offer was ours. */
  | { type: 'confirmed'; sessionId: string; flow: Flow; body?: Uint8Array; contentType?: string }
  /** UAC: a final refusal, or 408/503 made here when nothing answered (`cause` tells which). */
  | {
      type: 'rejected';
      sessionId: string;
      status: number;
      reason: string;
      cause: 'remote' | 'local' | 'timeout' | 'transport';
      response?: SipResponse;
    }
  /**
   * UAS: the caller cancelled before our final response. UAC: the cancel we asked for is complete; `crossed` is true
   * when the callee had answered meanwhile (that answer was acknowledged and hung up).
   */
  | {
      type: 'cancelled';
      sessionId: string;
      by: 'remote' | 'local';
      crossed: boolean;
      reasonHeader?: string;
      replacedBy?: string;
    }
  /**
   * The peer changes the session (re-INVITE, or UPDATE with an offer); answer with `answerReinvite`. `remoteTag` names
   * the early dialog when a callee that has not answered yet sends an UPDATE.
   */
  | {
      type: 'reinvite';
      sessionId: string;
      method: 'INVITE' | 'UPDATE';
      remoteTag?: string;
      body?: Uint8Array;
      contentType?: string;
      request: SipRequest;
    }
  /** The ACK of our 2xx to a re-INVITE arrived; `body` is the answer when the offer was ours. */
  | { type: 'reinvite-confirmed'; sessionId: string; body?: Uint8Array; contentType?: string }
  /** How the re-INVITE we sent ended; glare (491) has been retried already. */
  | {
      type: 'reinvite-result';
      sessionId: string;
      status: number;
      reason: string;
      body?: Uint8Array;
      contentType?: string;
    }
  /** How the UPDATE we sent ended; a session that ends meanwhile says nothing of it. */
  | {
      type: 'update-result';
      sessionId: string;
      remoteTag?: string;
      status: number;
      reason: string;
      body?: Uint8Array;
      contentType?: string;
    }
  /**
   * The peer is somebody else now, or says so (RFC 4916, P-Asserted-Identity), with `connectedIdentity`. Whether to
   * believe it depends on who the peer is.
   */
  | { type: 'identity'; sessionId: string; from: NameAddress; asserted: NameAddress[]; request: SipRequest }
  | { type: 'info'; sessionId: string; contentType: string; body: Uint8Array; request: SipRequest }
  | { type: 'info-result'; sessionId: string; status: number }
  /** The peer of a call asks us to call somebody else, as `transfers.accept` and `refuse` decide within 30 s (60*T1). */
  | ({ type: 'refer'; sessionId: string } & ReferRequest)
  /** The same outside a call; `targetSessionId` is the call that Target-Dialog names, if it is one of ours. */
  | ({
      type: 'refer-outside';
      flow: Flow;
      from: NameAddress;
      targetSessionId?: string;
      authenticatedUser?: string;
    } & ReferRequest)
  /** The referrer does not hear of what became of its REFER any more: there is nothing left to report. */
  | { type: 'refer-ended'; referId: string; by: 'remote' | 'timeout' | 'transport' }
  /**
   * The last report about a REFER was answered, or cannot be delivered. A call that is hung up before takes the report with it
   * at peers that forget the subscription with the call.
   */
  | { type: 'refer-told'; referId: string }
  /** What the peer reports about the call that our REFER has asked for. */
  | { type: 'refer-progress'; referId: string; sessionId: string; status: number; reason: string }
  /** How our REFER ended, once for each; also after the call itself has ended. */
  | {
      type: 'refer-result';
      referId: string;
      sessionId: string;
      outcome: ReferResult;
      status: number;
      reason: string;
    }
  /** Somebody subscribes, with `eventPackages`; `subscriptions.accept` or `refuse` decides within 30 s (60*T1). */
  | ({ type: 'subscribe' } & SubscribeEvent)
  /** What we have subscribed to is so now. */
  | {
      type: 'notification';
      subscriptionId: string;
      package: string;
      state: 'active' | 'pending' | 'terminated';
      body?: Uint8Array;
      contentType?: string;
      request: SipRequest;
    }
  /**
   * A subscription is over, of a peer or ours; nothing follows. For ours: `status` when a SUBSCRIBE was refused, `reason`
   * and `retryAfterSeconds` as the notifier gave them (RFC 6665 §4.1.3).
   */
  | {
      type: 'subscription-ended';
      subscriptionId: string;
      by: 'local' | 'remote' | 'timeout' | 'transport';
      status?: number;
      reason?: string;
      retryAfterSeconds?: number;
    }
  /** A NOTIFY that nobody has asked for; `unsolicitedNotify` has let it in. */
  | {
      type: 'unsolicited-notification';
      package: string;
      from: NameAddress;
      flow: Flow;
      body?: Uint8Array;
      contentType?: string;
      request: SipRequest;
    }
  /** A message within a call, or (`message-outside`) on its own (RFC 3428); the hook `message` has let it in. */
  | {
      type: 'message';
      sessionId: string;
      from: NameAddress;
      contentType: string;
      body: Uint8Array;
      request: SipRequest;
    }
  | {
      type: 'message-outside';
      flow: Flow;
      from: NameAddress;
      authenticatedUser?: string;
      contentType: string;
      body: Uint8Array;
      request: SipRequest;
    }
  | { type: 'message-result'; sessionId: string; status: number }
  /** `replacedBy` is the session that has taken the place of this one. */
  | {
      type: 'ended';
      sessionId: string;
      by: EndedBy;
      status?: number;
      reasonHeader?: string;
      replacedBy?: string;
    }
  | ({ type: 'registration-changed' } & RegistrationChange)
  /** A registration of ours elsewhere has changed, or an attempt has failed. */
  | { type: 'registration-state'; registrationId: string; state: RegistrationState }
  /**
   * A request was to prove who sends it. `challenged`: nothing that could be judged, the answer was a challenge.
   * `provesAddress`: it holds a nonce that went to this address, or came on a connection, so that the address is not
   * forged.
   */
  | {
      type: 'authentication';
      outcome: 'succeeded' | 'failed' | 'challenged';
      /** The digest user, or that of From where there is none. */
      username: string;
      method: string;
      provesAddress: boolean;
      flow: Flow;
    }
  | { type: 'options-result'; key: string; status: number; reason: string; roundTripMs: number }
  | { type: 'log'; level: 'debug' | 'info' | 'warn'; what: string; detail: string; flow?: Flow };

/**
 * One thing to do after a call into the stack, in order. `close` asks to close a stream connection whose bytes
 * cannot be followed any more; what was to be sent on it before should still go out.
 */
export type SipOutput =
  | { type: 'send'; flow: Flow; bytes: Uint8Array }
  | { type: 'event'; event: SipEvent }
  | { type: 'close'; flow: Flow };
