import type { Flow } from '../flow/index.ts';

/** An answered session as plain JSON data. */
export type SessionSnapshot = {
  version: 1;
  sessionId: string;
  role: 'uac' | 'uas';
  flow: Flow;
  callId: string;
  localTag: string;
  remoteTag: string;
  localUri: string;
  remoteUri: string;
  remoteTarget: string;
  routeSet: string[];
  localSequence: number;
  remoteSequence: number | undefined;
  contactUser: string | undefined;
};
