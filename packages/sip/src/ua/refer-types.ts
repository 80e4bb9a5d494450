import type { ReferTarget } from '../dialog/index.ts';
import type { NameAddress, SipRequest } from '../message/index.ts';

/** What an incoming REFER asks for. */
export type ReferRequest = {
  referId: string;
  target: ReferTarget;
  /** The session of this stack that `target.replaces` names: both calls of an attended transfer are here. */
  replacesSessionId?: string;
  referredBy?: NameAddress;
  wantsReport: boolean;
  request: SipRequest;
};

/**
 * How a REFER of ours ended. done, failed: the peer has reported the final response of the new call. accepted: it
 * took it and will not report. refused: it did not take it. unknown: it took it and was not heard of any more.
 */
export type ReferResult = 'done' | 'failed' | 'accepted' | 'refused' | 'unknown';

/** What a REFER of ours tells the consumer. */
export type ReferReport =
  | { kind: 'progress'; status: number; reason: string }
  | { kind: 'result'; outcome: ReferResult; status: number; reason: string };
