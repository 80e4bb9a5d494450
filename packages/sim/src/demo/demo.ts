import { Phone, PhoneHost } from '../phones/index.ts';
import { Answers } from './answers.ts';
import { Api } from './api.ts';
import { Callers } from './callers.ts';
import { Books } from './books.ts';
import { agents, type CompanyAgent, queues } from './company.ts';
import { calls } from './customers.ts';
import { Desk } from './desk.ts';
import { recordedBytesPerHour } from './footprint.ts';
import { type Existing, foundingDocument } from './founding.ts';
import { reception, rulesNumber } from './furnishing.ts';
import type { Handover } from './handover.ts';
import { randomOf } from './chance.ts';
import { describe, type Report } from './report.ts';
import { openPasswords } from './secret.ts';
import { Timers } from './timers.ts';
import { synthesizeVoice } from './voice.ts';
import { demoWave, meanCallsPerMinute } from './wave.ts';

/** All decisions follow from it. */
const seed = 6;
/** The company closes after that, so that a demo that is forgotten does not fill the disk. */
const workingDayMs = 8 * 3_600_000;
const voiceSeconds = 9;
/** A call that is later than that, because the machine slept, is left out. */
const lateMaxMs = 5_000;
const firstCallAfterMs = 1_500;
const unregisterTimeoutMs = 2_000;
/** Soon after the first conversations are over, and then now and then. */
const firstJudgedAfterMs = 100_000;
const judgedEveryMs = 240_000;

/** The demo company as a whole: founds it over the API, opens the desks and lets callers arrive. */
export class Demo {
  readonly #handover: Handover;
  readonly #report: Report;
  readonly #timers = new Timers();
  readonly #voices = new Map<number, Int16Array>();
  #desks: Desk[] = [];
  /** Those whose desks are open. */
  #present: CompanyAgent[] = [];
  #hosts: PhoneHost[] = [];
  #callers: Callers | undefined;
  #answers: Answers | undefined;

  constructor(handover: Handover, report: Report) {
    this.#handover = handover;
    this.#report = report;
  }

