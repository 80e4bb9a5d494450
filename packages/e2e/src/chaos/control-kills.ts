import type { LiveCall, SystemInfo } from '@crosspoint/contracts';
import type { Phone, PhoneCall } from '@crosspoint/sim/phones';
import { signal } from '../product/index.ts';
import { until } from '../wait.ts';
import { callerToneHz, type Scene, type SceneAgent, type World } from '../world.ts';
import { firstAnswerMs } from './first-answer.ts';
import { Dice } from './random.ts';

export interface ControlKillsOptions {
  seed: number;
  kills: number;
  /** How many of a hundred kills hit a media process instead; none by default. */
  mediaPercent?: number;
  /** Told what is done, one line at a time. */
  tell?: (line: string) => void;
}

export interface ControlKillsResult {
  kills: number;
  /** Established calls at the ends of telephones, summed over the kills; all of them went on. */
  survived: number;
  contacts: number;
  recordings: number;
  /** From each kill until the server was ready again. */
  readyMs: number[];
  /** From each kill until SIP answered again: calls are taken from then on. */
  answeredMs: number[];
  /** From each kill of a media process until everybody heard again what they had heard. */
  heardAgainMs: number[];
  /** How long each end of a call in such a process heard nothing. */
  gapMs: number[];
}

/** How many media processes a product has whose media processes are killed. */
export const mediaProcesses = 2;
const agentCount = 4;
const callersMax = 6;
const agentTonesHz = [700, 850, 1_150, 1_300];
/** A kill comes within this time of the last thing that was done. */
const killWithinMs = 400;
/** A machine that does a hundred other things takes its time. */
const slowMs = 20_000;
const heard = { timeoutMs: slowMs };
/** So much sound is more than was on its way when its process died: who has heard it hears again. */
const heardMs = 100;
/** Who missed less was in another process. */
const gapMsMin = 40;
/** What is done before the first kill. */
const beginningActs = 8;
/** A recording and the conversation that it is of may differ by this: it begins with the first packet. */
const recordingDifferenceMsMax = 1_500;

/**
 * Kills the control process at random instants amid calls in all states. After each kill every established call must be up and
 * heard as it was; at the end every call ends by itself, the books add up, and recordings have their full length. Throws
 * what was found wrong.
 */
export async function runControlKills(
  world: World,
  options: ControlKillsOptions,
): Promise<ControlKillsResult> {
  const run = new ControlKills(world, options);
  return run.run();
}

class ControlKills {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #kills: number;
  readonly #tell: (line: string) => void;
  readonly #customers = new Map<PhoneCall, Phone>();
  readonly #agents = new Map<PhoneCall, SceneAgent>();
  readonly #held = new Set<PhoneCall>();
  readonly #answered = new Set<PhoneCall>();
  readonly #mediaPercent: number;
  readonly #readyMs: number[] = [];
  readonly #answeredMs: number[] = [];
  readonly #heardAgainMs: number[] = [];
  readonly #gapMs: number[] = [];
  #survived = 0;
  /** Since the last kill; the other end of each may go down with it. */
  #hangUps = 0;

  constructor(world: World, { seed, kills, mediaPercent = 0, tell = () => undefined }: ControlKillsOptions) {
    this.#world = world;
    this.#dice = new Dice(seed);
    this.#kills = kills;
    this.#mediaPercent = mediaPercent;
    this.#tell = tell;
  }

