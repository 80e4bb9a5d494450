import { writeReferTo, type Replaces } from '../dialog/index.ts';
import { writeAddress, type NameAddress, type SipUri } from '../message/index.ts';
import { readAddress, refused, wrongStatus } from './arguments.ts';
import type { ReferEntry, UserAgentContext } from './context.ts';
import { EstablishedSession } from './established-session.ts';
import type { CommandResult, HeaderOptions, Refusal } from './options.ts';

export type ReferCommand = HeaderOptions & {
  /** Chosen by the consumer; `refer-progress` and `refer-result` carry it. */
  referId: string;
  /** The answered call whose peer is sent away. */
  sessionId: string;
  target: string | SipUri;
  /**
   * The call that the peer's new call replaces at its destination (attended transfer): an answered session of this
   * stack with that destination, or a dialog as the destination sees it.
   */
  replaces?: { sessionId: string } | Replaces | undefined;
  /** Who sends the peer away (RFC 3892). */
  referredBy?: string | NameAddress | undefined;
  /** False asks for no reports (RFC 4488); true. */
  wantsReport?: boolean | undefined;
};

/** Transfers by REFER (RFC 3515), in both directions. */
export class Transfers {
  private readonly context: UserAgentContext;

  constructor(context: UserAgentContext) {
    this.context = context;
  }

  /**
   * Asks the peer of an answered call to call somebody else. `refer-progress`* and one `refer-result` follow, also after
   * the call has ended.
   */
  refer(command: ReferCommand, nowMs: number): CommandResult {
    const session = this.context.sessions.get(command.sessionId);
    if (session === undefined) return refused('unknown-session', command.sessionId);
    if (!(session instanceof EstablishedSession))
      return refused('wrong-state', 'The call has not been answered.');
    const { replaces } = command;
    const replaced =
      replaces !== undefined && 'sessionId' in replaces ? this.dialogAt(replaces.sessionId) : replaces;
    if (replaces !== undefined && replaced === undefined)
      return refused('invalid-argument', 'replaces: the session has not been answered, or is over.');
    const referTo = writeReferTo(command.target, replaced);
    if (referTo === undefined)
      return refused('invalid-argument', `target: ${String(command.target)} is no SIP or tel URI.`);
    const referredBy = command.referredBy === undefined ? undefined : readAddress(command.referredBy);
    if (command.referredBy !== undefined && referredBy === undefined)
      return refused('invalid-argument', 'referredBy: give a SIP address.');
    const headers: Array<readonly [string, string]> = [['Refer-To', referTo]];
    if (referredBy !== undefined) headers.push(['Referred-By', writeAddress(referredBy)]);
    if (command.wantsReport === false) headers.push(['Refer-Sub', 'false'], ['Supported', 'norefersub']);
    headers.push(...(command.headers ?? []));
    return session.refer(command.referId, headers, nowMs);
  }

  /** The dialog of a session as its peer sees it. */
  private dialogAt(sessionId: string): Replaces | undefined {
    const session = this.context.sessions.get(sessionId);
    if (!(session instanceof EstablishedSession)) return undefined;
    const { callId, localTag, remoteTag } = session.dialog.id;
    return { callId, toTag: remoteTag, fromTag: localTag, earlyOnly: false };
  }

  /** Takes the REFER of `refer` or `refer-outside`; with `wantsReport` the referrer now hears of each `report`. */
  accept(command: { referId: string }, nowMs: number): CommandResult {
    return this.incoming(command.referId, (refer) => refer.accept(nowMs));
  }

  /** Refuses it with `status` 300–699; 603 says that we will not. */
  refuse(command: { referId: string } & Refusal, nowMs: number): CommandResult {
    if (command.status < 300 || command.status > 699) return wrongStatus(command.status, '300–699');
    return this.incoming(command.referId, (refer) => refer.refuse(command, nowMs));
  }

  /**
   * Tells the referrer how the call goes that it asked for: 101–199 as often as wanted, then once 200–699. Does nothing
   * for one that wants no reports.
   */
  report(
    command: { referId: string; status: number; reason?: string | undefined },
    nowMs: number,
  ): CommandResult {
    const { status } = command;
    if (status < 100 || status > 699) return wrongStatus(status, '100–699');
    return this.incoming(command.referId, (refer) => refer.report(status, command.reason, nowMs));
  }

  private incoming(referId: string, act: (refer: ReferEntry) => CommandResult): CommandResult {
    const refer = this.context.refers.get(referId);
    return refer === undefined ? refused('unknown-session', referId) : act(refer);
  }
}