  async open(): Promise<void> {
    const { baseUrl, apiKey, stateDir } = this.#handover;
    const api = new Api(baseUrl, apiKey);
    const passwordOf = openPasswords(stateDir);
    const books = new Books(api, this.#report);
    const configuration = await this.#found(api, books, passwordOf);
    // On the loopback interface only; what is heard is not kept.
    const address = this.#handover.sip.address.includes(':') ? '::1' : '127.0.0.1';
    const agentHost = await PhoneHost.open({ address, keptSecondsMax: 0 });
    const callerHost = await PhoneHost.open({ address, keptSecondsMax: 0 });
    this.#hosts = [agentHost, callerHost];
    const callers = new Callers(
      callerHost,
      this.#handover.sip,
      (pitchHz) => this.#voice(pitchHz),
      this.#report,
    );
    this.#callers = callers;
    await this.#openDesks(configuration, agentHost, callers, passwordOf, await breakCodes(api));
    this.#answers = new Answers(baseUrl, apiKey, (phone) => callers.answered(phone), this.#report);
    this.#answers.open();
    this.#startCalls(callers, configuration);
    await books.planDay(this.#present, Date.now(), workingDayMs);
    this.#judgeAfter(books, firstJudgedAfterMs);
    this.#timers.after(workingDayMs, () => this.#closeForToday());
    this.#report('info', this.#openingLine());
  }

  /** Hangs up everything and takes the registrations back, within about two seconds. */
  async close(): Promise<void> {
    this.#timers.clear();
    this.#answers?.close();
    this.#callers?.hangUpAll();
    const timeout = new Promise<void>((resolve) => {
      setTimeout(resolve, unregisterTimeoutMs).unref();
    });
    await Promise.race([timeout, Promise.allSettled(this.#desks.map((desk) => desk.close()))]);
    for (const host of this.#hosts) host.close();
  }

  // ---------------------------------------------------------------- opening

  /** Adds what is missing, at the first start only, and returns what is there then. */
  async #found(api: Api, books: Books, passwordOf: (username: string) => string): Promise<Existing> {
    const existing = await api.configuration();
    const nowMs = Date.now();
    const document = foundingDocument(existing, passwordOf, nowMs);
    if (document === undefined) return existing;
    await api.apply(document);
    const nameOf = new Map(
      queues.map(({ key, name }, index) => [key, document.queues?.[index]?.name ?? name]),
    );
    await books.promiseCalls(seed, nowMs, nameOf);
    return api.configuration();
  }

  async #openDesks(
    configuration: Existing,
    host: PhoneHost,
    callers: Callers,
    passwordOf: (username: string) => string,
    breakCode: (reasonCode: string) => string,
  ): Promise<void> {
    const hired = new Set(configuration.agents.map(({ username }) => username.toLowerCase()));
    for (const agent of agents) {
      if (!hired.has(agent.username)) continue;
      const phone = new Phone({
        host,
        server: this.#handover.sip,
        username: agent.username,
        password: passwordOf(agent.username),
      });
      const voice = this.#voice(agent.pitchHz);
      const desk = new Desk({ agent, phone, seed, voice, callers, breakCode, report: this.#report });
      if (!(await this.#openDesk(desk, agent))) continue;
      this.#desks.push(desk);
      this.#present.push(agent);
    }
  }

  async #openDesk(desk: Desk, agent: CompanyAgent): Promise<boolean> {
    try {
      await desk.open();
      return true;
    } catch (error) {
      const remedy = `It stays out of the demo; delete the agent and start again to have it back.`;
      this.#report('warn', `The phone of ${agent.name} is not the demo's (${describe(error)}). ${remedy}`);
      return false;
    }
  }

  #startCalls(callers: Callers, configuration: Existing): void {
    const reachable = new Set(configuration.numbers.map(({ number }) => number));
    const plans = calls(seed, demoWave);
    const beginsAtMs = performance.now() + firstCallAfterMs;
    const next = (): void => {
      const plan = plans.next().value;
      const delayMs = beginsAtMs + plan.atMs - performance.now();
      this.#timers.after(Math.max(0, delayMs), () => {
        next();
        const wanted = { reception: reception.number, rules: rulesNumber, queue: plan.queue.number }[
          plan.door
        ];
        const number = reachable.has(wanted) ? wanted : plan.queue.number;
        if (delayMs < -lateMaxMs || !reachable.has(number)) return;
        const key = number === reception.number ? reception.keys[plan.queue.key] : undefined;
        callers.call(plan, number, key).catch((error: unknown) => this.#report('error', describe(error)));
      });
    };
    next();
  }

  #judgeAfter(books: Books, delayMs: number): void {
    this.#timers.after(delayMs, () => {
      books.judgeNewest(this.#present).catch((error: unknown) => this.#report('warn', describe(error)));
      this.#judgeAfter(books, judgedEveryMs);
    });
  }

  #closeForToday(): void {
    this.#timers.clear();
    for (const desk of this.#desks) desk.goHome();
    const hours = workingDayMs / 3_600_000;
    this.#report('info', `The demo company closes after ${hours} hours; start again to open it again.`);
  }

  #openingLine(): string {
    const callsPerMinute = meanCallsPerMinute(demoWave).toFixed(0);
    const megabytes = Math.round(recordedBytesPerHour(demoWave) / 1e6);
    return (
      `The demo company is open: ${this.#desks.length} agents, about ${callsPerMinute} calls a minute. ` +
      `Watch it at ${this.#handover.baseUrl}; its recordings take up to ${megabytes} MB an hour.`
    );
  }

  /** People whose pitch is nearly the same share a voice, which bounds their number. */
  #voice(pitchHz: number): Int16Array {
    const rounded = Math.round(pitchHz / 8) * 8;
    let voice = this.#voices.get(rounded);
    if (voice === undefined) {
      voice = synthesizeVoice(randomOf(seed, 'voice', rounded), rounded, voiceSeconds);
      this.#voices.set(rounded, voice);
    }
    return voice;
  }
}

/** How agents tell the server why they take a break: `*2` and the place of the code in the list. */
async function breakCodes(api: Api): Promise<(reasonCode: string) => string> {
  const codes = await api.breakReasons();
  return (reasonCode) => {
    const place = codes.indexOf(reasonCode);
    return place < 0 ? '*2' : `*2${place + 1}`;
  };
}
