import type { Dialog } from '../dialog/index.ts';
import { readDigits, type SipResponse } from '../message/index.ts';
import { bodyOf, type UserAgentContext } from './context.ts';
import type { ClientCredentials } from './options.ts';
import { RequestAttempt } from './request-attempt.ts';

/** Acknowledges the reliable provisional responses of one INVITE by PRACK (RFC 3262 §4). */
export class ProvisionalAcknowledger {
  private readonly context: UserAgentContext;
  private readonly credentials: ClientCredentials | undefined;
  /** The last RSeq of each early dialog, by To tag. */
  private readonly sequences = new Map<string, number>();
  /** The answers that came reliably: the 2xx need not repeat them. */
  private readonly answers = new Map<string, { body?: Uint8Array; contentType?: string }>();

  constructor(context: UserAgentContext, credentials: ClientCredentials | undefined) {
    this.context = context;
    this.credentials = credentials;
  }

  /** Whether a response asks for a PRACK. */
  static isReliable(response: SipResponse): boolean {
    return response.header('RSeq') !== undefined && response.lists('Require', '100rel');
  }

  /**
   * Sends the PRACK within the early dialog; false when the response is a repetition, or came before an earlier one
   * that is still missing: then it is to be ignored.
   */
  acknowledge(response: SipResponse, dialog: Dialog, nowMs: number): boolean {
    const toTag = response.toTag ?? '';
    const sequence = readDigits((response.header('RSeq') ?? '').trim());
    const last = this.sequences.get(toTag);
    if (sequence < 1 || (last !== undefined && sequence !== last + 1)) return false;
    this.sequences.set(toTag, sequence);
    if (response.body.length > 0 && !this.answers.has(toTag)) this.answers.set(toTag, bodyOf(response));
    const { context } = this;
    const prack = context.createDialogRequest(dialog, 'PRACK');
    prack.push('RAck', `${sequence} ${response.sequence} INVITE`);
    const next = (): number => dialog.nextSequence();
    // A PRACK that fails changes nothing: the final response to the INVITE decides.
    new RequestAttempt(context, prack, context.flowFor(dialog), this.credentials, next, () => {}).start(
      nowMs,
    );
    return true;
  }

  /** The answer that a dialog gave reliably before its 2xx, if any. */
  answerOf(toTag: string): { body?: Uint8Array; contentType?: string } {
    return this.answers.get(toTag) ?? {};
  }
}
