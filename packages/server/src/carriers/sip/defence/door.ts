import type { RefusalReason, SecuritySettings } from '@crosspoint/contracts';
import type { BanEntry } from './bans.ts';
import type { Network } from './networks.ts';

/** Which networks somebody has judged. */
export interface AccessPolicy {
  rules: readonly { network: Network; action: 'allow' | 'deny' }[];
  /** Addresses of configured trunks. */
  trunks: readonly Network[];
  /** Addresses of this machine. */
  own: readonly Network[];
}

export interface LineGuardOptions {
  settings: SecuritySettings;
  newId: () => string;
  onBan(ban: BanEntry): void;
  /** The first refusal of its kind in the list of recent ones. */
  onRefusal(source: string, reason: RefusalReason, detail: string): void;
}

/** An attempt to authenticate, as the SIP stack judged it. */
export interface AuthenticationAttempt {
  address: string;
  username: string;
  /** `challenged`: nothing was tried yet, the answer was a challenge. */
  outcome: 'succeeded' | 'failed' | 'challenged';
  /** The request answers a challenge that went to this address, or came on a connection. */
  provesAddress: boolean;
}

/** Why a call is not let in, and when to try again. */
export interface CallRefusal {
  reason: Extract<RefusalReason, 'call-rate' | 'agent-call-rate' | 'trunk-call-rate'>;
  retryAfterSeconds: number;
}
