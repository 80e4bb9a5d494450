import type { FlowDocumentInput, LiveCall } from '@crosspoint/contracts';
import { patienceMs, type Phone, type PhoneCall } from '@crosspoint/sim/phones';
import { ApiError } from '../api/index.ts';
import type { Scene, SceneAgent, World } from '../world.ts';
import type { Dice } from './random.ts';

/** So many agents for a hundred callers; who finds none waits. */
const agentsPercent = 40;
const agentsMin = 4;
/** Of a hundred agents; they are asked for advice, and listen in. */
const colleaguesPercent = 20;
/** The key that leads out of the flow into the queue. */
const queueKey = '1';

/** What may be done now, each as often as it shall be drawn. */
type Choice = readonly [what: string, act: () => Promise<void> | void];

/** A menu that goes on until the caller presses the key. */
const receptionOf = (queue: string): FlowDocumentInput => ({
  name: `reception of ${queue}`,
  start: 'menu',
  nodes: {
    menu: {
      ...{ kind: 'menu', prompt: [{ text: { en: 'To be connected, press 1.' } }] },
      ...{ timeoutSeconds: 60, retries: 9, keys: { [queueKey]: 'queue' }, otherwise: 'queue' },
    },
    queue: { kind: 'queue', queue, refused: 'bye' },
    bye: { kind: 'end', prompt: [{ recording: 'callback-noted' }] },
  },
});

/** What the people of one run live in. */
interface Place {
  readonly world: World;
  readonly dice: Dice;
  readonly scene: Scene;
  readonly callersMax: number;
  /** Who is only asked for advice and listens in; nobody where few call. */
  readonly colleagues: readonly SceneAgent[];
  /** Leads through the flow; undefined where few call. */
  readonly flowNumber: string | undefined;
  readonly tell: (line: string) => void;
}

/** Callers and agents who do what people do, drawn by lot. */
export class People {
  readonly customers = new Map<PhoneCall, Phone>();
  readonly agents = new Map<PhoneCall, SceneAgent>();
  /** Agents' calls that hold the other side. */
  readonly held = new Set<PhoneCall>();
  /** Callers in the flow: between its sentences they hear nothing. */
  readonly inFlow = new Set<PhoneCall>();
  /** Agents' calls that ask a colleague, or have: what they hear depends on how far that has come. */
  readonly consulting = new Set<PhoneCall>();
  /** Ends of conversations that somebody has begun to end: they may go down. */
  readonly mayEnd = new Set<PhoneCall>();
  readonly #place: Place;
  readonly #answered = new Set<PhoneCall>();
  /** Colleagues whom a call is on its way to: with a second one it could not be told which of the two is heard. */
  readonly #expecting = new Set<SceneAgent>();

  private constructor(place: Place) {
    this.#place = place;
    for (const agent of [...place.scene.agents, ...place.colleagues]) {
      agent.phone.onCall = (call) => {
        this.agents.set(call, agent);
        this.#expecting.delete(agent);
      };
    }
  }

  static async gather(
    world: World,
    dice: Dice,
    callersMax: number,
    tell: (line: string) => void,
  ): Promise<People> {
    const agents = Math.max(agentsMin, Math.ceil((callersMax * agentsPercent) / 100));
    const queue = { wrapUp: { mode: 'timed', seconds: 2 }, noAnswerDelaySeconds: 1, rejectDelaySeconds: 1 };
    const scene = await world.scene({ agents, queue });
    const place = { world, dice, scene, callersMax, tell };
    if (agents === agentsMin) return new People({ ...place, colleagues: [], flowNumber: undefined });
    const asked = Math.ceil((agents * colleaguesPercent) / 100);
    const { agents: colleagues } = await world.scene({ agents: asked, staffed: false });
    for (const { phone } of colleagues) await phone.register();
    const flow = receptionOf(scene.queueName);
    const flowNumber = world.freshNumber();
    const numbers = [{ number: flowNumber, target: { flow: flow.name } }];
    await world.api.apply({ flows: [flow], numbers });
    return new People({ ...place, colleagues, flowNumber });
  }

  get upCustomers(): PhoneCall[] {
    return [...this.customers.keys()].filter(({ isUp }) => isUp);
  }

  get upAgents(): PhoneCall[] {
    return [...this.agents.keys()].filter(({ isUp }) => isUp);
  }

