import type { DialogState } from '../dialog/index.ts';
import type { SessionTimerState } from './session-refresh.ts';

/** An answered session as plain JSON data. */
export type SessionSnapshot = DialogState & {
  version: 1;
  sessionId: string;
  role: 'uac' | 'uas';
  contactUser: string | undefined;
  /** Absent when the session has no timer (RFC 4028). */
  sessionTimer?: SessionTimerState;
  /** The description of ours that holds, so that it can be sent again unchanged. */
  description?: string;
};
