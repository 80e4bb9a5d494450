import {
  type AgentFact,
  type AgentId,
  type ContactFact,
  type ContactId,
  type LegId,
  type QueueId,
  QueueSettings,
} from '@crosspoint/contracts';
import {
  type AgentDay,
  addsUp,
  createAgentStatistics,
  createQueueStatistics,
  type QueueCounts,
  queueMetrics,
} from '@crosspoint/core';
import { FactsAuditor } from './audit.ts';
import { VirtualClock } from './clock.ts';
import type { SimulatedAgent, SimulatedQueue, SimulationConfiguration } from './configuration.ts';
import { Ids } from './ids.ts';
import { People } from './people.ts';
import { Random } from './random.ts';
import { Staff } from './staff.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  /** Any 32-bit number; the same seed and configuration give the same result to the last digit. */
  seed: number;
  configuration: SimulationConfiguration;
  /** How long callers arrive; the run goes on until the last contact is closed. */
  hours: number;
  /** Start of the run, epoch milliseconds. */
  startAt?: number;
  /** Mean way between the machines and a phone. 40 ms by default. */
  latencyMsMean?: number;
  /** Mean way between a contact and the distributor; both run in one process, so none by default. */
  machineDelayMsMean?: number;
  /** The invariants are checked after every n-th decision: 1 checks all, 0 none. 0 by default. */
  checkEvery?: number;
}

export interface SimulatedQueueResult {
  name: string;
  counts: QueueCounts;
  /** Every figure of the catalogue by its name. */
  figures: Record<string, number | null>;
}

export interface SimulationResult {
  seed: number;
  contacts: number;
  /** Inputs that the machines handled. */
  inputs: number;
  facts: number;
  outcomes: Record<string, number>;
  queues: SimulatedQueueResult[];
  agents: (AgentDay & { name: string })[];
  /** What the reconciler had to put right; none unless a machine is wrong. */
  repairs: string[];
  /** Virtual milliseconds from the first arrival until everything was at rest. */
  durationMs: number;
}

const defaultStart = Date.UTC(2030, 0, 7, 8);
const reconcileIntervalMs = 5_000;
/** Nobody waits or talks longer than this, whatever the draw says. */
const patienceMaxMs = 4 * 3_600_000;
/** Everything comes to rest within this time of the last arrival, or something is stuck. */
const restWithinMs = 12 * 3_600_000;

