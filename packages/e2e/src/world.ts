import {
  patienceMs,
  Phone,
  type PhoneCall,
  PhoneHost,
  type PhoneOptions,
  within,
} from '@crosspoint/sim/phones';
import type { AgentLive, Contact, LiveCall, QueueStats } from '@crosspoint/contracts';
import type { ApiClient } from './api/index.ts';
import { Product, type ProductOptions } from './product/index.ts';
import { recordingOf } from './recordings.ts';
import { until } from './wait.ts';

export type SceneOptions = {
  /** How many agents serve the queue; 1 by default. */
  agents?: number;
  /** Settings of the queue beyond the defaults. */
  queue?: Record<string, unknown>;
  /** Whether the agents register and become available at once; true by default. */
  staffed?: boolean;
};

/** The two ends of a call: that of the customer's phone and that of the agent's. */
export type Conversation = { caller: Phone; customer: PhoneCall; agent: PhoneCall };

export type SceneAgent = { username: string; password: string; sipPassword: string; phone: Phone };

/** Of queues that name none: whoever is rung by a slow machine still has the time to answer. */
const ringTimeoutSeconds = 120;
/** The tone in Hz that the n-th agent speaks; multiples of 50 that are no harmonics of each other or of the callers'. */
const agentTonesHz = [700, 850, 1_150, 1_300, 1_550];
export const callerToneHz = 400;

/**
 * The product and the people around it. Tests of one file share one; each test makes a scene with a queue, a number
 * and agents of its own, so that one test's penalties do not reach the next.
 */
export class World {
  readonly product: Product;
  #api: ApiClient;
  #scenes = 0;
  #made = 0;
  #hosts: PhoneHost[] = [];

  private constructor(product: Product, api: ApiClient) {
    this.product = product;
    this.#api = api;
  }

  static async start(options: ProductOptions = {}): Promise<World> {
    const product = await Product.start(options);
    return new World(product, await product.api());
  }

  /** As the user `admin`. */
  get api(): ApiClient {
    return this.#api;
  }

  /** Logs in again, for instance after the product was started again. */
  async login(): Promise<void> {
    this.#api = await this.product.api();
  }

  /** Makes a queue with its own number and agents. */
  async scene(options: SceneOptions = {}): Promise<Scene> {
    this.#scenes += 1;
    const index = this.#scenes;
    const queueName = String(options.queue?.['name'] ?? `queue-${index}`);
    const number = `+42055500${String(index).padStart(4, '0')}`;
    const agents = Array.from({ length: options.agents ?? 1 }, (_, position) => {
      const username = `agent-${index}-${position + 1}`;
      return {
        username,
        name: username,
        password: `console-${username}`,
        sip: { password: `sip-${username}` },
      };
    });
    await this.api.apply({
      agents,
      queues: [
        {
          name: queueName,
          agents: agents.map(({ username }) => username),
          ringTimeoutSeconds,
          ...options.queue,
        },
      ],
      numbers: [{ number, target: { queue: queueName } }],
    });
    const people: SceneAgent[] = [];
    for (const [position, agent] of agents.entries()) {
      const phone = await this.phone({
        username: agent.username,
        password: agent.sip.password,
        says: agentTonesHz[position % agentTonesHz.length] ?? 'silence',
      });
      people.push({
        username: agent.username,
        password: agent.password,
        sipPassword: agent.sip.password,
        phone,
      });
    }
    const scene = new Scene(this, queueName, number, people);
    if (options.staffed ?? true) await scene.staffAll();
    return scene;
  }

  /** A number to which nothing leads yet, whatever earlier attempts of the same test have left behind. */
  freshNumber(): string {
    this.#made += 1;
    return `+42056600${String(this.#made).padStart(4, '0')}`;
  }

