import type { ReplayDoubt, ReplayOutcome, RoutingCondition, RoutingRule } from '@crosspoint/contracts';
import {
  createRuleSet,
  type Decision,
  type RoutingNames,
  type RuleSet,
  type SegmentBook,
  type ScriptRuns,
  targetWords,
} from '@crosspoint/core';
import { calendarsByName } from '../calendars/index.ts';
import { readSegments } from '../segments/index.ts';
import { surroundingsOf } from '../flows/index.ts';
import { queueNames } from '../queues/index.ts';
import {
  CallerHistory,
  decideWithScripts,
  PastCallers,
  patientLimits,
  readRules,
  readRulesOf,
  routingContact,
  ScriptRunner,
} from '../routing/index.ts';
import {
  type PastContact,
  type PastSpan,
  type ReplayedContact,
  type ReplaySource,
  replayed,
  type Within,
} from './past.ts';
import { PastQueues } from './past-queues.ts';

/** Contacts that rules decided, against the draft of the rules. Calendars and segments of customers are those of today. */
export async function rulesReplay(within: Within, span: PastSpan): Promise<ReplaySource> {
  const { draft, queues, calendars, segments, has } = await within(async (transaction) => ({
    draft: await readRules(transaction),
    queues: await queueNames(transaction),
    calendars: await calendarsByName(transaction),
    segments: await readSegments(transaction),
    has: await surroundingsOf(transaction),
  }));
  const { hasAgent, hasVoicemailBox } = has;
  const names: RoutingNames = {
    ...{ queues: new Set(queues.values()), calendars: new Set(calendars.keys()), hasAgent, hasVoicemailBox },
    hasFlow: (name) => has.flow(name) !== undefined,
  };
  const known = { hours: has.hours, names: () => names };
  const replay = new RulesReplay(draft, new PastQueues(queues, span.fromMs), span.fromMs, known, segments);
  return { span, decide: (from, batch) => replay.decide(from, batch), close: () => replay.close() };
}

class RulesReplay {
  readonly #draft: RuleSet;
  readonly #queues: PastQueues;
  readonly #known: Parameters<PastQueues['world']>[0];
  readonly #scripts = new ScriptRunner(patientLimits);
  readonly #versions = new Map<number, RuleSet>();
  readonly #history = new CallerHistory();
  readonly #callers: PastCallers;
  readonly #fromMs: number;
  readonly #segments: SegmentBook;
  /** What is dear to find out is found out only where a rule looks at it. */
  #asksQueues: boolean;
  #asksHistory: boolean;
  #hasHistory = false;

  constructor(
    draft: readonly RoutingRule[],
    queues: PastQueues,
    fromMs: number,
    known: Parameters<PastQueues['world']>[0],
    segments: SegmentBook,
  ) {
    this.#segments = segments;
    this.#draft = createRuleSet(draft);
    this.#queues = queues;
    this.#known = known;
    this.#fromMs = fromMs;
    this.#callers = new PastCallers(this.#history, fromMs);
    this.#asksQueues = asks(draft, queueFields);
    this.#asksHistory = asks(draft, historyFields);
  }

  async *decide(within: Within, batch: readonly PastContact[]): AsyncGenerator<ReplayedContact> {
    await this.#learnVersions(within, batch);
    const until = (batch.at(-1) as PastContact).at.getTime() + 1;
    const events = this.#asksQueues
      ? await within((transaction) => this.#queues.read(transaction, until))
      : [];
    if (this.#asksHistory) await this.#learnHistory(within, until);
    let next = 0;
    for (const contact of batch) {
      const nowMs = contact.at.getTime();
      for (
        let event = events[next];
        event !== undefined && event.at.getTime() < nowMs;
        event = events[next]
      ) {
        this.#queues.apply(event);
        next += 1;
      }
      this.#callers.goTo(nowMs);
      yield await this.#compare(contact, nowMs);
    }
    for (const event of events.slice(next)) this.#queues.apply(event);
  }

  async #learnVersions(within: Within, batch: readonly PastContact[]): Promise<void> {
    const wanted = new Set(batch.map(({ data }) => Number(data['version'])));
    for (const version of wanted) {
      if (this.#versions.has(version)) continue;
      const rules = (await within((transaction) => readRulesOf(transaction, version))) ?? [];
      this.#versions.set(version, createRuleSet(rules));
      this.#asksQueues ||= asks(rules, queueFields);
      this.#asksHistory ||= asks(rules, historyFields);
    }
  }

  async #learnHistory(within: Within, untilMs: number): Promise<void> {
    await within(async (transaction) => {
      if (!this.#hasHistory) await this.#history.load(transaction, this.#fromMs);
      this.#hasHistory = true;
      await this.#callers.read(transaction, untilMs);
    });
  }

  close(): void {
    this.#scripts.close();
  }

  async #compare(past: PastContact, nowMs: number): Promise<ReplayedContact> {
    const { callerPhone = '', callerName = '', number = '', trunk = '' } = past.started;
    const contact = routingContact(
      { caller: callerPhone, callId: past.contactId, callerName, dialled: number, trunk },
      (caller) => this.#history.of(caller, nowMs),
      (caller) => this.#segments.of(caller, (days) => this.#history.countWithin(caller, days, nowMs)),
    );
    const version = Number(past.data['version']);
    const world = this.#queues.world(this.#known, nowMs);
    this.#queues.askedForReady = false;
    const then = this.#versions.get(version) ?? createRuleSet([]);
    const decide = async (set: RuleSet): Promise<ReplayOutcome> => {
      const by = (scripts?: ScriptRuns) => set.decide(contact, world, nowMs, scripts);
      return outcomeOf(set.hasScripts ? await decideWithScripts(by, this.#scripts) : by());
    };
    const before = await decide(then);
    const after = await decide(this.#draft);
    const doubts: ReplayDoubt[] = [];
    if (this.#queues.askedForReady) doubts.push('ready-agents-unknown');
    if (targetWords(before.target ?? undefined) !== past.data['target']) doubts.push('not-as-it-was');
    return replayed(past, { version, before, after, doubts });
  }
}

function outcomeOf({ rule, target, reason }: Decision): ReplayOutcome {
  const ending = target === undefined ? 'nobody' : 'end' in target ? 'ended' : 'target';
  return { ending, target: target ?? null, rule: rule?.name ?? null, reason, path: [] };
}

const queueFields: ReadonlySet<string> = new Set(['queue']);
const historyFields: ReadonlySet<string> = new Set(['history', 'last-queue', 'last-outcome']);

function asks(rules: readonly RoutingRule[], fields: ReadonlySet<string>): boolean {
  const looks = (condition: RoutingCondition): boolean => {
    if ('all' in condition) return condition.all.some(looks);
    if ('any' in condition) return condition.any.some(looks);
    if ('not' in condition) return looks(condition.not);
    return fields.has(condition.field);
  };
  // A script may look at anything.
  return rules.some(({ enabled, when, script }) => enabled && (script !== null || looks(when)));
}
