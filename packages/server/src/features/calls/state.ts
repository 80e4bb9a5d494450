import type {
  AgentFact,
  AgentId,
  ContactFact,
  ContactId,
  LegId,
  LegParty,
  QueueId,
  RecordingId,
  TenantId,
  TrunkId,
} from '@crosspoint/contracts';
import type { ContactMachine, ContactReducer, Distributor } from '@crosspoint/core';
import type { RecordingRow } from '../../platform/index.ts';
import type { CentreConfiguration } from './configuration.ts';
import type { MachineTimers } from './timers.ts';

/** A contact that is not closed yet, with what belongs to it outside its machine. */
export interface OpenContact {
  readonly id: ContactId;
  readonly machine: ContactMachine;
  readonly timers: MachineTimers;
  /** Its facts so far, oldest first; at most a few dozen. */
  readonly facts: ContactFact[];
  /** Folds its facts as they come. */
  readonly reducer: ContactReducer;
  readonly recordings: Map<RecordingId, RecordingRow>;
  number: string;
  callerPhone: string;
  callerName: string;
  queueId: QueueId | null;
  /** Of a call that an agent makes: the trunk that was asked for. */
  trunkId?: TrunkId | undefined;
  /** Of the same: whether it is to be told when a machine's greeting is over. */
  awaitsBeep?: boolean | undefined;
}

export interface OpenLeg {
  readonly contactId: ContactId;
  readonly party: LegParty;
  readonly agentId: AgentId | null;
}

/** Everything that is alive in one tenant's centre. Touched only within the dispatcher's turn. */
export interface CentreState {
  readonly tenantId: TenantId;
  readonly distributor: Distributor;
  readonly contacts: Map<ContactId, OpenContact>;
  readonly legs: Map<LegId, OpenLeg>;
  configuration: CentreConfiguration;
  /** The segments of customers in which whoever has this number is now. */
  readonly segmentsOf: (caller: string) => readonly string[];
}

/**
 * What one turn produced and is stored and shown together at its end. Lists, not sets: a call has dozens of turns,
 * most of which touch one thing, and an empty list costs next to nothing. The same thing may stand in one twice.
 */
export interface TurnOutput {
  contactFacts: ContactFact[];
  agentFacts: AgentFact[];
  recordings: RecordingRow[];
  touchedAgents: AgentId[];
  touchedQueues: QueueId[];
  touchedContacts: ContactId[];
  endedLegs: { legId: LegId; contactId: ContactId }[];
  closed: OpenContact[];
}

export function emptyTurn(): TurnOutput {
  return {
    contactFacts: [],
    agentFacts: [],
    recordings: [],
    touchedAgents: [],
    touchedQueues: [],
    touchedContacts: [],
    endedLegs: [],
    closed: [],
  };
}

export interface CentreLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