  async run(): Promise<ControlKillsResult> {
    const scene = await this.#world.scene({
      agents: agentCount,
      queue: { wrapUp: { mode: 'timed', seconds: 2 }, noAnswerDelaySeconds: 1, rejectDelaySeconds: 1 },
    });
    for (const agent of scene.agents) {
      agent.phone.onCall = (call) => void this.#agents.set(call, agent);
    }
    for (let acts = 0; acts < beginningActs; acts++) await this.#act(scene);
    for (let kill = 1; kill <= this.#kills; kill++) {
      for (let acts = 2 + this.#dice.below(5); acts > 0; acts--) await this.#act(scene);
      const killAtMs = performance.now() + this.#dice.below(killWithinMs);
      await until('the instant of the kill', () => performance.now() >= killAtMs);
      // Without kills of media processes a seed means what it meant before there were any.
      const isMedia = this.#mediaPercent > 0 && this.#dice.below(100) < this.#mediaPercent;
      await (isMedia ? this.#killMedia(kill) : this.#kill(kill));
    }
    const figures = { kills: this.#kills, survived: this.#survived };
    return {
      ...(await this.#finish(scene)),
      ...figures,
      readyMs: this.#readyMs,
      answeredMs: this.#answeredMs,
      heardAgainMs: this.#heardAgainMs,
      gapMs: this.#gapMs,
    };
  }

  // ---------------------------------------------------------------- what people do

  async #act(scene: Scene): Promise<void> {
    const calls = this.#up(this.#customers);
    const ringing = [...this.#agents.keys()].filter(
      (call) => !this.#answered.has(call) && call.at.ended === undefined,
    );
    const talking = this.#up(this.#agents);
    const free = talking.filter((call) => !this.#held.has(call));
    const acts: [what: string, act: () => Promise<void> | void][] = [];
    if (calls.length < callersMax)
      acts.push(['a caller calls', () => this.#call(scene)], ['a caller calls', () => this.#call(scene)]);
    for (const call of ringing)
      acts.push(
        ['an agent answers', () => this.#answer(call)],
        ['an agent answers', () => this.#answer(call)],
      );
    for (const call of free) acts.push(['an agent holds', () => this.#hold(call)]);
    for (const call of this.#held) if (call.isUp) acts.push(['an agent resumes', () => this.#resume(call)]);
    for (const call of free) acts.push(['an agent hangs up', () => this.#hangUp(call)]);
    for (const call of calls)
      if (calls.length > 2) acts.push(['a caller hangs up', () => this.#hangUp(call)]);
    const [what, act] = this.#dice.of(acts) ?? ['nothing', () => undefined];
    this.#tell(what);
    await act();
  }

  async #call(scene: Scene): Promise<void> {
    const caller = await scene.caller();
    const call = await caller.call(scene.number);
    this.#customers.set(call, caller);
    await this.#perhaps(call);
  }

  async #answer(call: PhoneCall): Promise<void> {
    this.#answered.add(call);
    // The caller may have given up in this very moment.
    if (call.at.ended === undefined) call.answer();
    await this.#perhaps(call);
  }

  /** Mostly a call is up before anything else is done; now and then the kill may come in the midst of its beginning. */
  async #perhaps(call: PhoneCall): Promise<void> {
    const isAwaited = this.#dice.below(4) > 0;
    // A call that was refused, or whose caller found nobody, is no fault of the server's.
    if (isAwaited) await call.answered(slowMs).catch(() => undefined);
  }

  #hangUp(call: PhoneCall): void {
    this.#hangUps += 1;
    call.hangUp();
  }

  async #hold(call: PhoneCall): Promise<void> {
    this.#held.add(call);
    // The other side may hang up meanwhile, and a telephone cannot hold before its answer is acknowledged.
    await attempted(() => call.hold()).catch(() => this.#held.delete(call));
  }

  async #resume(call: PhoneCall): Promise<void> {
    await attempted(() => call.resume()).catch(() => undefined);
    this.#held.delete(call);
  }

  // ---------------------------------------------------------------- the kill, and what must hold after it

  async #kill(number: number): Promise<void> {
    const { product } = this.#world;
    await product.kill();
    // What was up when it died; calls in the midst of their beginning or end may go either way.
    const established = [...this.#up(this.#customers), ...this.#up(this.#agents)];
    this.#tell(`kill ${number}: ${established.length} ends of calls are up`);
    const killedAtMs = performance.now();
    const answered = firstAnswerMs(product.sip);
    await Promise.all([product.start(), answered]);
    this.#answeredMs.push(await answered);
    this.#readyMs.push(Math.round(performance.now() - killedAtMs));
    await this.#world.login();
    await this.#checkHearing(established);
    this.#count(established);
  }

  async #killMedia(number: number): Promise<void> {
    const { product } = this.#world;
    // A second death while the successor of the first is being started is another misfortune than the one that is measured.
    const media = await until(
      'every media process to carry calls',
      async () => {
        const { processes } = (await this.#world.api.get<SystemInfo>('/system')).media;
        const pids = processes.flatMap(({ pid, healthy }) => (healthy && pid !== null ? [pid] : []));
        return pids.length >= mediaProcesses && pids;
      },
      { timeoutMs: slowMs },
    );
    const established = [...this.#up(this.#customers), ...this.#up(this.#agents)];
    this.#tell(`kill ${number}, of a media process: ${established.length} ends of calls are up`);
    const killedAtMs = performance.now();
    const victim = this.#dice.of(media);
    if (victim === undefined) throw new Error('There is no media process to kill.');
    signal(victim, 'SIGKILL');
    const listening = established.filter((call) => !this.#held.has(call));
    const gaps = Promise.all(listening.map((call) => this.#gap(call, killedAtMs)));
    await this.#checkHearing(established);
    this.#gapMs.push(...(await gaps).filter((gapMs) => gapMs >= gapMsMin));
    this.#heardAgainMs.push(Math.round(performance.now() - killedAtMs));
    this.#count(established);
    await until('the product to be ready again', () => product.isReady(), { timeoutMs: slowMs });
  }

  /** How long that end hears nothing; 0 for one that goes down meanwhile, which `#count` judges. */
  async #gap(call: PhoneCall, killedAtMs: number): Promise<number> {
    const hears = call.sound.ear.hears('sound', { forMs: heardMs, ...heard }).then(() => true);
    const isHeard = await Promise.race([hears, call.ended(slowMs).then(() => false)]);
    return isHeard ? Math.round(performance.now() - killedAtMs - heardMs) : 0;
  }

  #count(established: readonly PhoneCall[]): void {
    const lost = established.filter(({ isUp }) => !isUp).length;
    if (lost > this.#hangUps) {
      throw new Error(
        `${lost} established ends of calls went down though ${this.#hangUps} others had hung up.`,
      );
    }
    this.#hangUps = 0;
    this.#survived += established.length - lost;
  }

  /** Every customer hears the agent whom the server believes to be talking with, and the other way round; who waits hears music. */
  async #checkHearing(established: readonly PhoneCall[]): Promise<void> {
    const calls = await this.#world.api.calls();
    const byContact = Map.groupBy(calls, ({ contactId }) => contactId);
    const isEstablished = new Set(established);
    await Promise.all(
      [...byContact.values()].map(async (legs) => {
        const customer = this.#phoneOf(legs, 'customer');
        const agent = this.#phoneOf(legs, 'agent');
        if (customer === undefined || !isEstablished.has(customer) || !customer.isUp) return;
        if (agent === undefined || !isEstablished.has(agent) || !agent.isUp || this.#held.has(agent)) {
          return customer.sound.ear.hears('sound', heard);
        }
        const tone = agentTonesHz[this.#indexOf(agent)] ?? 0;
        await Promise.all([
          customer.sound.ear.hears(tone, heard),
          agent.sound.ear.hears(callerToneHz, heard),
        ]);
      }),
    );
    const known = new Set(calls.map(({ address }) => address));
    for (const [call, phone] of this.#customers) {
      if (!isEstablished.has(call) || !call.isUp) continue;
      if (!known.has(phone.username))
        throw new Error(`The call of ${phone.username} is up, and the server does not know it.`);
    }
  }

  #phoneOf(legs: readonly LiveCall[], role: 'customer' | 'agent'): PhoneCall | undefined {
    const leg = legs.find(
      (each) => each.role === role && (each.state === 'talking' || each.state === 'waiting'),
    );
    if (leg === undefined) return undefined;
    if (role === 'customer') {
      return [...this.#customers].find(([call, phone]) => phone.username === leg.address && call.isUp)?.[0];
    }
    return [...this.#agents].find(
      ([call, agent]) => leg.address === `sip:${agent.username}` && call.isUp,
    )?.[0];
  }

  #indexOf(call: PhoneCall): number {
    return Number(this.#agents.get(call)?.username.split('-').at(-1) ?? 1) - 1;
  }

  #up(calls: ReadonlyMap<PhoneCall, unknown>): PhoneCall[] {
    return [...calls.keys()].filter(({ isUp }) => isUp);
  }

  // ---------------------------------------------------------------- the end

  async #finish(scene: Scene): Promise<{ contacts: number; recordings: number }> {
    const { api } = this.#world;
    for (const call of [...this.#customers.keys(), ...this.#agents.keys()]) call.hangUp();
    await until(
      'every contact to be closed',
      async () => (await scene.stats()).waiting === 0 && (await api.calls()).length === 0,
      {
        timeoutMs: 60_000,
      },
    );
    const contacts = await until(
      'every contact to be written to its end',
      async () => {
        const all = (await api.contacts(200)).filter(({ number }) => number === scene.number);
        return all.every(({ closedAt }) => closedAt !== null) && all;
      },
      { timeoutMs: 60_000 },
    );
    let recordings = 0;
    for (const { id } of contacts) {
      const contact = await api.contact(id);
      const talkedMs = contact.segments
        .filter(({ kind }) => kind === 'conversation')
        .map(({ startedAt, endedAt }) => Date.parse(endedAt ?? startedAt) - Date.parse(startedAt));
      const recordedMs = contact.recordings.map(({ durationSeconds }) => durationSeconds * 1000);
      recordings += recordedMs.length;
      const sum = (all: readonly number[]) => all.reduce((total, each) => total + each, 0);
      const missingMs = sum(talkedMs) - sum(recordedMs);
      if (missingMs > recordingDifferenceMsMax * Math.max(1, talkedMs.length)) {
        throw new Error(
          `Contact ${id} talked ${sum(talkedMs)} ms and was recorded for ${sum(recordedMs)} ms.`,
        );
      }
    }
    return { contacts: contacts.length, recordings };
  }
}

/** A refusal at once is one like a refusal later. */
async function attempted(act: () => Promise<unknown>): Promise<void> {
  await act();
}