  get scene(): Scene {
    return this.#place.scene;
  }

  /** The numbers that were called. */
  get numbers(): readonly string[] {
    const { scene, flowNumber } = this.#place;
    return flowNumber === undefined ? [scene.number] : [scene.number, flowNumber];
  }

  /** The tone that this agent's end speaks. */
  toneHzOf(call: PhoneCall): number {
    return Number(this.agents.get(call)?.phone.says);
  }

  /** The end of that leg at a telephone, when it is up. */
  endOf({ role, address }: LiveCall): PhoneCall | undefined {
    const ends =
      role === 'customer'
        ? [...this.customers].filter(([, phone]) => phone.username === address)
        : [...this.agents].filter(([, agent]) => address === `sip:${agent.username}`);
    return ends.find(([call]) => call.isUp)?.[0];
  }

  /** One caller after the other, so that a small machine keeps up, until there are as many as there should be. */
  async fill(): Promise<void> {
    const { callersMax } = this.#place;
    for (let tries = callersMax; tries > 0 && this.upCustomers.length < callersMax; tries--) {
      await (await this.#call()).answered().catch(() => undefined);
    }
  }

  /** Somebody does something. */
  async act(): Promise<void> {
    const [what, act] = this.#place.dice.of(this.#choices()) ?? ['nothing', () => undefined];
    this.#place.tell(what);
    await act();
  }

  hangUpAll(): void {
    for (const call of [...this.customers.keys(), ...this.agents.keys()]) call.hangUp();
  }

  // ---------------------------------------------------------------- what people do

  #choices(): Choice[] {
    const { callersMax, colleagues } = this.#place;
    const callers = this.upCustomers;
    const talking = this.upAgents.filter((call) => !this.#isColleague(call));
    const free = talking.filter((call) => !this.held.has(call) && !this.consulting.has(call));
    const ringing = [...this.agents.keys()].filter(
      (call) => !this.#answered.has(call) && call.at.ended === undefined,
    );
    const isAsked = new Set(this.#calling(colleagues).map(([, agent]) => agent));
    const colleague = colleagues.find((each) => !isAsked.has(each) && !this.#expecting.has(each));
    const some = (
      count: number,
      what: string,
      calls: readonly PhoneCall[],
      act: (call: PhoneCall) => Promise<void> | void,
    ): Choice[] => {
      const call = this.#place.dice.of(calls);
      return call === undefined ? [] : Array<Choice>(count).fill([what, () => act(call)]);
    };
    const called: Choice = ['a caller calls', async () => this.#perhaps(await this.#call())];
    return [
      ...(callers.length < callersMax ? [called, called] : []),
      // The more telephones ring, the more likely one of them is taken next.
      ...some(Math.max(3, ringing.length), 'an agent answers', ringing, (call) => this.#answer(call)),
      ...some(1, 'an agent holds', free, (call) => this.#hold(call)),
      ...some(
        1,
        'an agent resumes',
        [...this.held].filter(({ isUp }) => isUp),
        (call) => this.#resume(call),
      ),
      ...some(1, 'an agent hangs up', free, (call) => this.#hangUp(call)),
      ...some(1, 'a caller hangs up', callers.length > 2 ? callers : [], (call) => this.#hangUp(call)),
      ...some(
        2,
        'a caller presses a key',
        [...this.inFlow].filter(({ isUp }) => isUp),
        (call) => {
          this.inFlow.delete(call);
          call.sendInfoDigit(queueKey);
        },
      ),
      ...some(1, 'an agent asks a colleague', colleague === undefined ? [] : free, (call) =>
        this.#consult(call, colleague as SceneAgent),
      ),
      ...some(
        1,
        'an agent has asked',
        [...this.consulting].filter(({ isUp }) => isUp),
        (call) => this.#consulted(call),
      ),
      ...some(1, 'a supervisor listens', colleague === undefined ? [] : free, async (call) => {
        await this.#have(colleague as SceneAgent, call, 'supervise', { mode: 'listen' });
      }),
      ...some(
        1,
        'a colleague hangs up',
        this.upAgents.filter((call) => this.#isColleague(call)),
        (call) => this.#hangUp(call),
      ),
    ];
  }

  #isColleague(call: PhoneCall): boolean {
    const agent = this.agents.get(call);
    return agent !== undefined && this.#place.colleagues.includes(agent);
  }

  #calling(agents: readonly SceneAgent[]): [PhoneCall, SceneAgent][] {
    return [...this.agents].filter(([call, agent]) => call.at.ended === undefined && agents.includes(agent));
  }

  /** Every third caller goes through the flow, where there is one. */
  async #call(): Promise<PhoneCall> {
    const { scene, dice, flowNumber } = this.#place;
    const caller = await scene.caller();
    const throughFlow = flowNumber !== undefined && dice.below(3) === 0;
    const call = await caller.call(throughFlow ? flowNumber : scene.number);
    this.customers.set(call, caller);
    if (throughFlow) this.inFlow.add(call);
    return call;
  }

  async #answer(call: PhoneCall): Promise<void> {
    this.#answered.add(call);
    // The caller may have given up in this very moment.
    if (call.at.ended === undefined) call.answer();
    await this.#perhaps(call);
  }

  /** Mostly a call is up before anything else is done; now and then the kill may come in the midst of its beginning. */
  async #perhaps(call: PhoneCall): Promise<void> {
    const isAwaited = this.#place.dice.below(4) > 0;
    // A call that was refused, or whose caller found nobody, is no fault of the server's.
    if (isAwaited) await call.answered(patienceMs).catch(() => undefined);
  }

  async #hangUp(call: PhoneCall): Promise<void> {
    await this.#noteEnding(call);
    call.hangUp();
  }

  /** Whoever is in the conversation of that end may go down with it. */
  async #noteEnding(call: PhoneCall): Promise<void> {
    const legs = await this.#place.world.api.calls();
    const leg = legs.find((each) => this.endOf(each) === call);
    for (const each of legs) {
      if (each.contactId !== leg?.contactId) continue;
      const end = this.endOf(each);
      if (end !== undefined) this.mayEnd.add(end);
    }
    this.mayEnd.add(call);
  }

  async #hold(call: PhoneCall): Promise<void> {
    this.held.add(call);
    // The other side may hang up meanwhile, and a telephone cannot hold before its answer is acknowledged.
    await attempted(() => call.hold()).catch(() => this.held.delete(call));
  }

  async #resume(call: PhoneCall): Promise<void> {
    await attempted(() => call.resume()).catch(() => undefined);
    this.held.delete(call);
  }

