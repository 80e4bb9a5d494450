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
  #queues = createQueueStatistics();
  #agents = createAgentStatistics();
  #meanwhile: Meanwhile | undefined = nothingYet();
  #timeZone: string;
  /** Those whose day has begun; of all of them it begins anew at midnight. */
  readonly #queueDays = new Set<QueueId>();
  readonly #agentDays = new Set<AgentId>();
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

  /**
   * Where days begin. In another zone than before the day is another one: everything is to be configured and caught up anew, which
   * is what `true` says.
   */
  setTimeZone(timeZone: string, now: number): boolean {
    if (timeZone === this.#timeZone) return false;
    this.#timeZone = timeZone;
    this.#dayStart = startOfDay(now, timeZone);
    this.#dayEnd = this.#nextDay(this.#dayStart);
    this.#queues = createQueueStatistics();
    this.#agents = createAgentStatistics();
    this.#queueDays.clear();
    this.#agentDays.clear();
    this.#staffFigures.clear();
    this.#meanwhile = nothingYet();
    return true;
  }

  /**
   * Midnight before that instant. When a new day begins it begins for all at once: a conversation that ends after midnight does not
   * name its queue, and must not find the counts of yesterday there.
   */
  dayStart(now: number): number {
    if (now >= this.#dayEnd) {
      this.#dayStart = startOfDay(now, this.#timeZone);
      this.#dayEnd = this.#nextDay(this.#dayStart);
      for (const id of this.#queueDays) this.#queues.startPeriod(id, this.#dayStart);
      for (const id of this.#agentDays) this.#agents.startPeriod(id, this.#dayStart);
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
   *
   * @param carried what began before midnight and was not over then: who waited is offered today too, and talks go on
   */
  async catchUp(
    read: (take: FactsTaker) => Promise<void>,
    carried: readonly ContactFact[] = [],
  ): Promise<void> {
    const { known = new Set(), contactFacts = [], agentFacts = [] } = this.#meanwhile ?? {};
    for (const fact of carried) {
      this.#queues.apply(fact);
      this.#agents.applyContactFact(fact);
    }
    // Only now the day begins: what these counted was yesterday's.
    for (const { at, data } of carried) this.#openDaysOf(data, at);
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
    this.#openDaysOf(fact.data, fact.at);
    this.#queues.apply(fact);
    this.#agents.applyContactFact(fact);
  }

  #openDaysOf(data: ContactFact['data'], at: number): void {
    this.dayStart(at);
    if ('queueId' in data && data.queueId !== undefined) this.#openQueueDay(data.queueId, at);
    if ('agentId' in data && data.agentId !== undefined) this.#openAgentDay(data.agentId, at);
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
    if (this.#queueDays.has(id)) return;
    this.#queueDays.add(id);
    this.#queues.startPeriod(id, day);
  }

  #openAgentDay(id: AgentId, now: number): void {
    const day = this.dayStart(now);
    if (this.#agentDays.has(id)) return;
    this.#agentDays.add(id);
    this.#agents.startPeriod(id, day);
  }

  /** Noon of the day after is in that day whatever the clocks do. */
  #nextDay(start: number): number {
    return startOfDay(start + 36 * 3_600_000, this.#timeZone);
  }
}

function nothingYet(): Meanwhile {
  return { contactFacts: [], agentFacts: [], known: new Set() };
}

function nameOf({ contactId, seq }: ContactFact): string {
  return `${contactId}/${seq}`;
}
