import { randomBytes } from 'node:crypto';
import type { AgentId, TenantId } from '@crosspoint/contracts';
import { computeHa1 } from '@crosspoint/sip';
import type { SipAccount, SipAccounts } from './accounts.ts';

/** What a page needs to register as the telephone of its agent. */
export interface BrowserCredential {
  username: string;
  password: string;
  expiresAtMs: number;
}

export type BrowserTaken =
  | { ok: true; isNew: boolean; credential: BrowserCredential }
  /** Another window of this agent is the telephone. */
  | { ok: false; reason: 'phone-in-use' };

export interface BrowserAccountsContext {
  accounts: SipAccounts;
  realm: string;
  /** Milliseconds since the epoch. */
  now: () => number;
  isRegistered: (username: string) => boolean;
  /** Forgets what is registered with that name, and closes its connection. */
  disconnect: (username: string) => void;
}

interface Issued {
  account: SipAccount;
  windowId: string;
  password: string;
  issuedAtMs: number;
  expiresAtMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** A page asks again well before; whoever steals a credential has it no longer than this. */
const lifetimeMs = 600_000;
/** A page that has just got its credential counts as the telephone though it has not registered yet. */
const registeringMs = 10_000;

/**
 * The telephones in browsers: each agent has one at most, and each window that becomes it gets a SIP account of its own
 * with a secret that nobody chose and that ends soon. The person's own SIP password stays unknown to the page.
 */
export class BrowserAccounts {
  readonly #context: BrowserAccountsContext;
  readonly #byAgent = new Map<AgentId, Issued>();

  constructor(context: BrowserAccountsContext) {
    this.#context = context;
  }

  /**
   * Makes a window the telephone of the agent, or prolongs its credential when it is it already. Another window that is
   * registered keeps it unless `takeOver`; then it loses its registration at once.
   */
  take(
    window: { tenantId: TenantId; agentId: AgentId; windowId: string },
    { takeOver }: { takeOver: boolean },
  ): BrowserTaken {
    const { tenantId, agentId, windowId } = window;
    const { accounts, realm, now } = this.#context;
    const held = this.#byAgent.get(agentId);
    if (held?.windowId === windowId) {
      this.#prolong(agentId, held);
      return { ok: true, isNew: false, credential: credentialOf(held) };
    }
    if (held !== undefined && !takeOver && this.#isInUse(held)) return { ok: false, reason: 'phone-in-use' };
    if (held !== undefined) this.#revoke(agentId, held);
    const username = `b-${randomBytes(12).toString('hex')}`;
    const password = randomBytes(24).toString('base64url');
    const ha1Md5 = computeHa1(username, realm, password, 'MD5');
    const ha1Sha256 = computeHa1(username, realm, password, 'SHA-256');
    const account: SipAccount = { tenantId, agentId, username, ha1Md5, ha1Sha256 };
    const issued: Issued = {
      ...{ account, windowId, password },
      issuedAtMs: now(),
      expiresAtMs: 0,
      timer: undefined,
    };
    this.#byAgent.set(agentId, issued);
    accounts.addTemporary(account);
    this.#prolong(agentId, issued);
    return { ok: true, isNew: true, credential: credentialOf(issued) };
  }

  /** The window is no telephone any more; false when it was none. */
  release(agentId: AgentId, windowId: string): boolean {
    const held = this.#byAgent.get(agentId);
    if (held?.windowId !== windowId) return false;
    this.#revoke(agentId, held);
    return true;
  }

  /** The name with which the agent's window registers. */
  usernameOf(agentId: AgentId): string | undefined {
    return this.#byAgent.get(agentId)?.account.username;
  }

  close(): void {
    for (const { timer } of this.#byAgent.values()) clearTimeout(timer);
    this.#byAgent.clear();
  }

  #isInUse({ account, issuedAtMs }: Issued): boolean {
    const isRegistering = this.#context.now() - issuedAtMs < registeringMs;
    return isRegistering || this.#context.isRegistered(account.username);
  }

  #prolong(agentId: AgentId, issued: Issued): void {
    clearTimeout(issued.timer);
    issued.expiresAtMs = this.#context.now() + lifetimeMs;
    issued.timer = setTimeout(() => this.#revoke(agentId, issued), lifetimeMs).unref();
  }

  #revoke(agentId: AgentId, issued: Issued): void {
    clearTimeout(issued.timer);
    if (this.#byAgent.get(agentId) === issued) this.#byAgent.delete(agentId);
    // While the account is still known, so that the end of its registration is told of its agent.
    this.#context.disconnect(issued.account.username);
    this.#context.accounts.dropTemporary(issued.account.username);
  }
}

function credentialOf({ account: { username }, password, expiresAtMs }: Issued): BrowserCredential {
  return { username, password, expiresAtMs };
}