  async #consult(call: PhoneCall, colleague: SceneAgent): Promise<void> {
    this.consulting.add(call);
    if (!(await this.#have(colleague, call, 'transfer', { kind: 'consult' }))) this.consulting.delete(call);
  }

  async #consulted(call: PhoneCall): Promise<void> {
    const action = this.#place.dice.of(['complete', 'cancel', 'join']) ?? 'complete';
    await this.#noteEnding(call);
    // Who is refused, since the colleague's telephone still rings, asks no longer: ringing has pauses, which are no loss.
    const isDone = await this.#command(call, 'consult', { action });
    if (!isDone) await this.#command(call, 'consult', { action: 'cancel' });
    this.consulting.delete(call);
  }

  /** Has a colleague called for that. Whether it was done. */
  async #have(colleague: SceneAgent, call: PhoneCall, path: string, body: object): Promise<boolean> {
    const target = { agentId: await this.#idOf(colleague) };
    this.#expecting.add(colleague);
    const isDone = await this.#command(call, path, { ...body, target });
    if (!isDone) this.#expecting.delete(colleague);
    return isDone;
  }

  async #idOf({ username }: SceneAgent): Promise<string> {
    return (await this.#place.world.api.liveAgent(username)).id;
  }

  /** Whether it was done. A refusal is no fault: the conversation may end, or have ended, in this very moment. */
  async #command(call: PhoneCall, path: string, body: object): Promise<boolean> {
    const { api } = this.#place.world;
    const leg = (await api.calls()).find((each) => this.endOf(each) === call);
    if (leg === undefined) return false;
    try {
      await api.request('POST', `/calls/${leg.id}/${path}`, body);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500) throw error;
      this.#place.tell(`refused: ${error.code}`);
      return false;
    }
  }
}

/** A refusal at once is one like a refusal later. */
async function attempted(act: () => Promise<unknown>): Promise<void> {
  await act();
}
