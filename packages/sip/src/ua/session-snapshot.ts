import type { DialogState } from '../dialog/index.ts';
import type { Flow } from '../flow/index.ts';
import type { SessionTimerState } from './session-refresh.ts';

/** An answered session as plain JSON data. */
export type SessionSnapshot = DialogState & {
  version: 1;
  sessionId: string;
  role: 'uac' | 'uas';
  contactUser: string | undefined;
  /** Absent when the session has no timer (RFC 4028). */
  sessionTimer?: SessionTimerState;
  /** The description of ours that holds, so that it can be sent again unchanged; absent when it was known to whoever asked. */
  description?: string;
};

/** A call of ours that has no final response yet, as plain JSON data. */
export type CallSnapshot = {
  version: 1;
  sessionId: string;
  /** The INVITE as it was sent last, with its credentials. */
  request: string;
  flow: Flow;
  contactUser: string | undefined;
};
