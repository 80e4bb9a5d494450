import { type Api, ApiError } from './api.ts';
import type { CompanyAgent } from './company.ts';
import { openingShift, promisedCalls } from './plans.ts';
import { describe, type Report } from './report.ts';
import { judgedAgent, judgement, timelineScorecard } from './reviews.ts';

/** What a supervisor writes down: shifts, calls that were promised, what became of conversations. */
export class Books {
  readonly #api: Api;
  readonly #report: Report;
  readonly #judged = new Set<string>();

  constructor(api: Api, report: Report) {
    this.#api = api;
    this.#report = report;
  }

  /** Plans the day for those who are there. A day for which somebody has planned something stays as it is. */
  async planDay(agents: readonly CompanyAgent[], openedAtMs: number, openMs: number): Promise<void> {
    const idOf = await this.#agentIds();
    for (const agent of agents) {
      const id = idOf.get(agent.username);
      if (id === undefined) continue;
      await this.#tolerant(async () => {
        const { schedule } = await this.#api.schedule(id);
        const planned = openingShift(agent, schedule, openedAtMs, openMs);
        if (planned !== undefined) await this.#api.plan(id, planned);
      });
    }
  }

  /** @param nameOf what the company's queues are called on this server */
  async promiseCalls(seed: number, foundedAtMs: number, nameOf: ReadonlyMap<string, string>): Promise<void> {
    const idOf = new Map((await this.#api.queues()).map(({ id, name }) => [name, id]));
    for (const { queue, ...promise } of promisedCalls(seed, foundedAtMs)) {
      const queueId = idOf.get(nameOf.get(queue.key) ?? '');
      if (queueId !== undefined) await this.#tolerant(() => this.#api.promise({ queueId, ...promise }));
    }
  }

  /** Judges the newest conversation of one of these agents that was not judged yet, by what its timeline says. */
  async judgeNewest(agents: readonly CompanyAgent[]): Promise<void> {
    await this.#tolerant(async () => {
      const form = await this.#api.scorecard(timelineScorecard.name);
      if (form === undefined) return;
      const idOf = await this.#agentIds();
      const own = new Set(agents.map(({ username }) => idOf.get(username)));
      const contact = (await this.#api.recordedContacts()).find(
        (each) => !this.#judged.has(each.id) && own.has(judgedAgent(each)),
      );
      const agentId = contact === undefined ? undefined : judgedAgent(contact);
      if (contact === undefined || agentId === undefined) return;
      this.#judged.add(contact.id);
      const queue = (await this.#api.queues()).find(({ id }) => id === contact.queueId);
      const change = judgement(contact, queue?.serviceLevel.seconds);
      await this.#api.evaluate({ contactId: contact.id, agentId, scorecardId: form.id }, change);
    });
  }

  async #agentIds(): Promise<Map<string, string>> {
    return new Map((await this.#api.agents()).map(({ id, username }) => [username, id]));
  }

  /** A person may have changed or deleted what this is about; the company goes on without it. */
  async #tolerant(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#report('debug', `The demo's books: ${describe(error)}`);
    }
  }
}
