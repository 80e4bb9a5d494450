import type { AgentId, LegId } from '@crosspoint/contracts';
import type { CommandResult, DialogId, DialogInfo, EventContent, SipEvent } from '@crosspoint/sip';
import type { LegReport } from '../door.ts';
import type { SipAccount } from './accounts.ts';

export type SubscribeRequest = Extract<SipEvent, { type: 'subscribe' }>;

/** What of `stack.subscriptions` a notifier needs. */
export interface Notifier {
  accept(subscriptionId: string, content: EventContent): CommandResult;
  refuse(subscriptionId: string, status: number, reason: string): CommandResult;
  notify(subscriptionId: string, content: EventContent): CommandResult;
  end(subscriptionId: string): CommandResult;
}

export interface AgentLampsContext {
  notifier: Notifier;
  /** Who has proved to be that user. */
  accountOf: (username: string) => SipAccount | undefined;
  /** The colleague of that account with this extension or user name. */
  colleagueOf: (account: SipAccount, name: string) => AgentId | undefined;
  /** Whether that agent may take calls of colleagues. Rejects when that cannot be found out now. */
  mayPickUp: (agentId: AgentId) => Promise<boolean>;
  /** The dialog of a leg that rings or is up, as we see it. */
  dialogOf: (legId: LegId) => DialogId | undefined;
}

interface Watch {
  username: string;
  agentId: AgentId;
  /** Is told by what a call can be picked up (RFC 3891). */
  mayPickUp: boolean;
}

/**
 * The lamps of telephones: each shows whether a colleague rings or speaks (RFC 4235). It tells of the calls of the agent's
 * devices as they are, queue or not, and never of who is at the other end. By what a call can be picked up is told to those alone
 * who may do that.
 */
export class AgentLamps {
  readonly #context: AgentLampsContext;
  /** Calls of agents' devices by leg: those that ring or are up. */
  readonly #calls = new Map<AgentId, Map<LegId, DialogInfo>>();
  readonly #agents = new Map<LegId, AgentId>();
  readonly #watches = new Map<string, Watch>();
  readonly #watchers = new Map<AgentId, Set<string>>();

  constructor(context: AgentLampsContext) {
    this.#context = context;
  }