  /** An extension that nobody has yet. */
  freshExtension(): string {
    this.#made += 1;
    return String(7_000 + this.#made);
  }

  /** A name that nothing has yet, which begins with that word. */
  freshName(word: string): string {
    this.#made += 1;
    return `${word}-${this.#made}`;
  }

  /** A phone on a host of its own; `overWebSocket`: its SIP goes to the HTTP port (RFC 7118); `over`: by a connection to that port. */
  async phone({
    overWebSocket = false,
    over,
    ...options
  }: Omit<PhoneOptions, 'host' | 'server'> & {
    overWebSocket?: boolean;
    over?: { protocol: 'tcp' | 'tls'; port: number };
  }): Promise<Phone> {
    const webSocket = overWebSocket ? `${this.product.httpUrl.replace('http', 'ws')}/sip` : undefined;
    const connection = over && { address: '127.0.0.1', ...over };
    const host = await PhoneHost.open({ webSocket, connection });
    this.#hosts.push(host);
    return new Phone({ host, server: this.product.sip, ...options });
  }

  /** Before each attempt: starts a product again that an earlier attempt has killed or stopped, and waits until it is ready. */
  async revive(): Promise<void> {
    if (!this.product.isRunning) {
      await this.product.start();
      await this.login();
    }
    await until('the product to be ready', () => this.product.isReady());
  }

  /**
   * To be called after every test: hangs up what is left, waits until the product has no live call, and checks rule
   * 17 on every queue: offered = answered + abandoned + overflowed + callbacks + waiting. A call that stays is an error;
   * it is ended by command, so that the next attempt does not meet it.
   */
  async settle(): Promise<void> {
    const hosts = this.#hosts;
    this.#hosts = [];
    try {
      for (const host of hosts) for (const call of host.calls.values()) call.hangUp();
      let calls: LiveCall[] = [];
      await until(
        'no live call to be left',
        async () => {
          calls = await this.api.calls();
          return calls.length === 0;
        },
        { seen: () => calls },
      ).catch(async (error: unknown) => {
        const endings = calls.map(({ id }) => this.api.request('POST', `/calls/${id}/hangup`, {}));
        await Promise.allSettled(endings);
        throw error;
      });
    } finally {
      for (const host of hosts) host.close();
    }
    for (const { name } of await this.api.queues()) checkIdentity(name, await this.api.stats(name));
  }

  async stop(): Promise<void> {
    for (const host of this.#hosts) host.close();
    await this.product.dispose();
  }
}

/**
 * The call that this phone takes. A phone of a slow machine may be passed over for its silence: then the call was withdrawn before it
 * could be answered, and another one follows.
 */
export function takenBy(phone: Phone): Promise<PhoneCall> {
  return until(`${phone.username} to take a call`, async () => {
    const call = await phone.nextCall();
    if (call.at.ended !== undefined) return undefined;
    call.answer();
    return call.answered().then(
      () => call,
      () => undefined,
    );
  });
}

/** Rule 17 of the queue semantics, to the unit. */
export function checkIdentity(queueName: string, stats: QueueStats): void {
  const { offered, answered, abandoned, overflowed, callbacks, waiting } = stats;
  const sum = answered + abandoned + overflowed + callbacks + waiting;
  if (offered !== sum) {
    throw new Error(
      `${queueName}: offered ${offered} is not answered ${answered} + abandoned ${abandoned} + overflowed ` +
        `${overflowed} + callbacks ${callbacks} + waiting ${waiting} = ${sum}`,
    );
  }
}

/** One queue with its number and agents. */
export class Scene {
  readonly queueName: string;
  readonly number: string;
  readonly agents: readonly SceneAgent[];
  readonly #world: World;

  constructor(world: World, queueName: string, number: string, agents: readonly SceneAgent[]) {
    this.#world = world;
    this.queueName = queueName;
    this.number = number;
    this.agents = agents;
  }

  /** The n-th agent, from 1. */
  agent(position: number): SceneAgent {
    const agent = this.agents[position - 1];
    if (agent === undefined) throw new Error(`The scene has no agent ${position}.`);
    return agent;
  }

  /** Registers the agent's phone, makes the agent available and waits until calls can be offered. */
  async staff(agent: SceneAgent): Promise<void> {
    await agent.phone.register();
    await this.#world.api.setStatus(agent.username, 'available');
    await this.agentIs(agent, 'ready or offered a call already', (live) => {
      return live.readiness.ready || live.contacts.length > 0;
    });
  }

  /** One after the other, so that the first is idle longest and is offered the first call. */
  async staffAll(): Promise<void> {
    for (const agent of this.agents) await this.staff(agent);
  }

  /** A caller from outside and the n-th agent, talking with each other. */
  async connect(
    options: { agent?: number; caller?: Partial<Omit<PhoneOptions, 'host' | 'server'>> } = {},
  ): Promise<Conversation> {
    const caller = await this.caller(options.caller);
    const customer = await caller.call(this.number);
    await customer.answered();
    const person = this.agent(options.agent ?? 1);
    const agent = await takenBy(person.phone);
    await this.agentIs(person, 'on contact', ({ activity }) => activity === 'on-contact');
    return { caller, customer, agent };
  }

  /** The agent whose phone rings first, and that call. */
  async firstToRing(timeoutMs = patienceMs): Promise<{ agent: SceneAgent; call: PhoneCall }> {
    const rung = this.agents.find(({ phone }) => phone.callsWaiting > 0);
    if (rung !== undefined) return { agent: rung, call: await rung.phone.nextCall() };
    const { promise, resolve } = Promise.withResolvers<{ agent: SceneAgent; call: PhoneCall }>();
    for (const agent of this.agents) agent.phone.onCall = (call) => resolve({ agent, call });
    try {
      return await within(`any phone of ${this.queueName} to ring`, timeoutMs, promise);
    } finally {
      for (const { phone } of this.agents) phone.onCall = undefined;
    }
  }

  /** A phone outside, with a number of its own as caller id. */
  async caller(options: Partial<Omit<PhoneOptions, 'host' | 'server'>> = {}): Promise<Phone> {
    callers += 1;
    const username = `+4207770${String(callers).padStart(5, '0')}`;
    return this.#world.phone({ username, says: callerToneHz, ...options });
  }

  stats(): Promise<QueueStats> {
    return this.#world.api.stats(this.queueName);
  }

  /** Waits until the statistics of the queue show these values. */
  async statsAre(expected: Partial<QueueStats>): Promise<QueueStats> {
    let seen: QueueStats | undefined;
    const wanted = Object.entries(expected);
    return until(
      `${this.queueName} to show ${JSON.stringify(expected)}`,
      async () => {
        seen = await this.stats();
        const shown = new Map<string, unknown>(Object.entries(seen));
        return wanted.every(([name, value]) => shown.get(name) === value) ? seen : undefined;
      },
      { seen: () => seen },
    );
  }

  agentIs(agent: SceneAgent, what: string, matches: (live: AgentLive) => boolean): Promise<AgentLive> {
    let seen: AgentLive | undefined;
    return until(
      `${agent.username} to be ${what}`,
      async () => {
        seen = await this.#world.api.liveAgent(agent.username);
        return matches(seen) ? seen : undefined;
      },
      { seen: () => seen },
    );
  }

  /** The newest contact of this queue's number once nothing follows any more. */
  lastContact(): Promise<Contact> {
    return this.#world.api.closedContact(this.number);
  }

  /** The recording of that contact, and in which parts of its two channels these tones are heard. */
  async lastRecording(tonesHz: readonly number[]) {
    return recordingOf(this.#world.api, await this.lastContact(), tonesHz);
  }
}

let callers = 0;
