import type { AgentId, ContactId, OfferId, QueueId } from '@crosspoint/contracts';
import { createDistributor, type DistributorEffect, type DistributorInput } from '@crosspoint/core';
import { Random } from '../world/index.ts';
import { Agenda } from '../agenda.ts';
import type {
  RandomTime,
  RecordedArrival,
  RunOptions,
  RunResult,
  WhatIfAgent,
  WhatIfQueue,
} from './model.ts';
import { QueueTally } from './tally.ts';
import { WorkTally } from './work.ts';

interface Line {
  readonly queue: WhatIfQueue;
  readonly tally: QueueTally;
}

/** A contact from its arrival until nothing of it is left. */
interface Caller {
  readonly id: ContactId;
  readonly caller: string;
  readonly talkMs: number;
  line: Line;
  enteredAt: number;
  isWaiting: boolean;
  answeredAt: number;
  agentId: AgentId | null;
  endedAt: number;
  /** When it gives up, and its place in the agenda among what happens at the same instant. */
  givesUpAt: number;
  givesUpOrder: number;
  /** Whether that is in the agenda. */
  willGiveUp: boolean;
  /** Nothing of it is left. */
  isGone: boolean;
  /** Its stay in the queue that answered it. */
  answeredStayAt: number;
  answeredBy: Line | null;
  reroutes: number;
}

/** The callers of one queue, who are drawn one after the other. */
interface Source {
  readonly line: Line;
  readonly random: Random;
}

/**
 * What happens at an instant, and to whom. One shape for all of them, as the loop over them is the busiest place of a run; what
 * a kind does not have is null.
 */
interface Event {
  readonly kind: 'arrive' | 'recorded' | 'give-up' | 'answer' | 'end' | 'wrap-up' | 'timer';
  readonly source: Source | null;
  readonly caller: Caller | null;
  /** The offer that is answered, or the timer that is due. */
  readonly name: string;
  readonly index: number;
}

const eventOf = (kind: Event['kind'], caller: Caller | null, name = ''): Event => ({
  kind,
  source: null,
  caller,
  name,
  index: 0,
});

const hourMs = 3_600_000;
const defaultStart = Date.UTC(2030, 0, 7, 8);
/** Nobody waits or talks longer than this, whatever the draw says. */
const timeMaxMs = 12 * hourMs;
const reroutesMax = 10;

/**
 * One run of the distributor under synthetic or recorded callers, without phones and sound: some ten microseconds a contact.
 * Who may take whom, when and in which order is decided by the production machine.
 */
export function runWhatIf(options: RunOptions): RunResult {
  return new Run(options).run();
}

