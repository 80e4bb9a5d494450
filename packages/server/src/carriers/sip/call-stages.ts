import type { SrtpUse } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import type { ClientCredentials, Flow, SipEvent } from '@crosspoint/sip';
import type { SoundTransport } from '../door.ts';
import type { CountedCall } from './leg-snapshot.ts';

/** What the description of our first offer is like. */
export interface SoundProfile {
  /** RTP as telephones know it, DTLS as some of them speak it, or ICE and DTLS as browsers want it. */
  transport: SoundTransport;
  /** Of RTP: encryption with keys in the description. */
  srtp: SrtpUse;
}

/** One INVITE that a branch may become. */
export interface CallWay {
  uri: string;
  flow: Flow;
  from: string;
  to: string;
  route: readonly string[];
  headers: readonly (readonly [string, string])[];
  sound: SoundProfile;
  /** Tried one after the other when the far end refuses the first description (488). */
  otherSounds?: readonly SoundProfile[] | undefined;
  /** The far end has answered that description. */
  soundTaken?: (sound: SoundProfile) => void;
  credentials?: ClientCredentials | undefined;
  contactUser?: string | undefined;
  /** The server is given up when it says nothing for so long, because there is another one. */
  silenceMaxMs?: number | undefined;
  /** It is given up then though there is no other way: somebody else can take the call. */
  isPassedOver?: boolean | undefined;
  /** The trunk that counts it. */
  counted?: CountedCall | undefined;
  /** It is tried now, and it is over: a trunk counts its calls. False: it takes no further call. */
  begin?: () => boolean;
  end?: () => void;
}

/** One device or number that rings. */
export interface CallBranch {
  /** Ways to it, in order: the next is taken when one does not answer, or answers that it is out of order. */
  ways: readonly CallWay[];
  /** The key by which the person must take the call, so that no mailbox does. */
  confirmKey?: string | undefined;
}

/** Branches of one stage ring together; the next stage follows when none of them has answered in time. */
export interface CallStage {
  branches: readonly CallBranch[];
  /** Only counts when there is a next stage. */
  ringTimeoutMs: number;
}

/** The server, not the callee, is why there is no call: another one may do better (RFC 3263 §4.3). */
export function isOutOfOrder({ status, cause }: Extract<SipEvent, { type: 'rejected' }>): boolean {
  if (cause === 'timeout' || cause === 'transport') return true;
  return status === 408 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** Which of several endings says most about the person: a refusal before busy before nobody there before a fault. */
export function rankOfEnd({ code, by, reason }: LegEnd): number {
  if (reason === 'no-endpoint') return 0;
  if (by !== 'remote') return by === 'timeout' ? 2 : 1;
  if (code >= 600 && code !== 600) return 6;
  if (code === 486 || code === 600) return 5;
  if (code === 403 || code === 480) return 4;
  return 3;
}
