import type { AgentId, ContactFact, ContactId, EpochMs, QueueId, RecordingId } from '@crosspoint/contracts';
import type { EntryVia, RestoredContact, RestoredStay } from '../acd/index.ts';
import { type ContactEffect, type ContactInput, type ContactMachine, createContact } from '../calls/index.ts';

/** One input of a contact's machine, as it was kept. */
export interface JournaledInput {
  readonly at: EpochMs;
  readonly input: ContactInput;
}

/** A contact's machine as it was after its last input, and what the world around it stood at then. */
export interface ReplayedContact {
  readonly machine: ContactMachine;
  readonly facts: readonly ContactFact[];
  /** Deadlines that are set. */
  readonly timers: ReadonlyMap<string, EpochMs>;
  /** Recordings that have begun and not ended. */
  readonly recordings: ReadonlySet<RecordingId>;
  /** The queue that has the contact, or had it last. */
  readonly queueId: QueueId | null;
  readonly isClosed: boolean;
  /** What the distributor is told of it. */
  readonly standing: RestoredContact;
}

/**
 * Runs a contact's machine over the inputs that it once had. The machine is deterministic: it decides as it decided then, and writes
 * the same facts. `each` sees every input with what came of it. Throws what the machine throws, unless it did so then as well,
 * which ended the contact.
 */
export function replayContact(
  id: ContactId,
  inputs: readonly JournaledInput[],
  each: (entry: JournaledInput, effects: readonly ContactEffect[], fault?: Error) => void = () => undefined,
): ReplayedContact {
  const machine = createContact(id);
  const world = new World(id);
  for (const [index, entry] of inputs.entries()) {
    const { effects, fault } = attempt(machine, entry);
    if (fault !== undefined && !failedThen(inputs, index)) throw fault;
    world.input(entry);
    for (const effect of effects) world.effect(effect);
    each(entry, effects, fault);
  }
  return { machine, ...world.seen() };
}

