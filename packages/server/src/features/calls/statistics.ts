import type {
  AgentFact,
  AgentId,
  AgentLive,
  ContactFact,
  QueueId,
  QueueSettings,
  QueueStats,
} from '@crosspoint/contracts';
import {
  createAgentStatistics,
  createQueueStatistics,
  type QueueNow,
  type StaffFigures,
} from '@crosspoint/core';
import type { ConfiguredAgent } from './configuration.ts';
import { startOfDay } from './day.ts';
import type { FactsTaker } from './history.ts';

/** What happened while the day so far was read, with what tells it from what is read. */
interface Meanwhile {
  contactFacts: ContactFact[];
  agentFacts: AgentFact[];
  known: Set<string>;
}

const staffKeptMsMin = 250;
const staffKeptMsPerAgent = 10;

/**
 * Today's figures of queues and agents: the folds of `core/metrics`, begun anew at midnight in the tenant's zone. Until
 * `catchUp` is done they show nothing, because what went before this process is not counted yet.
 */
export class LiveStatistics {
  readonly #queues = createQueueStatistics();
  readonly #agents = createAgentStatistics();
  #meanwhile: Meanwhile | undefined = { contactFacts: [], agentFacts: [], known: new Set() };
  readonly #timeZone: string;
  readonly #queueDays = new Map<QueueId, number>();
  readonly #agentDays = new Map<AgentId, number>();
  /** Who serves each queue. */
  #staff = new Map<QueueId, AgentId[]>();
  readonly #staffFigures = new Map<QueueId, { at: number; figures: StaffFigures }>();
  #dayStart: number;
  #dayEnd: number;

  constructor(options: { timeZone: string; now: number }) {
    this.#timeZone = options.timeZone;
    this.#dayStart = startOfDay(options.now, options.timeZone);
    this.#dayEnd = this.#nextDay(this.#dayStart);
  }

  dayStart(now: number): number {
    if (now >= this.#dayEnd) {
      this.#dayStart = startOfDay(now, this.#timeZone);
      this.#dayEnd = this.#nextDay(this.#dayStart);
    }
    return this.#dayStart;
  }

  configure(id: QueueId, settings: QueueSettings): void {
    this.#queues.configure(id, settings);
  }

  /** Who serves which queues, and when they are to work. */
  configureAgents(agents: Iterable<Pick<ConfiguredAgent, 'id' | 'queues' | 'schedule'>>): void {
    this.#staff = new Map();
    this.#staffFigures.clear();
    for (const { id, queues, schedule } of agents) {
      this.#agents.plan(id, schedule);
      for (const { queueId } of queues) {
        const staff = this.#staff.get(queueId);
        if (staff === undefined) this.#staff.set(queueId, [id]);
        else staff.push(id);
      }
    }
  }

  /**
   * Counts the day so far as `read` gives it, oldest first, while calls go on: what happens meanwhile is counted after it, and once,
   * though it may be read as well.
   */
  async catchUp(read: (take: FactsTaker) => Promise<void>): Promise<void> {
    const { known = new Set(), contactFacts = [], agentFacts = [] } = this.#meanwhile ?? {};
    await read({
      contactFact: (fact) => {
        if (!known.has(nameOf(fact))) this.#countContactFact(fact);
      },
      agentFact: (fact, id) => {
        if (!known.has(id)) this.#countAgentFact(fact);
      },
    });
    this.#meanwhile = undefined;
    for (const fact of contactFacts) this.#countContactFact(fact);
    for (const fact of agentFacts) this.#countAgentFact(fact);
  }

  contactFact(fact: ContactFact): void {
    if (this.#meanwhile === undefined) return this.#countContactFact(fact);
    this.#meanwhile.contactFacts.push(fact);
    this.#meanwhile.known.add(nameOf(fact));
  }

  /** @param id under which it is stored */
  agentFact(fact: AgentFact, id: string): void {
    if (this.#meanwhile === undefined) return this.#countAgentFact(fact);
    this.#meanwhile.agentFacts.push(fact);
    this.#meanwhile.known.add(id);
  }

  #countContactFact(fact: ContactFact): void {
    const { data } = fact;
    if ('queueId' in data && data.queueId !== undefined) this.#openQueueDay(data.queueId, fact.at);
    if ('agentId' in data && data.agentId !== undefined) this.#openAgentDay(data.agentId, fact.at);
    this.#queues.apply(fact);
    this.#agents.applyContactFact(fact);
  }

  #countAgentFact(fact: AgentFact): void {
    this.#openAgentDay(fact.agentId, fact.at);
    this.#agents.applyAgentFact(fact);
  }

  queueDay(id: QueueId, now: number, queueNow: Omit<QueueNow, keyof StaffFigures>): QueueStats {
    this.#openQueueDay(id, now);
    return this.#queues.stats(id, now, { ...queueNow, ...this.#staffOf(id, now) });
  }

  /** They change slowly, and cost by the number of agents: those of a large queue are counted more seldom. */
  #staffOf(id: QueueId, now: number): StaffFigures {
    const staff = this.#staff.get(id) ?? [];
    const kept = this.#staffFigures.get(id);
    if (kept !== undefined && now - kept.at < Math.max(staffKeptMsMin, staff.length * staffKeptMsPerAgent)) {
      return kept.figures;
    }
    for (const agentId of staff) this.#openAgentDay(agentId, now);
    const figures = this.#agents.staff(staff, now);
    this.#staffFigures.set(id, { at: now, figures });
    return figures;
  }

  patience(id: QueueId, now: number): QueueStats['patience'] {
    return this.#queues.patience(id, now);
  }

  agentDay(id: AgentId, now: number): AgentLive['today'] {
    this.#openAgentDay(id, now);
    const { answered, handleSecondsMean, occupancy } = this.#agents.day(id, now);
    return { answered, handleSecondsMean, occupancy };
  }

  /** What the strategies go by that spread the work: conversations of today, and the time spent in them. */
  agentTally(id: AgentId, now: number): { answered: number; talkMs: number } {
    this.#openAgentDay(id, now);
    const { answered, activityMs } = this.#agents.day(id, now);
    return { answered, talkMs: activityMs['on-contact'] + activityMs.hold };
  }

  /** Midnight in the tenant's zone. */
  dayEnd(now: number): number {
    this.dayStart(now);
    return this.#dayEnd;
  }

  #openQueueDay(id: QueueId, now: number): void {
    const day = this.dayStart(now);
    if (this.#queueDays.get(id) === day) return;
    this.#queueDays.set(id, day);
    this.#queues.startPeriod(id, day);
  }

  #openAgentDay(id: AgentId, now: number): void {
    const day = this.dayStart(now);
    if (this.#agentDays.get(id) === day) return;
    this.#agentDays.set(id, day);
    this.#agents.startPeriod(id, day);
  }

  /** Noon of the day after is in that day whatever the clocks do. */
  #nextDay(start: number): number {
    return startOfDay(start + 36 * 3_600_000, this.#timeZone);
  }
}

function nameOf({ contactId, seq }: ContactFact): string {
  return `${contactId}/${seq}`;
}