/** Runs a contact centre on virtual time with the production machines. Throws if a rule is broken or a contact is stuck. */
export function simulate(options: SimulationOptions): SimulationResult {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #clock: VirtualClock;
  readonly #ids = new Ids();
  readonly #random: Random;
  readonly #world: World;
  readonly #people: People;
  readonly #staff: Staff;
  readonly #auditor = new FactsAuditor();
  readonly #queueStatistics = createQueueStatistics();
  readonly #agentStatistics = createAgentStatistics();
  readonly #queues = new Map<string, QueueId>();
  readonly #outcomes: Record<string, number> = {};
  readonly #repairs: string[] = [];
  readonly #endAt: number;
  #facts = 0;
  #contacts = 0;
  #decisions = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { seed, startAt = defaultStart, latencyMsMean = 40, machineDelayMsMean, hours } = options;
    this.#clock = new VirtualClock(startAt);
    this.#random = new Random(seed);
    this.#endAt = startAt + hours * 3_600_000;
    const latency = this.#random.fork();
    const machineDelay = this.#random.fork();
    this.#world = new World({
      clock: this.#clock,
      ids: this.#ids,
      listener: {
        outside: (contactId, effect) => this.#people.act(contactId, effect),
        contactFact: (fact) => this.#contactFact(fact),
        agentFact: (fact) => this.#agentFact(fact),
        repaired: (what, detail) => this.#repairs.push(`${what}: ${detail}`),
        closed: (contactId) => this.#people.forget(contactId),
      },
      ...(machineDelayMsMean === undefined
        ? {}
        : { machineDelayMs: () => machineDelay.exponential(machineDelayMsMean) }),
      afterDecision: () => this.#check(),
    });
    this.#people = new People({
      world: this.#world,
      clock: this.#clock,
      random: this.#random.fork(),
      latencyMs: () => 1 + latency.exponential(latencyMsMean),
    });
    this.#staff = new Staff({ world: this.#world, clock: this.#clock, endAt: this.#endAt });
  }

  run(): SimulationResult {
    const { configuration } = this.#options;
    const startAt = this.#clock.now;
    for (const queue of configuration.queues) this.#addQueue(queue);
    for (const agent of configuration.agents) this.#addAgent(agent);
    for (const queue of configuration.queues) this.#scheduleArrival(queue, this.#random.fork());
    this.#lookAtReality();
    while (this.#clock.step(this.#endAt + restWithinMs)) {
      if (this.#clock.now > this.#endAt && this.#world.contacts.size === 0) break;
    }
    this.#expectRest();
    return this.#result(startAt);
  }

  #addQueue({ name, settings = {} }: SimulatedQueue): void {
    const id = this.#ids.next<QueueId>();
    const parsed = QueueSettings.parse({ ...settings, name });
    this.#queues.set(name, id);
    this.#queueStatistics.configure(id, parsed);
    this.#queueStatistics.startPeriod(id, this.#clock.now);
    this.#world.tellDistributor({ type: 'queue.configured', queue: { id, settings: parsed } });
  }

  #addAgent(agent: SimulatedAgent): void {
    const id = this.#ids.next<AgentId>();
    this.#agentStatistics.startPeriod(id, this.#clock.now);
    const { behaviour } = this.#staff.add(id, agent, this.#random.fork(), (name) => this.#queueId(name));
    this.#people.addAgent(id, behaviour);
  }

  #queueId(name: string): QueueId {
    const id = this.#queues.get(name);
    if (id === undefined) throw new Error(`Queue "${name}" is not configured; name one of the queues.`);
    return id;
  }

  #scheduleArrival(queue: SimulatedQueue, random: Random): void {
    const { arrivalsPerHour } = queue.callers;
    const { startAt = defaultStart } = this.#options;
    const hour = Math.floor((this.#clock.now - startAt) / 3_600_000);
    const rate = Array.isArray(arrivalsPerHour)
      ? (arrivalsPerHour[hour % arrivalsPerHour.length] ?? 0)
      : arrivalsPerHour;
    const nextHourAt = startAt + (hour + 1) * 3_600_000;
    const at = rate > 0 ? this.#clock.now + (3_600_000 / rate) * random.exponential(1) : nextHourAt;
    if (at >= this.#endAt) return;
    // The process has no memory, so that a draw beyond the hour is simply made again with the next hour's rate.
    const isCall = at < nextHourAt;
    this.#clock.at(Math.min(at, nextHourAt), () => {
      if (isCall) this.#call(queue, random);
      this.#scheduleArrival(queue, random);
    });
  }

  #call({ name, settings, callers }: SimulatedQueue, random: Random): void {
    const contactId = this.#ids.next<ContactId>();
    const legId = this.#ids.next<LegId>();
    this.#contacts += 1;
    this.#people.addCaller(contactId, legId, {
      patienceMs: Math.min(1000 * random.exponential(callers.patienceSecondsMean), patienceMaxMs),
      talkMs: Math.min(1000 * random.logNormal(callers.talkSecondsMean, 0.7), patienceMaxMs),
    });
    this.#world.addContact(contactId, {
      type: 'contact.arrived',
      legId,
      number: '700',
      callerPhone: `+420${String(this.#contacts).padStart(9, '0')}`,
      callerName: '',
      carrier: 'simulation',
      target: {
        kind: 'queue',
        queueId: this.#queueId(name),
        priority: 0,
        record: (settings?.recording ?? 'always') === 'always',
        greeting: null,
      },
    });
  }

  #contactFact(fact: ContactFact): void {
    this.#facts += 1;
    this.#auditor.read(fact);
    this.#queueStatistics.apply(fact);
    this.#agentStatistics.applyContactFact(fact);
    if (fact.type === 'contact.ended') {
      this.#outcomes[fact.data.outcome] = (this.#outcomes[fact.data.outcome] ?? 0) + 1;
    }
    if (fact.type === 'wrapup.started' && fact.data.until === null) {
      this.#staff.wrapUp(fact.data.agentId, fact.contactId);
    }
  }

  #agentFact(fact: AgentFact): void {
    this.#facts += 1;
    this.#agentStatistics.applyAgentFact(fact);
    this.#staff.notice(fact);
  }

  #lookAtReality(): void {
    this.#world.seeReality(new Set(this.#staff.members.keys()));
    this.#clock.after(reconcileIntervalMs, () => this.#lookAtReality());
  }

  #check(): void {
    const { checkEvery = 0 } = this.#options;
    this.#decisions += 1;
    if (checkEvery > 0 && this.#decisions % checkEvery === 0) this.#world.distributor.checkInvariants();
  }

  #expectRest(): void {
    this.#world.distributor.checkInvariants();
    const [stuck] = this.#world.contacts.values();
    if (stuck !== undefined) throw new Error(`Contact is stuck: ${JSON.stringify(stuck.view())}`);
    if (this.#auditor.closed !== this.#contacts) throw new Error('A contact ended without its last fact.');
    for (const [name, id] of this.#queues) {
      if (!addsUp(this.#queueStatistics.counts(id))) throw new Error(`Queue ${name} does not add up.`);
    }
  }

  #result(startAt: number): SimulationResult {
    const now = this.#clock.now;
    return {
      seed: this.#options.seed,
      contacts: this.#contacts,
      inputs: this.#world.inputs,
      facts: this.#facts,
      outcomes: this.#outcomes,
      queues: [...this.#queues].map(([name, id]) => {
        const counts = this.#queueStatistics.counts(id);
        const figures = Object.fromEntries(queueMetrics.map((each) => [each.name, each.compute(counts)]));
        return { name, counts, figures };
      }),
      agents: [...this.#staff.members].map(([id, { name }]) => ({
        name,
        ...this.#agentStatistics.day(id, now),
      })),
      repairs: this.#repairs,
      durationMs: now - startAt,
    };
  }
}