class Run {
  readonly #options: RunOptions;
  readonly #distributor;
  readonly #agenda = new Agenda<Event>();
  readonly #random: Random;
  readonly #talkRandom: Random;
  readonly #drawRandom: Random;
  readonly #lines = new Map<string, Line>();
  readonly #agents = new Map<string, WhatIfAgent>();
  readonly #callers = new Map<ContactId, Caller>();
  /** Whom the last effect was about: the next ones are mostly about the same. */
  #latest: Caller | undefined;
  /** When each timer of the distributor is due; an event whose instant differs is an old one. */
  readonly #timers = new Map<string, number>();
  readonly #work: WorkTally;
  readonly #startAt: number;
  readonly #endAt: number;
  /** When the offer that was just made will be answered, if in time; Infinity otherwise. */
  #answerAt = Infinity;
  /** Whether the next timer is the ring timer of an offer that will be answered before it. */
  #isRingSpared = false;
  #now: number;
  #contacts = 0;
  #inputs = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    const { seed, hours, centre, startAt = defaultStart, warmUpHours = 0, intervalMinutes = 15 } = options;
    this.#startAt = startAt;
    this.#now = startAt;
    this.#endAt = startAt + hours * hourMs;
    this.#random = new Random(seed);
    this.#talkRandom = this.#random.fork();
    this.#drawRandom = this.#random.fork();
    this.#distributor = createDistributor({ firstTime: startAt, isWatched: false });
    const intervalMs = intervalMinutes * 60_000;
    const intervals = Math.ceil((hours * hourMs) / intervalMs);
    const countFrom = startAt + warmUpHours * hourMs;
    const slots = centre.agents.reduce((sum, agent) => sum + agent.capacity, 0);
    this.#work = new WorkTally({ startAt, countFrom, endAt: this.#endAt, intervalMs, slots });
    for (const queue of centre.queues) {
      const { name, settings } = queue;
      const tally = new QueueTally({ name, settings, startAt, countFrom, intervalMs, intervals });
      this.#lines.set(name, { queue, tally });
    }
  }

  run(): RunResult {
    const { centre, recorded } = this.#options;
    for (const { name, settings } of centre.queues) {
      this.#tell({ type: 'queue.configured', queue: { id: name as QueueId, settings } });
    }
    for (const agent of centre.agents) this.#signIn(agent);
    if (recorded === undefined)
      for (const line of this.#lines.values()) this.#planArrival({ line, random: this.#random.fork() });
    else if (recorded.length > 0) this.#planRecorded(0);
    while (this.#agenda.size > 0) {
      this.#now = this.#agenda.nextAt;
      const event = this.#agenda.take();
      if (event !== undefined) this.#happen(event);
    }
    return this.#result();
  }

  #signIn(agent: WhatIfAgent): void {
    const { name, capacity, skills, languages } = agent;
    const id = name as AgentId;
    this.#agents.set(name, agent);
    const queues = agent.queues.map(({ name: queue, ...place }) => ({ queueId: queue as QueueId, ...place }));
    this.#tell({ type: 'agent.configured', agent: { id, name, capacity, queues, skills, languages } });
    this.#tell({ type: 'device.changed', agentId: id, reachable: true, reason: 'registered' });
    const by = { by: 'agent', byUserId: null } as const;
    this.#tell({ type: 'status.chosen', agentId: id, status: 'available', reasonCode: null, ...by });
  }

  /** A Poisson process by the hour: it has no memory, so that a draw beyond the hour is made again with the next hour's rate. */
  #planArrival(source: Source): void {
    const { line, random } = source;
    const { arrivalsPerHour } = line.queue;
    let from = this.#now;
    for (;;) {
      const hour = Math.floor((from - this.#startAt) / hourMs);
      const rate = Array.isArray(arrivalsPerHour)
        ? (arrivalsPerHour[hour % arrivalsPerHour.length] ?? 0)
        : arrivalsPerHour;
      const nextHourAt = this.#startAt + (hour + 1) * hourMs;
      const at = rate > 0 ? from + random.exponential(hourMs / rate) : Infinity;
      if (Math.min(at, nextHourAt) >= this.#endAt) return;
      if (at < nextHourAt) {
        this.#agenda.add(at, { kind: 'arrive', source, caller: null, name: '', index: 0 });
        return;
      }
      from = nextHourAt;
    }
  }

  #planRecorded(index: number): void {
    const arrival = this.#options.recorded?.[index];
    if (arrival !== undefined) {
      const event: Event = { kind: 'recorded', source: null, caller: null, name: '', index };
      this.#agenda.add(this.#startAt + arrival.atSeconds * 1000, event);
    }
  }

  #happen({ kind, source, caller, name, index }: Event): void {
    if (kind === 'arrive') {
      if (source === null) return;
      this.#planArrival(source);
      this.#arrive(source.line, source.random, undefined);
    } else if (kind === 'recorded') this.#arriveRecorded(index);
    else if (kind === 'timer') this.#due(name, caller);
    else if (caller !== null) this.#happenTo(caller, kind, name);
  }

  #happenTo(caller: Caller, kind: Event['kind'], offerId: string): void {
    const { id: contactId, agentId } = caller;
    if (kind === 'give-up') {
      if (!caller.isWaiting) return;
      this.#tell({ type: 'contact.left', contactId, reason: 'customer-hung-up' });
      return;
    }
    if (!caller.isGone) this.#latest = caller;
    if (kind === 'answer') {
      this.#tell({ type: 'offer.accepted', offerId: offerId as OfferId });
      this.#planGivingUp(caller);
    } else if (kind === 'end') {
      caller.endedAt = this.#now;
      if (agentId !== null) this.#tell({ type: 'conversation.ended', contactId, agentId });
    } else if (agentId !== null) this.#tell({ type: 'wrapup.finished', contactId, agentId, by: 'agent' });
  }

  #due(name: string, caller: Caller | null): void {
    if (this.#timers.get(name) !== this.#now) return;
    this.#timers.delete(name);
    if (caller !== null && !caller.isGone) this.#latest = caller;
    this.#tell({ type: 'timer.due', name });
  }

  #arriveRecorded(index: number): void {
    const arrival = this.#options.recorded?.[index];
    this.#planRecorded(index + 1);
    const line = arrival === undefined ? undefined : this.#lines.get(arrival.queue);
    if (line !== undefined) this.#arrive(line, this.#random, arrival);
  }

  #arrive(line: Line, random: Random, recorded: RecordedArrival | undefined): void {
    const { queue } = line;
    this.#contacts += 1;
    const talkMs =
      recorded?.talkSeconds === undefined ? draw(queue.talk, this.#talkRandom) : recorded.talkSeconds * 1000;
    const caller: Caller = {
      id: `c${this.#contacts}` as ContactId,
      caller: recorded?.caller ?? '',
      talkMs,
      line,
      enteredAt: this.#now,
      isWaiting: false,
      answeredAt: 0,
      agentId: null,
      endedAt: 0,
      givesUpAt: 0,
      givesUpOrder: 0,
      willGiveUp: false,
      isGone: false,
      answeredStayAt: 0,
      answeredBy: null,
      reroutes: 0,
    };
    this.#callers.set(caller.id, caller);
    this.#latest = caller;
    caller.givesUpAt = this.#now + draw(queue.patience, random);
    this.#answerAt = Infinity;
    this.#enter(caller, queue.name, undefined);
    if (caller.isWaiting) {
      caller.givesUpOrder = this.#agenda.reserve();
      // Most are answered before they lose patience: it is planned for those who are not, or still wait after that.
      if (this.#answerAt >= caller.givesUpAt) this.#planGivingUp(caller);
    } else if (caller.agentId === null) this.#forget(caller);
  }

  #planGivingUp(caller: Caller): void {
    const { givesUpAt, givesUpOrder, isWaiting } = caller;
    if (!isWaiting || caller.willGiveUp) return;
    caller.willGiveUp = true;
    this.#agenda.addReserved(givesUpAt, givesUpOrder, eventOf('give-up', caller));
  }

  #enter(caller: Caller, queue: string, agedSince: number | undefined): void {
    const { id: contactId, caller: number } = caller;
    const queueId = queue as QueueId;
    this.#tell(
      agedSince === undefined
        ? { type: 'contact.entered', contactId, queueId, priority: 0, caller: number }
        : {
            type: 'contact.entered',
            contactId,
            queueId,
            priority: 0,
            caller: number,
            agedSince,
            via: 'overflow',
          },
    );
  }

  #callerOf(id: ContactId): Caller | undefined {
    if (this.#latest?.id !== id) this.#latest = this.#callers.get(id);
    return this.#latest;
  }

  #forget(caller: Caller): void {
    caller.isGone = true;
    this.#callers.delete(caller.id);
    this.#latest = undefined;
  }

  #tell(input: DistributorInput): void {
    this.#inputs += 1;
    const effects = this.#distributor.handle(input, this.#now, this.#drawRandom.unit() * 2 ** 32);
    for (let index = 0; index < effects.length; index++) {
      const effect = effects[index];
      if (effect !== undefined) this.#act(effect);
    }
  }

  #act(effect: DistributorEffect): void {
    switch (effect.type) {
      case 'timer.set':
        return this.#setTimer(effect.name, effect.at);
      case 'timer.cleared':
        this.#timers.delete(effect.name);
        return;
      case 'offer.make':
        return this.#ring(effect);
      case 'contact.assigned':
        return this.#connect(effect.contactId, effect.agentId);
      case 'contact.wrapped':
        return this.#wrapped(effect.contactId);
      case 'entry.refused':
        return this.#refused(effect);
      case 'contact.overflowed':
        return this.#overflowed(effect);
      case 'fact':
        return this.#note(effect);
      default:
        return;
    }
  }

  #setTimer(name: string, at: number): void {
    if (this.#isRingSpared) {
      this.#isRingSpared = false;
      return;
    }
    this.#timers.set(name, at);
    this.#agenda.add(at, eventOf('timer', this.#latest ?? null, name));
  }

  /**
   * Who is busy on another line or rings together with others may be too late; the distributor knows. The ring timer, which
   * comes right after its offer, is not waited for if the answer comes before it: it would have no effect.
   */
  #ring({
    offerId,
    contactId,
    agentId,
    ringTimeoutMs,
  }: Extract<DistributorEffect, { type: 'offer.make' }>): void {
    this.#isRingSpared = false;
    const agent = this.#agents.get(agentId);
    if (agent === undefined || (agent.doesNotAnswer > 0 && this.#random.chance(agent.doesNotAnswer))) return;
    const answerMs = draw(agent.answer, this.#random);
    const caller = this.#callerOf(contactId) ?? null;
    this.#agenda.add(this.#now + answerMs, eventOf('answer', caller, offerId));
    if (answerMs >= ringTimeoutMs) return;
    this.#isRingSpared = true;
    this.#answerAt = Math.min(this.#answerAt, this.#now + answerMs);
  }

  #connect(contactId: ContactId, agentId: AgentId): void {
    const caller = this.#callerOf(contactId);
    if (caller === undefined) return;
    caller.agentId = agentId;
    caller.answeredAt = this.#now;
    this.#work.taken(this.#now);
    this.#agenda.add(this.#now + caller.talkMs, eventOf('end', caller));
  }

  #wrapped(contactId: ContactId): void {
    const caller = this.#callerOf(contactId);
    if (caller === undefined) return;
    this.#forget(caller);
    this.#work.freed(this.#now);
    const { answeredAt, endedAt, answeredBy, answeredStayAt } = caller;
    answeredBy?.tally.handled(answeredStayAt, endedAt - answeredAt, this.#now - endedAt);
  }

  #refused(effect: Extract<DistributorEffect, { type: 'entry.refused' }>): void {
    const caller = this.#callerOf(effect.contactId);
    if (caller === undefined) return;
    if (effect.target?.kind === 'number' && this.#reroute(caller, effect.target.number, this.#now)) return;
    this.#lines.get(effect.queueId)?.tally.deflected(this.#now);
  }

  #overflowed(effect: Extract<DistributorEffect, { type: 'contact.overflowed' }>): void {
    const caller = this.#callerOf(effect.contactId);
    if (caller === undefined) return;
    const { target, agedSince } = effect;
    if (target?.kind === 'number' && this.#reroute(caller, target.number, agedSince)) return;
    this.#forget(caller);
  }

  #reroute(caller: Caller, number: string, agedSince: number): boolean {
    const queue = this.#options.centre.numbers.get(number);
    caller.reroutes += 1;
    if (queue === undefined || caller.reroutes > reroutesMax) return false;
    this.#enter(caller, queue, agedSince);
    return true;
  }

  #note({ contactId, fact }: Extract<DistributorEffect, { type: 'fact' }>): void {
    if (fact.type === 'queue.entered') {
      const caller = this.#callerOf(contactId);
      const line = this.#lineOf(caller, fact.data.queueId);
      if (caller === undefined || line === undefined) return;
      caller.line = line;
      caller.enteredAt = this.#now;
      caller.isWaiting = true;
      line.tally.entered(this.#now);
    } else if (fact.type === 'queue.left') {
      const caller = this.#callerOf(contactId);
      if (caller === undefined) return;
      caller.isWaiting = false;
      caller.line.tally.left(caller.enteredAt, fact.data);
      if (fact.data.result === 'answered') {
        caller.answeredBy = caller.line;
        caller.answeredStayAt = caller.enteredAt;
      } else if (fact.data.result === 'abandoned') this.#forget(caller);
    } else if (fact.type === 'wrapup.started') {
      if (fact.data.until !== null) return;
      const caller = this.#callerOf(contactId);
      if (caller === undefined) return;
      const wrapUpMs = draw(caller.line.queue.wrapUp, this.#talkRandom);
      this.#agenda.add(this.#now + wrapUpMs, eventOf('wrap-up', caller));
    } else if (fact.type === 'contact.deflected' && fact.data.queueId !== undefined) {
      this.#lines.get(fact.data.queueId)?.tally.deflected(this.#now);
    }
  }

  #lineOf(caller: Caller | undefined, queueId: QueueId): Line | undefined {
    return caller?.line.queue.name === (queueId as string) ? caller.line : this.#lines.get(queueId);
  }

  #result(): RunResult {
    this.#distributor.checkInvariants();
    return {
      seed: this.#options.seed,
      contacts: this.#contacts,
      inputs: this.#inputs,
      queues: [...this.#lines.values()].map(({ tally }) => tally.result()),
      ...this.#work.result(),
    };
  }
}

function draw({ meanSeconds, spread }: RandomTime, random: Random): number {
  if (meanSeconds === 0) return 0;
  const meanMs = meanSeconds * 1000;
  if (spread === 'fixed') return meanMs;
  return Math.min(
    spread === 'exponential' ? random.exponential(meanMs) : random.logNormal(meanMs, 0.7),
    timeMaxMs,
  );
}
