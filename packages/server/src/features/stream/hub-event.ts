import type {
  Alert,
  AgentLive,
  LiveConference,
  QueueStats,
  StreamEvent,
  StreamTopic,
  TrunkId,
} from '@crosspoint/contracts';
import type { LiveChange } from '../calls/index.ts';
import { agentWithin, partsWithin, queueWithin, type Scope } from '../../http/index.ts';
import { timelineFact } from '../contacts/index.ts';

/** What the centre tells, and what only a look at its configuration tells: that something is gone. */
export type HubChange =
  | LiveChange
  | { topic: 'alerts'; type: 'alert.changed'; data: Alert }
  | { topic: 'agents'; type: 'agent.removed'; data: { id: AgentLive['id'] } }
  | { topic: 'queues'; type: 'queue.removed'; data: { id: QueueStats['queueId'] } }
  | { topic: 'trunks'; type: 'trunk.removed'; data: { id: TrunkId } };

/** The id of the queue that a change is about. */
function queueIdOf(change: Extract<HubChange, { topic: 'queues' }>): string {
  return change.type === 'queue.removed' ? change.data.id : change.data.queueId;
}

/** What moved, numbered. It is serialised when the first client gets it, and then once for all. */
export class HubEvent {
  readonly seq: number;
  readonly topic: StreamTopic;
  /** Names the thing whose newest state this is; null for what happened once and must not be skipped. */
  readonly stateKey: string | null;
  readonly #at: number;
  readonly #change: HubChange;
  /** Of an event about a contact: the agents and queues that had a part in it by then. */
  readonly #parts: ReadonlySet<string>;
  #bytes: Buffer | undefined;

  constructor(seq: number, at: number, change: HubChange, parts: ReadonlySet<string>) {
    this.seq = seq;
    this.topic = change.topic;
    this.stateKey = stateKeyOf(change);
    this.#at = at;
    this.#change = change;
    this.#parts = parts;
  }

  /** The message as it is sent: all clients get the same bytes. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(JSON.stringify(this.#message()));
    return this.#bytes;
  }

  #message(): StreamEvent {
    const { topic, type, data } = this.#change;
    const content = topic === 'contacts' ? { contactId: data.contactId, ...timelineFact(data) } : data;
    return { seq: this.seq, at: new Date(this.#at).toISOString(), topic, type, data: content } as StreamEvent;
  }

  /** Whether it is in scope. What is about the line is everybody's; a call that nobody claimed is so when it is over. */
  within(scope: Scope): boolean {
    if (scope === undefined) return true;
    const change = this.#change;
    switch (change.topic) {
      case 'agents':
        return agentWithin(change.data.id, scope);
      case 'queues':
        return queueWithin(queueIdOf(change), scope);
      case 'calls':
        return partsWithin(this.#parts, scope);
      case 'contacts':
        return this.#parts.size === 0
          ? change.data.type === 'contact.closed'
          : partsWithin(this.#parts, scope);
      case 'alerts':
        return alertWithin(change.data, scope);
      case 'conferences':
        return isConferenceWithin(change.data, scope);
      case 'trunks':
        return true;
    }
  }

  /** Whether it is about this agent, a queue of the agent, or a contact that the agent had a part in. */
  concerns(agentId: string, servedQueueIds: ReadonlySet<string> | undefined): boolean {
    switch (this.#change.topic) {
      case 'agents':
        return this.#change.data.id === agentId;
      case 'queues':
        return servedQueueIds?.has(queueIdOf(this.#change)) === true;
      case 'contacts':
      case 'calls':
        return this.#parts.has(agentId);
      case 'conferences':
        return isConferenceOf(agentId, this.#change.data);
      case 'trunks':
      case 'alerts':
        return false;
    }
  }
}

/** Whether the agent is in it or may be. */
export const isConferenceOf = (agentId: string, { agentIds, parties }: LiveConference): boolean =>
  agentIds.some((id) => id === agentId) || parties.some((party) => party.agentId === agentId);

/** Whether it names nobody, or somebody in scope. */
export const isConferenceWithin = ({ agentIds }: LiveConference, scope: Scope): boolean =>
  agentIds.length === 0 || agentIds.some((id) => agentWithin(id, scope));

export const alertWithin = ({ agentId, queueId }: Alert, scope: Scope): boolean =>
  (agentId === null || agentWithin(agentId, scope)) && (queueId === null || queueWithin(queueId, scope));

function stateKeyOf(change: HubChange): string | null {
  switch (change.type) {
    case 'queue.changed':
    case 'queue.removed':
      return `queue/${queueIdOf(change)}`;
    case 'agent.changed':
    case 'agent.removed':
      return `agent/${change.data.id}`;
    case 'call.changed':
    case 'call.ended':
      return `call/${change.data.id}`;
    case 'trunk.changed':
    case 'trunk.removed':
      return `trunk/${change.data.id}`;
    case 'alert.changed':
      return `alert/${change.data.id}`;
    case 'conference.changed':
      return `conference/${change.data.id}`;
    case 'contact.fact':
      return null;
  }
}
