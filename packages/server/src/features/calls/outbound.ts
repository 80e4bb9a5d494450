import type {
  AgentId,
  AnsweringMachineDetection,
  ContactId,
  LegId,
  RecordingId,
  TrunkId,
} from '@crosspoint/contracts';
import { type ContactInput, createContact, createContactReducer, type FarEnd } from '@crosspoint/core';
import type { Carrier, DeviceCall } from '../../carriers/door.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { CentreState, OpenContact } from './state.ts';
import { MachineTimers } from './timers.ts';

export interface OutboundContext {
  state: CentreState;
  dispatcher: Dispatcher;
  carrier: Carrier;
  newId: () => string;
  now: () => number;
  /** Why no trunk takes calls to that number; undefined when one does. */
  routeRefusal: (number: string) => { code: number; reason: string } | undefined;
}

type Refusal = { code: number; reason: string };

/** How long the agent's device and the far end ring, each. A provider's mailbox answers well before. */
const ringTimeoutMs = 60_000;

/** A call that was begun: its contact, and the leg of the agent who makes it. */
export interface MadeCall {
  contactId: ContactId;
  callId: LegId;
}

type DeskCalled = Extract<ContactInput, { type: 'desk.called' }>;

/** A call from the desk to a place of the house, before anything rings. */
export interface DeskCall {
  contactId: ContactId;
  legId: LegId;
  agentId: AgentId;
  number: string;
  callerPhone: string;
  callerName: string;
}

/** The calls that agents make: from their devices or by command, to extensions and to numbers outside. */
export class OutboundCalls {
  readonly #context: OutboundContext;

  constructor(context: OutboundContext) {
    this.#context = context;
  }

  /** Why that agent cannot call that number; undefined when it can be tried. */
  refusal(agentId: AgentId, number: string): Refusal | undefined {
    const { configuration } = this.#context.state;
    if (!configuration.agents.has(agentId)) return { code: 403, reason: 'agent-unknown' };
    const colleague = configuration.extensions.get(number);
    if (colleague === agentId) return { code: 486, reason: 'own-extension' };
    return colleague === undefined ? this.#context.routeRefusal(number) : undefined;
  }

  fromDevice({ legId, contactId, agentId, number, address }: DeviceCall): void {
    this.#begin({ legId, contactId, agentId, number, origin: { kind: 'device', address } });
  }

  byCommand(
    agentId: AgentId,
    number: string,
    trunkId: TrunkId | undefined,
    amd: AnsweringMachineDetection = 'off',
  ): MadeCall {
    const { newId, state } = this.#context;
    const legId = newId() as LegId;
    const contactId = newId() as ContactId;
    const username = state.configuration.agents.get(agentId)?.username ?? agentId;
    this.#begin({
      ...{ legId, contactId, agentId, number, trunkId, amd },
      origin: { kind: 'command', address: `sip:${username}` },
    });
    return { contactId, callId: legId };
  }

  /** Who goes from the desk to a place of the house, with the ids that the call will have. */
  desk(agentId: AgentId, number: string): DeskCall {
    const { newId } = this.#context;
    const ids = { legId: newId() as LegId, contactId: newId() as ContactId };
    return { ...ids, agentId, number, ...this.#shown(agentId) };
  }

  /** Rings an agent who goes to a place of the house, and is there as a caller when the device answers. */
  fromDesk(desk: DeskCall, place: Pick<DeskCalled, 'direction' | 'target' | 'routing'>): MadeCall {
    const { state, dispatcher, carrier } = this.#context;
    const { contactId, legId, agentId, number, callerPhone, callerName } = desk;
    const about = { contactId, number, callerPhone, callerName, queueId: null, trunkId: undefined };
    state.contacts.set(contactId, openContact(this.#context, about));
    const username = state.configuration.agents.get(agentId)?.username ?? agentId;
    dispatcher.toContact(contactId, {
      ...{ type: 'desk.called', agentId, legId, number, callerPhone, callerName, ringTimeoutMs, ...place },
      ...{ address: `sip:${username}`, carrier: carrier.name },
    });
    return { contactId, callId: legId };
  }

  #shown(agentId: AgentId): { callerPhone: string; callerName: string } {
    const agent = this.#context.state.configuration.agents.get(agentId);
    return { callerPhone: agent?.extension ?? agent?.username ?? '', callerName: agent?.name ?? '' };
  }

  #begin(call: {
    legId: LegId;
    contactId: ContactId;
    agentId: AgentId;
    number: string;
    trunkId?: TrunkId | undefined;
    amd?: AnsweringMachineDetection;
    origin: { kind: 'device' | 'command'; address: string };
  }): void {
    const { state, dispatcher, carrier, newId } = this.#context;
    const { legId, contactId, agentId, number, origin, trunkId, amd = 'off' } = call;
    const far = this.#farEnd(number);
    const { callerPhone, callerName } = this.#shown(agentId);
    const about = { contactId, number, callerPhone, callerName, queueId: null, trunkId };
    const contact = openContact(this.#context, about);
    contact.awaitsBeep = amd === 'detect-and-wait-for-beep';
    state.contacts.set(contactId, contact);
    state.legs.set(legId, { contactId, party: 'agent', agentId });
    dispatcher.toContact(contactId, {
      type: 'contact.dialled',
      ...{ agentId, legId, origin, number, callerPhone, callerName, far, ringTimeoutMs },
      carrier: carrier.name,
      farLegId: newId() as LegId,
      recordingId: newId() as RecordingId,
      // What colleagues say to each other stays between them.
      record: far.kind === 'number',
      ...(amd === 'off' ? {} : { detectsAnswer: true }),
    });
  }

  #farEnd(number: string): FarEnd {
    const { configuration } = this.#context.state;
    const agentId = configuration.extensions.get(number);
    if (agentId === undefined) return { kind: 'number', number };
    const username = configuration.agents.get(agentId)?.username ?? agentId;
    return { kind: 'agent', agentId, address: `sip:${username}` };
  }
}

/** A contact that has just begun, with its machine. */
export function openContact(
  { dispatcher }: { dispatcher: Dispatcher },
  of: Pick<OpenContact, 'number' | 'callerPhone' | 'callerName' | 'queueId' | 'trunkId'> & {
    contactId: ContactId;
  },
): OpenContact {
  const { contactId: id, ...rest } = of;
  return {
    id,
    machine: createContact(id),
    timers: new MachineTimers(dispatcher.deadlines, (name) =>
      dispatcher.toContact(id, { type: 'timer.due', name }),
    ),
    facts: [],
    reducer: createContactReducer(),
    recordings: new Map(),
    ...rest,
  };
}
