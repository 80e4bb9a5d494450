import type {
  AgentId,
  AgentStatus,
  ContactId,
  LegId,
  QueueEntryAction,
  QueueId,
  UserId,
} from '@crosspoint/contracts';
import type { ContactInput } from '@crosspoint/core';
import type { Dispatcher } from './dispatcher.ts';
import type { Actor, CommandResult } from './door.ts';
import type { CentreState } from './state.ts';

const ok: CommandResult = { ok: true };
/** Whoever picks a call up has it within a moment; after that others may have it again. */
const pickUpSeconds = 5;

/** What people command, over the API or from their phone; a refusal is a value. */
export class CentreCommands {
  readonly #state: CentreState;
  readonly #dispatcher: Dispatcher;
  readonly #now: () => number;
  /** Why the command that is being handled was refused by its machine. */
  #refusal: string | undefined;

  constructor(state: CentreState, dispatcher: Dispatcher, now: () => number) {
    this.#state = state;
    this.#dispatcher = dispatcher;
    this.#now = now;
  }

  /** For the effect `command.refused`, which comes within the command's own turn. */
  refused(reason: string): void {
    this.#refusal = reason;
  }

  chooseStatus(
    agentId: AgentId,
    status: AgentStatus,
    reasonCode: string | null,
    actor: Actor,
  ): CommandResult {
    if (!this.#state.configuration.agents.has(agentId)) {
      return { ok: false, code: 'agent-unknown', detail: 'There is no such agent.' };
    }
    const { kind: by, userId: byUserId } = actor;
    this.#dispatcher.toDistributor({ type: 'status.chosen', agentId, status, reasonCode, by, byUserId });
    return ok;
  }

  finishWrapUp(agentId: AgentId, contactId: ContactId, actor: Actor): CommandResult {
    if (this.#wrapUpOf(agentId, contactId) === undefined) return notInWrapUp;
    this.#dispatcher.toDistributor({ type: 'wrapup.finished', agentId, contactId, by: actor.kind });
    return ok;
  }

  extendWrapUp(agentId: AgentId, contactId: ContactId, until: number): CommandResult {
    const wrapUp = this.#wrapUpOf(agentId, contactId);
    if (wrapUp === undefined) return notInWrapUp;
    if (wrapUp.until == null) return wrapUpWithoutEnd;
    this.#dispatcher.toDistributor({ type: 'wrapup.extended', agentId, contactId, until });
    return ok;
  }

  #wrapUpOf(agentId: AgentId, contactId: ContactId): { until?: number | null } | undefined {
    const contacts = this.#state.distributor.agent(agentId, this.#now())?.contacts ?? [];
    return contacts.find((contact) => contact.contactId === contactId && contact.state === 'wrap-up');
  }

  overrideEntry(
    queueId: QueueId,
    contactId: ContactId,
    action: QueueEntryAction,
    { userId: byUserId }: Actor,
  ): CommandResult {
    if (this.#state.distributor.entry(contactId)?.queueId !== queueId) return notWaiting;
    const { queues, agents } = this.#state.configuration;
    const by = { by: 'supervisor', byUserId } as const;
    switch (action.action) {
      case 'move':
        if (!queues.has(action.queueId)) {
          return { ok: false, code: 'queue-unknown', detail: 'There is no such queue to move it to.' };
        }
        this.#dispatcher.toDistributor({ type: 'entry.moved', contactId, queueId: action.queueId, ...by });
        return ok;
      case 'reprioritise':
        this.#dispatcher.toDistributor({
          type: 'entry.reprioritised',
          contactId,
          priority: action.priority,
          ...by,
        });
        return ok;
      case 'assign': {
        const { agentId, seconds } = action;
        if (!agents.has(agentId))
          return { ok: false, code: 'agent-unknown', detail: 'There is no such agent.' };
        this.#dispatcher.toDistributor({ type: 'entry.assigned', contactId, agentId, seconds, ...by });
        return ok;
      }
      case 'remove':
        this.#dispatcher.toDistributor({ type: 'entry.removed', contactId, ...by });
        return ok;
    }
  }

  /** Offers a contact that waits to nobody but that agent, whose telephone is on the line for it. */
  assign(contactId: ContactId, agentId: AgentId, byUserId: UserId): void {
    const of = { contactId, agentId, seconds: pickUpSeconds } as const;
    this.#dispatcher.toDistributor({ type: 'entry.assigned', ...of, by: 'supervisor', byUserId });
  }

  hold(legId: LegId): CommandResult {
    return this.#commandLeg(legId, 'hold.requested');
  }
  resume(legId: LegId): CommandResult {
    return this.#commandLeg(legId, 'resume.requested');
  }

  #commandLeg(legId: LegId, type: 'hold.requested' | 'resume.requested'): CommandResult {
    const leg = this.#state.legs.get(legId);
    if (leg === undefined) return unknownCall;
    const legs = this.#state.contacts.get(leg.contactId)?.machine.view().legs ?? [];
    const agentId = leg.agentId ?? legs.find(({ party }) => party === 'agent')?.agentId ?? null;
    if (agentId === null) {
      return { ok: false, code: 'call-not-connected', detail: 'The call is not connected to an agent yet.' };
    }
    return this.command(leg.contactId, { type, agentId });
  }

  hangup(legId: LegId, actor: Actor): CommandResult {
    const leg = this.#state.legs.get(legId);
    if (leg === undefined) return unknownCall;
    return this.command(leg.contactId, {
      type: 'hangup.requested',
      legId,
      reason: `hung-up-by-${actor.kind}`,
    });
  }

  /** Hands an input to a contact; what its machine refuses is the result. */
  command(contactId: ContactId, input: ContactInput): CommandResult {
    this.#refusal = undefined;
    this.#dispatcher.toContact(contactId, input);
    const refusal: string | undefined = this.#refusal;
    if (refusal === undefined) return ok;
    const detail = told[refusal];
    if (detail !== undefined) return { ok: false, code: refusal, detail };
    return { ok: false, code: 'call-wrong-state', detail: `The call does not allow this now: ${refusal}.` };
  }
}

/** The refusals of a contact that say by themselves what to do about them. */
const told: Readonly<Record<string, string>> = {
  'already-consulting': 'Somebody is being asked already. Bring that consultation to an end first.',
  'already-here': 'This person takes part in the conversation already.',
  'conference-full': 'The conversation has as many participants as it can take. Remove somebody first.',
  locked: 'The conversation is locked. Unlock it first.',
  'not-connected': 'Agent and customer do not speak with each other at this moment.',
  'not-supervising': 'This supervisor takes no part in the conversation any more. Attach anew.',
  'recorded-by-queue': 'The queue asks for this recording. Pause it, or ask a supervisor to end it.',
};

const unknownCall: CommandResult = {
  ok: false,
  code: 'call-unknown',
  detail: 'This call is not up (any more).',
};
const notWaiting: CommandResult = {
  ok: false,
  code: 'not-waiting',
  detail: 'The contact does not wait in this queue (any more).',
};
const wrapUpWithoutEnd: CommandResult = {
  ok: false,
  code: 'wrap-up-without-end',
  detail: 'This wrap-up lasts until it is finished: there is no end to put off.',
};
const notInWrapUp: CommandResult = {
  ok: false,
  code: 'not-in-wrap-up',
  detail: 'The agent is not in wrap-up after this contact (any more).',
};
