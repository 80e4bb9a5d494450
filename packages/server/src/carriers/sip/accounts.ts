import type { AgentId, SecuritySettings, TenantId } from '@crosspoint/contracts';
import type { DigestAlgorithm } from '@crosspoint/sip';

/** What telephones are asked for, the best first (RFC 8760 §2.4), as it is set. */
const digestAlgorithms: Readonly<Record<SecuritySettings['digest'], readonly DigestAlgorithm[]>> = {
  md5: ['MD5'],
  'sha-256-or-md5': ['SHA-256', 'MD5'],
  'sha-256': ['SHA-256'],
};

/** A SIP account of an agent. Only the hashes of RFC 7616 §3.4.2 (HA1) are kept, never the password. */
export interface SipAccount {
  tenantId: TenantId;
  agentId: AgentId;
  username: string;
  ha1Md5: string | null;
  ha1Sha256: string | null;
}

/** Accounts by user name, as phones register with them. */
export class SipAccounts {
  #byUsername = new Map<string, SipAccount>();
  #byAgent = new Map<AgentId, SipAccount>();
  readonly #temporary = new Map<string, SipAccount>();

  /** Replaces the accounts of one tenant; returns the user names that are gone. */
  replace(tenantId: TenantId, accounts: readonly SipAccount[]): string[] {
    const kept = new Set(accounts.map((account) => account.username));
    const gone: string[] = [];
    for (const [username, account] of this.#byUsername) {
      if (account.tenantId !== tenantId) continue;
      this.#byUsername.delete(username);
      this.#byAgent.delete(account.agentId);
      if (!kept.has(username)) gone.push(username);
    }
    for (const account of accounts) {
      this.#byUsername.set(account.username, account);
      this.#byAgent.set(account.agentId, account);
    }
    return gone;
  }

  /** An account that no configuration knows: that of a telephone in a browser. */
  addTemporary(account: SipAccount): void {
    this.#temporary.set(account.username, account);
  }
  dropTemporary(username: string): void {
    this.#temporary.delete(username);
  }

  byUsername(username: string): SipAccount | undefined {
    return this.#byUsername.get(username) ?? this.#temporary.get(username);
  }
  /** The account that the agent's own devices register with. */
  byAgent(agentId: AgentId): SipAccount | undefined {
    return this.#byAgent.get(agentId);
  }

  /** By what that user may prove the password. The library of our page knows MD5 only; its passwords are long and random. */
  algorithmsOf(username: string, digest: SecuritySettings['digest']): readonly DigestAlgorithm[] {
    return digestAlgorithms[this.#temporary.has(username) ? 'md5' : digest];
  }

  ha1(username: string, algorithm: DigestAlgorithm): string | undefined {
    const account = this.byUsername(username);
    if (algorithm === 'MD5') return account?.ha1Md5 ?? undefined;
    return algorithm === 'SHA-256' ? (account?.ha1Sha256 ?? undefined) : undefined;
  }
}