function attempt(
  machine: ContactMachine,
  { input, at }: JournaledInput,
): { effects: readonly ContactEffect[]; fault?: Error } {
  try {
    return { effects: machine.handle(input, at) };
  } catch (error) {
    return { effects: [], fault: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** A machine that fails is told so in the same turn. */
function failedThen(inputs: readonly JournaledInput[], index: number): boolean {
  const at = inputs[index]?.at;
  return inputs.slice(index + 1).some((entry) => entry.at === at && entry.input.type === 'contact.failed');
}

interface Entered {
  via: EntryVia;
  caller: string;
  number: string;
  routedPriority: number;
}

/** Keeps count of what a contact's inputs and effects leave behind outside of its machine. */
class World {
  readonly #id: ContactId;
  readonly #facts: ContactFact[] = [];
  readonly #timers = new Map<string, EpochMs>();
  readonly #recordings = new Set<RecordingId>();
  readonly #engaged = new Map<AgentId, { isRinging: boolean; asCaller: boolean }>();
  readonly #held = new Set<AgentId>();
  readonly #conversations = new Map<AgentId, { queueId: QueueId; startedAt: EpochMs }>();
  readonly #wrapUps = new Map<AgentId, { queueId: QueueId; startedAt: EpochMs; until: EpochMs | null }>();
  /** How long the last conversation with each agent was. */
  readonly #talkMs = new Map<AgentId, number>();
  #entered: Entered = { via: 'call', caller: '', number: '', routedPriority: 0 };
  #stay: RestoredStay | null = null;
  #stays = 0;
  #offers = 0;
  #queueId: QueueId | null = null;
  #isClosed = false;

  constructor(id: ContactId) {
    this.#id = id;
  }

  input({ at, input }: JournaledInput): void {
    if (input.type === 'contact.assigned') {
      this.#conversations.set(input.agentId, { queueId: input.queueId, startedAt: at });
    } else if (input.type === 'recording.ended') this.#recordings.delete(input.recordingId);
    else if (input.type === 'timer.due') this.#timers.delete(input.name);
  }

  effect(effect: ContactEffect): void {
    switch (effect.type) {
      case 'fact':
        this.#facts.push(effect.fact);
        return this.#fact(effect.fact);
      case 'timer.set':
        this.#timers.set(effect.name, effect.at);
        return;
      case 'timer.cleared':
        this.#timers.delete(effect.name);
        return;
      case 'contact.entered':
        this.#entered = {
          ...{ via: effect.via ?? 'call', caller: effect.caller, number: effect.number },
          routedPriority: effect.priority,
        };
        this.#queueId = effect.queueId;
        return;
      case 'recording.start':
        this.#recordings.add(effect.recordingId);
        return;
      case 'conversation.ended':
        this.#endConversation(effect.agentId);
        return;
      case 'hold.changed':
        if (effect.held) this.#held.add(effect.agentId);
        else this.#held.delete(effect.agentId);
        return;
      case 'agent.engaged':
        if (!effect.engaged) this.#engaged.delete(effect.agentId);
        else {
          const { agentId, isRinging, asCaller } = effect;
          this.#engaged.set(agentId, { isRinging: isRinging === true, asCaller: asCaller === true });
        }
        return;
      case 'closed':
        this.#isClosed = true;
        return;
      default:
        return;
    }
  }

  seen(): Omit<ReplayedContact, 'machine'> {
    return {
      facts: this.#facts,
      timers: this.#timers,
      recordings: this.#recordings,
      queueId: this.#queueId,
      isClosed: this.#isClosed,
      standing: {
        contactId: this.#id,
        stays: this.#stays,
        offers: this.#offers,
        stay: this.#stay,
        conversations: [...this.#conversations].map(([agentId, { queueId, startedAt }]) => ({
          ...{ agentId, queueId, startedAt },
          held: this.#held.has(agentId),
        })),
        wrapUps: [...this.#wrapUps].map(([agentId, wrapUp]) => ({
          ...{ agentId, ...wrapUp },
          talkMs: this.#talkMs.get(agentId) ?? 0,
        })),
        engaged: [...this.#engaged].map(([agentId, { isRinging, asCaller }]) => ({
          ...{ agentId, isRinging, asCaller },
          held: this.#held.has(agentId),
        })),
      },
    };
  }

  #endConversation(agentId: AgentId): void {
    const conversation = this.#conversations.get(agentId);
    if (conversation === undefined) return;
    this.#conversations.delete(agentId);
    this.#held.delete(agentId);
    const now = this.#facts.at(-1)?.at ?? conversation.startedAt;
    this.#talkMs.set(agentId, Math.max(0, now - conversation.startedAt));
  }

  #fact(fact: ContactFact): void {
    switch (fact.type) {
      case 'queue.entered': {
        const { entryId, queueId, priority, agedMs = 0, estimatedWaitMs = null, language = null } = fact.data;
        this.#stays += 1;
        this.#queueId = queueId;
        this.#stay = {
          ...{ entryId, queueId, priority, overriddenPriority: null, estimatedWaitMs },
          ...{ language, arm: null },
          ...{ enteredAt: fact.at, agedSince: fact.at - agedMs, step: 0 },
          ...this.#entered,
        };
        return;
      }
      case 'queue.left':
        this.#stay = null;
        return;
      case 'entry.relaxed':
        // Steps are counted from 1 in facts.
        if (this.#stay !== null) this.#stay.step = fact.data.step - 1;
        return;
      case 'entry.aged':
        if (this.#stay !== null) this.#stay.priority = fact.data.priority;
        return;
      case 'entry.overridden':
        if (fact.data.priority === undefined || this.#stay === null) return;
        this.#stay.overriddenPriority = fact.data.priority;
        return;
      case 'offer.made': {
        const { by = 'standard' } = fact.data;
        this.#offers += 1;
        if (this.#stay !== null && by !== 'standard') this.#stay.arm = by;
        return;
      }
      case 'wrapup.started':
        this.#wrapUps.set(fact.data.agentId, {
          ...{ queueId: fact.data.queueId, until: fact.data.until, startedAt: fact.at },
        });
        return;
      case 'wrapup.extended': {
        const wrapUp = this.#wrapUps.get(fact.data.agentId);
        if (wrapUp !== undefined) wrapUp.until = fact.data.until;
        return;
      }
      case 'wrapup.ended':
        this.#wrapUps.delete(fact.data.agentId);
        return;
      default:
        return;
    }
  }
}
