import type { DialogState } from '../dialog/index.ts';

/** An answered session as plain JSON data. */
export type SessionSnapshot = DialogState & {
  version: 1;
  sessionId: string;
  role: 'uac' | 'uas';
  contactUser: string | undefined;
};
