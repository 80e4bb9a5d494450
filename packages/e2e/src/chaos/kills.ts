import type { LiveCall, SystemInfo } from '@crosspoint/contracts';
import { patienceMs, type PhoneCall } from '@crosspoint/sim/phones';
import { processInfo, signal } from '../product/index.ts';
import { until } from '../wait.ts';
import { callerToneHz, type World } from '../world.ts';
import { Desks } from './desks.ts';
import { firstAnswerMs } from './first-answer.ts';
import { People } from './people.ts';
import { Dice } from './random.ts';
import { listen, type Missed } from './sound.ts';

export interface KillsOptions {
  seed: number;
  kills: number;
  /** Calls that are up at each kill; 6 by default. */
  calls?: number;
  /** How many of a hundred kills hit a media process instead; none by default. */
  mediaPercent?: number;
  /** How many stop a media process instead, so that it is there and does nothing. */
  hangPercent?: number;
  /** How many hit a media process and the control process in the same instant. */
  bothPercent?: number;
  /** And how many are no kill, but `crosspoint restart`; for a supervised product. */
  restartPercent?: number;
  /** Whether another server follows by itself; else it is started here. */
  isSupervised?: boolean;
  /** Agents who talk in a browser besides; none by default. */
  desks?: number;
  /** Told what is done, one line at a time. */
  tell?: (line: string) => void;
}

/** A kill of the control process, of a media process or of both at once; a media process that is stopped; a restart. */
export type Misfortune = 'control' | 'media' | 'both' | 'hang' | 'restart';

export interface KillsResult {
  kills: Record<Misfortune, number>;
  /** Established calls at the ends of telephones, summed over the kills; all of them went on. */
  survived: number;
  contacts: number;
  recordings: number;
  /** From each end of a control process until the server was ready again. */
  readyMs: number[];
  /** From each end of a control process until a new call was answered again. */
  answeredMs: number[];
  /** What ends of calls missed across each end of a control process, and before it, while nothing was wrong. */
  missed: { across: Missed; before: Missed }[];
  /** From each kill of a media process until everybody heard again what they had heard. */
  heardAgainMs: number[];
  /** How long each end of a call in such a process heard nothing. */
  gapMs: number[];
}

/** How many media processes a product has whose media processes are killed. */
export const mediaProcesses = 2;
const callsDefault = 6;
/** A kill comes within this time of the last thing that was done. */
const killWithinMs = 400;
const heard = { timeoutMs: patienceMs };
/** So much sound is more than was on its way when its process died: who has heard it hears again. */
const heardMs = 100;
/** Who missed less was in another process. */
const gapMsMin = 40;
/** Who misses more is named, so that the reason can be looked for. */
const longGapMs = 1_000;
/** So long the ends are watched before a kill. */
const watchedMs = 1_000;
/** What is owed is stored before the former process ends. */
const handOverMaxMs = 180_000;
/** What is done before the first kill. */
const beginningActs = 8;
/** A recording and the conversation that it is of may differ by this: it begins with the first packet. */
const recordingDifferenceMsMax = 1_500;
const contactsMax = 200;

/**
 * Kills processes at random instants amid calls in all states. After each kill every established call must be up and heard as it
 * was; at the end every call ends by itself, the books add up, and recordings have their full length. Throws what was
 * found wrong.
 */
export async function runKills(world: World, options: KillsOptions): Promise<KillsResult> {
  const { seed, calls = callsDefault, desks = 0, tell = () => undefined } = options;
  const dice = new Dice(seed);
  const people = await People.gather(world, dice, calls, tell);
  const run = new Kills(world, dice, people, desks > 0 ? await Desks.open(world, desks) : undefined, options);
  return run.run();
}

