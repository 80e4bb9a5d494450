import type { LocalAudio, NegotiationResult } from './types.ts';

/**
 * Our side of the offer/answer exchange of one call (RFC 3264): keeps the `o=` line, raises its version when the
 * description changes, and keeps the order of `m=` lines over re-offers. For 488 see the failure results.
 */
export class SdpSession {
  /** `sessionNumber` is 1–2^53; draw it at random per call. */
  constructor(options: { sessionNumber: number; address: string; sessionName?: string }) {
    void options;
  }
  /** Makes an offer: the first, or a re-offer. Returns the SDP text. */
  createOffer(local: LocalAudio): string {
    void local;
    return '';
  }
  /** Answers the peer's offer; on failure refuse the request with 488. */
  answerOffer(offer: Uint8Array | string, local: LocalAudio): NegotiationResult<{ answer: string }> {
    void [offer, local];
    return { ok: false, reason: 'malformed', detail: '' };
  }
  /** Reads the peer's answer to our last offer. */
  acceptAnswer(answer: Uint8Array | string): NegotiationResult<object> {
    void answer;
    return { ok: false, reason: 'malformed', detail: '' };
  }
  /** Forgets our last offer after it was refused. */
  withdrawOffer(): void {}
}