  statistics(): { watches: number; calls: number } {
    return { watches: this.#watches.size, calls: this.#agents.size };
  }

  // ---------------------------------------------------------------- who watches

  subscribed({ subscriptionId, authenticatedUser, resource, expiresSeconds }: SubscribeRequest): void {
    const { notifier, accountOf, colleagueOf } = this.#context;
    const account = authenticatedUser === undefined ? undefined : accountOf(authenticatedUser);
    if (account === undefined) {
      notifier.refuse(subscriptionId, 403, 'Forbidden');
      return;
    }
    const agentId = colleagueOf(account, resource.user ?? '');
    if (agentId === undefined) {
      notifier.refuse(subscriptionId, 404, 'No Such Extension');
      return;
    }
    const watch = { username: account.username, agentId, mayPickUp: false };
    // Asked for once, it is told once, and over.
    if (expiresSeconds > 0) this.#remember(subscriptionId, watch);
    notifier.accept(subscriptionId, this.#contentOf(watch));
    if (expiresSeconds > 0) this.#findOut(subscriptionId, watch, account.agentId);
  }

  /** While it cannot be found out the lamp only shines; a call is judged anew when it is picked up. */
  #findOut(subscriptionId: string, watch: Watch, watcherId: AgentId): void {
    const { mayPickUp, notifier } = this.#context;
    const learned = (isAllowed: boolean): void => {
      watch.mayPickUp = isAllowed;
      const isShown = this.#calls.has(watch.agentId) && this.#watches.get(subscriptionId) === watch;
      if (isAllowed && isShown) notifier.notify(subscriptionId, this.#contentOf(watch));
    };
    mayPickUp(watcherId).then(learned, () => learned(false));
  }

  /** The subscription is over: it has expired, was given up, or a NOTIFY failed. */
  ended(subscriptionId: string): void {
    const watch = this.#watches.get(subscriptionId);
    if (watch === undefined) return;
    this.#watches.delete(subscriptionId);
    const watchers = this.#watchers.get(watch.agentId);
    watchers?.delete(subscriptionId);
    if (watchers?.size === 0) this.#watchers.delete(watch.agentId);
  }

  /** That account is gone: it sees nothing more. */
  forget(username: string): void {
    for (const [subscriptionId, watch] of this.#watches) {
      if (watch.username !== username) continue;
      this.ended(subscriptionId);
      this.#context.notifier.end(subscriptionId);
    }
  }

  #remember(subscriptionId: string, watch: Watch): void {
    this.#watches.set(subscriptionId, watch);
    const watchers = this.#watchers.get(watch.agentId);
    if (watchers === undefined) this.#watchers.set(watch.agentId, new Set([subscriptionId]));
    else watchers.add(subscriptionId);
  }

  // ---------------------------------------------------------------- what they see

  /** The agent's devices are being called; nothing is shown before one of them rings. */
  called(legId: LegId, agentId: AgentId): void {
    this.#agents.set(legId, agentId);
  }

  /** A device of the agent calls somebody. */
  calling(legId: LegId, agentId: AgentId): void {
    this.#agents.set(legId, agentId);
    this.#show(agentId, { id: legId, state: 'early', direction: 'initiator' });
  }

  reported(legId: LegId, report: LegReport): void {
    const agentId = this.#agents.get(legId);
    if (agentId === undefined) return;
    if (report.type === 'failed' || report.type === 'ended') return this.over(legId);
    if (report.type !== 'ringing' && report.type !== 'answered') return;
    const direction = this.#calls.get(agentId)?.get(legId)?.direction ?? 'recipient';
    const state = report.type === 'ringing' ? 'early' : 'confirmed';
    this.#show(agentId, { id: legId, state, direction });
  }

  /** The leg is over; fine when it is known already. */
  over(legId: LegId): void {
    const agentId = this.#agents.get(legId);
    if (agentId === undefined) return;
    this.#agents.delete(legId);
    const calls = this.#calls.get(agentId);
    const last = calls?.get(legId);
    if (calls === undefined || last === undefined) return;
    calls.delete(legId);
    if (calls.size === 0) this.#calls.delete(agentId);
    this.#tell(agentId, { ...last, state: 'terminated' });
  }

  #show(agentId: AgentId, call: DialogInfo): void {
    const calls = this.#calls.get(agentId) ?? new Map<LegId, DialogInfo>();
    this.#calls.set(agentId, calls.set(call.id as LegId, call));
    this.#tell(agentId);
  }

  #tell(agentId: AgentId, terminated?: DialogInfo): void {
    const watchers = this.#watchers.get(agentId);
    if (watchers === undefined) return;
    for (const subscriptionId of watchers) {
      const watch = this.#watches.get(subscriptionId);
      if (watch !== undefined)
        this.#context.notifier.notify(subscriptionId, this.#contentOf(watch, terminated));
    }
  }

  /** Every call of the agent, with the one that has just ended: phones differ in what puts the lamp out. */
  #contentOf({ agentId, mayPickUp }: Watch, terminated?: DialogInfo): EventContent {
    const calls = [...(this.#calls.get(agentId)?.values() ?? [])];
    const dialogs = mayPickUp ? calls.map((call) => this.#identified(call)) : calls;
    return { dialogs: terminated === undefined ? dialogs : [...dialogs, terminated] };
  }

  /** As the telephone that is watched sees it (RFC 4235 §4.1.2): its tag is the remote one to us. */
  #identified(call: DialogInfo): DialogInfo {
    const dialog = this.#context.dialogOf(call.id as LegId);
    if (dialog === undefined) return call;
    const { callId, localTag: remoteTag, remoteTag: localTag } = dialog;
    return { ...call, callId, localTag, remoteTag };
  }
}