class Kills {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #people: People;
  readonly #desks: Desks | undefined;
  readonly #options: KillsOptions;
  readonly #tell: (line: string) => void;
  readonly #result: KillsResult = {
    kills: { control: 0, media: 0, both: 0, hang: 0, restart: 0 },
    ...{ survived: 0, contacts: 0, recordings: 0 },
    ...{ readyMs: [], answeredMs: [], missed: [], heardAgainMs: [], gapMs: [] },
  };

  constructor(world: World, dice: Dice, people: People, desks: Desks | undefined, options: KillsOptions) {
    this.#world = world;
    this.#dice = dice;
    this.#people = people;
    this.#desks = desks;
    this.#options = options;
    this.#tell = options.tell ?? (() => undefined);
  }

  async run(): Promise<KillsResult> {
    const { kills, calls = callsDefault } = this.#options;
    // With few calls it is left to chance how many there are.
    const isFull = calls > callsDefault;
    if (isFull) await this.#people.fill();
    const beginning = isFull ? calls : beginningActs;
    for (let acts = 0; acts < beginning; acts++) await this.#people.act();
    for (let kill = 1; kill <= kills; kill++) {
      if (isFull) await this.#people.fill();
      for (let acts = 2 + this.#dice.below(5); acts > 0; acts--) await this.#people.act();
      const killAtMs = performance.now() + this.#dice.below(killWithinMs);
      const how = this.#drawn();
      await until('the instant of the kill', () => performance.now() >= killAtMs);
      if (how === 'media' || how === 'hang') await this.#endMedia(kill, how);
      else await this.#endControl(kill, how);
      await this.#desks?.check();
    }
    await this.#finish();
    return this.#result;
  }

  #drawn(): Misfortune {
    const { mediaPercent = 0, hangPercent = 0, bothPercent = 0, restartPercent = 0 } = this.#options;
    const shares = { media: mediaPercent, hang: hangPercent, both: bothPercent, restart: restartPercent };
    let drawn = this.#dice.below(100);
    for (const [how, percent] of Object.entries(shares)) {
      if (drawn < percent) return how as keyof typeof shares;
      drawn -= percent;
    }
    return 'control';
  }

  // ---------------------------------------------------------------- kills

  async #endControl(number: number, how: 'control' | 'both' | 'restart'): Promise<void> {
    const { product } = this.#world;
    const victim = how === 'both' ? this.#dice.of(await this.#mediaProcesses()) : undefined;
    const before = await this.#watch();
    const listening = this.#listening(this.#established());
    const former = product.serverPid;
    const answered = Promise.withResolvers<number>();
    const ended = () => firstAnswerMs(product.sip).then(answered.resolve, answered.reject);
    // It is waited for when the server is ready; until then nobody looks.
    answered.promise.catch(() => undefined);
    const across = listen(listening);
    const endedAtMs = performance.now();
    // What was up when it died; calls in the midst of their beginning or end may go either way.
    let established: PhoneCall[] = [];
    if (how === 'restart') {
      established = this.#established();
      // The former one answers until it has handed over.
      const isGone = () => processInfo(former ?? 0) === undefined;
      void until('the former process to have ended', isGone, { timeoutMs: handOverMaxMs }).then(
        ended,
        answered.reject,
      );
      const { code, output } = await product.cli('restart');
      if (code !== 0) throw new Error(`crosspoint restart failed:\n${output}`);
    } else if (this.#options.isSupervised === true) {
      if (victim !== undefined) signal(victim, 'SIGKILL');
      signal(former ?? 0, 'SIGKILL');
      established = this.#established();
      void ended();
    } else {
      if (victim !== undefined) signal(victim, 'SIGKILL');
      await product.kill();
      established = this.#established();
      void ended();
      await product.start();
    }
    this.#tell(`${how} ${number}: ${this.#states(established)}`);
    const isNext = async () => product.serverPid !== former && (await product.isReady());
    await until('the next server to be ready', isNext);
    const readyMs = Math.round(performance.now() - endedAtMs);
    const answeredMs = await answered.promise;
    this.#tell(`  a new call is answered after ${answeredMs} ms, all is ready after ${readyMs} ms`);
    this.#result.readyMs.push(readyMs);
    this.#result.answeredMs.push(answeredMs);
    await this.#world.login();
    const missed = { across: across(), before };
    // Both at once is judged by whether all hear again: what they miss is the media process's.
    if (how !== 'both') this.#result.missed.push(missed);
    await this.#checkHearing(established);
    this.#count(established, how);
  }

  /** A second death while the successor of the first is being started is another misfortune than the one that is measured. */
  #mediaProcesses(): Promise<number[]> {
    return until('every media process to carry calls', async () => {
      const { processes } = (await this.#world.api.get<SystemInfo>('/system')).media;
      const pids = processes.flatMap(({ pid, healthy }) => (healthy && pid !== null ? [pid] : []));
      return pids.length >= mediaProcesses && pids;
    });
  }

  async #endMedia(number: number, how: 'media' | 'hang'): Promise<void> {
    const { product } = this.#world;
    const victim = this.#dice.of(await this.#mediaProcesses());
    if (victim === undefined) throw new Error('There is no media process to kill.');
    const established = this.#established();
    this.#tell(`${how} ${number}: ${this.#states(established)}`);
    const killedAtMs = performance.now();
    signal(victim, how === 'hang' ? 'SIGSTOP' : 'SIGKILL');
    const gaps = Promise.all(this.#listening(established).map((call) => this.#gap(call, killedAtMs)));
    await this.#checkHearing(established);
    this.#result.gapMs.push(...(await gaps).filter((gapMs) => gapMs >= gapMsMin));
    this.#result.heardAgainMs.push(Math.round(performance.now() - killedAtMs));
    this.#count(established, how);
    await until('the product to be ready again', () => product.isReady());
  }

  /** What the ends miss while nothing is done: so much is the machine's. */
  async #watch(): Promise<Missed> {
    const missed = listen(this.#listening(this.#established()));
    const untilMs = performance.now() + watchedMs;
    await until('the time to pass', () => performance.now() >= untilMs);
    return missed();
  }

  #established(): PhoneCall[] {
    return [...this.#people.upCustomers, ...this.#people.upAgents];
  }

  /** Of these, who hears something all the time. */
  #listening(established: readonly PhoneCall[]): PhoneCall[] {
    const { held, inFlow, consulting } = this.#people;
    return established.filter((call) => !held.has(call) && !inFlow.has(call) && !consulting.has(call));
  }

  #states(established: readonly PhoneCall[]): string {
    const { held, inFlow, consulting, agents, upCustomers } = this.#people;
    const up = (calls: ReadonlySet<PhoneCall>) => [...calls].filter(({ isUp }) => isUp).length;
    const ringing = [...agents.keys()].filter(({ at, isUp }) => at.ended === undefined && !isUp).length;
    return (
      `${established.length} ends of calls are up, of ${upCustomers.length} callers; ${up(inFlow)} in the flow, ` +
      `${ringing} ring, ${up(held)} hold, ${up(consulting)} ask colleagues`
    );
  }

  // ---------------------------------------------------------------- what must hold after a kill

  /** How long that end hears nothing; 0 for one that goes down meanwhile, which `#count` judges. */
  async #gap(call: PhoneCall, killedAtMs: number): Promise<number> {
    const hears = call.sound.ear.hears('sound', { forMs: heardMs, ...heard }).then(() => true);
    const isHeard = await Promise.race([hears, call.ended().then(() => false)]);
    if (!isHeard) return 0;
    const gapMs = Math.round(performance.now() - killedAtMs - heardMs);
    if (gapMs >= longGapMs)
      this.#tell(`  ${new Date().toISOString()} ${this.#nameOf(call)} hears nothing for ${gapMs} ms`);
    return gapMs;
  }

  #nameOf(call: PhoneCall): string | undefined {
    const { customers, agents } = this.#people;
    return customers.get(call)?.username ?? agents.get(call)?.username;
  }

  #count(established: readonly PhoneCall[], kind: Misfortune): void {
    const { mayEnd } = this.#people;
    const lost = established.filter((call) => !call.isUp && !mayEnd.has(call));
    if (lost.length > 0) {
      const whose = lost.map((call) => this.#nameOf(call));
      throw new Error(`Established ends of calls went down by themselves: ${whose.join(', ')}.`);
    }
    mayEnd.clear();
    this.#result.kills[kind] += 1;
    this.#result.survived += established.length;
  }

  /** Every customer hears the agent whom the server believes to be talking with, and the other way round; who waits hears music. */
  async #checkHearing(established: readonly PhoneCall[]): Promise<void> {
    const calls = await this.#world.api.calls();
    const isEstablished = new Set(established);
    const byContact = Map.groupBy(calls, ({ contactId }) => contactId);
    await Promise.all([...byContact.values()].map((legs) => this.#checkConversation(legs, isEstablished)));
    const known = new Set(calls.map(({ address }) => address));
    for (const [call, phone] of this.#people.customers) {
      if (!isEstablished.has(call) || !call.isUp || this.#people.mayEnd.has(call)) continue;
      if (!known.has(phone.username))
        throw new Error(`The call of ${phone.username} is up, and the server does not know it.`);
    }
  }

  async #checkConversation(legs: readonly LiveCall[], isEstablished: ReadonlySet<PhoneCall>): Promise<void> {
    const ends = legs
      .filter(({ state }) => state === 'talking' || state === 'waiting')
      .map((leg) => ({ role: leg.role, end: this.#people.endOf(leg) }));
    const endAs = (role: LiveCall['role']) => {
      const end = ends.find((each) => each.role === role)?.end;
      return end !== undefined && isEstablished.has(end) ? end : undefined;
    };
    const [customer, agent] = [endAs('customer'), endAs('agent')];
    if (customer === undefined || this.#isBusyElsewhere(customer)) return;
    const isPlain = ends.length === 2 && agent !== undefined && !this.#isBusyElsewhere(agent);
    const hears = (call: PhoneCall, sound: number | 'sound') => this.#hears(call, sound);
    if (!isPlain) return hears(customer, 'sound');
    await Promise.all([hears(customer, this.#people.toneHzOf(agent)), hears(agent, callerToneHz)]);
  }

  /** Holds, asks, is in the flow, or goes. */
  #isBusyElsewhere(call: PhoneCall): boolean {
    const { held, inFlow, consulting, mayEnd } = this.#people;
    return held.has(call) || inFlow.has(call) || consulting.has(call) || mayEnd.has(call);
  }

  async #hears(call: PhoneCall, sound: number | 'sound'): Promise<void> {
    try {
      await call.sound.ear.hears(sound, heard);
    } catch (error) {
      throw new Error(`${this.#nameOf(call)}, ${call.isUp ? 'up' : 'gone'}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  // ---------------------------------------------------------------- the end

  async #finish(): Promise<void> {
    const { api } = this.#world;
    const { scene, numbers } = this.#people;
    await this.#desks?.close();
    this.#people.hangUpAll();
    const isOver = async () => (await scene.stats()).waiting === 0 && (await api.calls()).length === 0;
    await until('every contact to be closed', isOver);
    const contacts = await until('every contact to be written to its end', async () => {
      const all = (await api.contacts(contactsMax)).filter(({ number }) => numbers.includes(number));
      return all.every(({ closedAt }) => closedAt !== null) && all;
    });
    this.#result.contacts = contacts.length;
    for (const { id } of contacts) this.#result.recordings += await this.#checkRecordings(id);
  }

  /** That the recordings of this contact are as long as its conversations; how many there are. */
  async #checkRecordings(contactId: string): Promise<number> {
    const contact = await this.#world.api.contact(contactId);
    const talkedMs = contact.segments
      .filter(({ kind }) => kind === 'conversation')
      .map(({ startedAt, endedAt }) => Date.parse(endedAt ?? startedAt) - Date.parse(startedAt));
    const recordedMs = contact.recordings.map(({ durationSeconds }) => durationSeconds * 1000);
    const sum = (all: readonly number[]) => all.reduce((total, each) => total + each, 0);
    const missingMs = sum(talkedMs) - sum(recordedMs);
    if (missingMs <= recordingDifferenceMsMax * Math.max(1, talkedMs.length)) return recordedMs.length;
    throw new Error(
      `Contact ${contactId} talked ${sum(talkedMs)} ms and was recorded for ${sum(recordedMs)} ms.`,
    );
  }
}
