import {
  abandonRisk,
  type AgentId,
  type AgentLive,
  type LegId,
  type LegQuality,
  type LiveCall,
  type QueueEntry,
  type QueueId,
  type QueueStats,
} from '@crosspoint/contracts';
import type { Carrier } from '../../carriers/door.ts';
import type { EndpointState } from '../../carriers/sip/index.ts';
import type { AgentAtWork } from './door.ts';
import type { CentreState, OpenContact } from './state.ts';
import type { LiveStatistics } from './statistics.ts';

export interface LiveViewsContext {
  now: () => number;
  endpointsOf: (agentId: AgentId) => EndpointState[];
  carrier: Carrier;
  qualityOf: (legId: LegId) => LegQuality | undefined;
  statistics: LiveStatistics;
}

const iso = (at: number) => new Date(at).toISOString();
const isoOrNull = (at: number | null) => (at === null ? null : iso(at));

/** The machines' views in the words of the API. */
export class LiveViews {
  readonly #state: CentreState;
  readonly #context: LiveViewsContext;

  constructor(state: CentreState, context: LiveViewsContext) {
    this.#state = state;
    this.#context = context;
  }

  agent(id: AgentId): AgentLive | undefined {
    const atWork = this.agentAtWork(id);
    if (atWork === undefined) return undefined;
    const devices = this.#context.endpointsOf(id);
    const heartbeats = devices.flatMap(({ lastHeartbeatAt }) => lastHeartbeatAt ?? []);
    return {
      ...atWork,
      devices,
      deviceConnected: devices.some(({ reachable }) => reachable),
      lastHeartbeatAt: heartbeats.toSorted().at(-1) ?? null,
      today: this.#context.statistics.agentDay(id, this.#context.now()),
    };
  }

  /** Whom that agent has there: for whoever made the call it is not the caller. */
  #otherEnd(contact: OpenContact, agentId: AgentId): { callerPhone: string; callerName: string } {
    const { number, callerPhone, callerName, facts } = contact;
    const first = facts.find(({ type }) => type === 'leg.added');
    const isMaker = first?.type === 'leg.added' && first.data.agentId === agentId;
    if (!isMaker || (contact.queueId !== null && first.data.party === 'agent'))
      return { callerPhone, callerName };
    const { agents, extensions } = this.#state.configuration;
    const colleague = extensions.get(number);
    return {
      callerPhone: number,
      callerName: colleague === undefined ? '' : (agents.get(colleague)?.name ?? ''),
    };
  }

  agentAtWork(id: AgentId): AgentAtWork | undefined {
    const now = this.#context.now();
    const profile = this.#state.configuration.agents.get(id);
    const view = this.#state.distributor.agent(id, now);
    if (profile === undefined || view === undefined) return undefined;
    const { ready, reason, until } = view.readiness;
    return {
      id,
      username: profile.username,
      name: profile.name,
      status: view.status,
      reasonCode: view.reasonCode,
      nextStatus: view.nextStatus,
      activity: view.activity,
      activitySince: iso(view.activitySince),
      readiness: { ready, reason, until: isoOrNull(until) },
      contacts: view.contacts.map(({ contactId, queueId, state }) => {
        const contact = this.#state.contacts.get(contactId);
        return {
          contactId,
          queueId,
          ...(contact === undefined ? { callerPhone: '', callerName: '' } : this.#otherEnd(contact, id)),
          startedAt: iso(contact?.facts[0]?.at ?? view.activitySince),
          state,
        };
      }),
      wrapUpUntil: isoOrNull(view.wrapUpUntil),
      missedInRow: view.missedInRow,
      capacity: profile.capacity,
      queueIds: profile.queues.map(({ queueId }) => queueId),
    };
  }

  queue(id: QueueId): QueueStats | undefined {
    const now = this.#context.now();
    const view = this.#state.distributor.queue(id, now);
    if (view === undefined) return undefined;
    return this.#context.statistics.queueDay(id, now, view);
  }

  entries(queueId: QueueId): QueueEntry[] {
    const now = this.#context.now();
    const patience = this.#context.statistics.patience(queueId, now);
    return this.#state.distributor.entries(queueId).map((entry) => {
      const contact = this.#state.contacts.get(entry.contactId);
      return {
        entryId: entry.entryId,
        contactId: entry.contactId,
        queueId: entry.queueId,
        callerPhone: contact?.callerPhone ?? '',
        callerName: contact?.callerName ?? '',
        direction: entry.isCallback ? 'outbound' : 'inbound',
        number: contact?.number ?? '',
        segments: [...entry.segments],
        requirement: entry.requirement,
        language: entry.language,
        status: entry.offeredTo === null ? 'waiting' : 'routing',
        position: entry.position,
        priority: entry.priority,
        givenPriority: entry.givenPriority,
        enteredAt: iso(entry.enteredAt),
        agedSince: iso(entry.agedSince),
        offeredTo: entry.offeredTo,
        routingAttempts: entry.routingAttempts,
        estimatedWaitSeconds: entry.estimatedWaitMs === null ? null : entry.estimatedWaitMs / 1000,
        abandonRisk: entry.isCallback ? null : abandonRisk(patience, now - entry.enteredAt),
      };
    });
  }

  calls(contact: OpenContact): LiveCall[] {
    const view = contact.machine.view();
    const entry = this.#state.distributor.entry(contact.id);
    const waitingSince = entry === undefined ? null : iso(entry.enteredAt);
    return view.legs.map((leg) => ({
      id: leg.legId,
      contactId: contact.id,
      party: leg.party,
      agentId: leg.agentId,
      queueId: view.queueId,
      carrier: this.#context.carrier.name,
      carrierId: this.#context.carrier.carrierIdOf(leg.legId) ?? '',
      address: leg.address,
      number: view.number,
      state: leg.state,
      role: leg.role,
      muted: leg.muted,
      supervision: leg.supervision,
      locked: view.locked,
      recorded: view.recorded,
      recordingPaused: view.recordingPaused,
      waitingSince: leg.party === 'customer' && leg.state === 'waiting' ? waitingSince : null,
      since: iso(leg.since),
      startedAt: iso(leg.startedAt),
      quality: this.#context.qualityOf(leg.legId) ?? null,
    }));
  }
}
