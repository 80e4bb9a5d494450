import type { AgentId, AlertRule, AlertRuleId, Schedule } from '@crosspoint/contracts';
import { type ScheduledSpan, scheduledSpans, type WatchedAgent } from '@crosspoint/core';
import type { DatabaseTransaction } from '../../platform/index.ts';
import type { AgentAtWork, Centre } from '../calls/index.ts';
import { scheduledAgents } from '../schedules/index.ts';
import { membersByTeam } from '../teams/index.ts';
import { enabledRules } from './repo.ts';

const hourMs = 3_600_000;
/** How far back a part of a schedule may begin that still runs, and how far ahead schedules are laid out. */
const spansBackMs = 24 * hourMs;
const spansAheadMs = hourMs;
/** Laying a schedule out takes the better part of a millisecond: calls must not wait for those of a thousand agents. */
const laidOutAtOnceMax = 40;

interface LaidOut {
  /** As it was read, to know a changed one. */
  text: string;
  spans: readonly ScheduledSpan[];
  until: number;
}

/** The rules for agents with what they need to know: who is in which team, and what is scheduled now. */
export class AgentRules {
  #rules: readonly AlertRule[] = [];
  #membersOf = new Map<string, ReadonlySet<string>>();
  #schedules = new Map<AgentId, { schedule: Schedule; text: string }>();
  readonly #laidOut = new Map<AgentId, LaidOut>();

  nameOf(id: AlertRuleId): string {
    return this.#rules.find((rule) => rule.id === id)?.name ?? '';
  }

  /** What is not needed is not read. */
  async read(transaction: DatabaseTransaction): Promise<void> {
    const rules = await enabledRules(transaction);
    const teams = rules.some(({ teamIds }) => teamIds.length > 0) ? await membersByTeam(transaction) : [];
    const needsSchedules = rules.some(({ condition }) => condition.kind === 'not-adherent');
    const scheduled = needsSchedules ? await scheduledAgents(transaction, { within: undefined }) : [];
    this.#rules = rules;
    this.#membersOf = new Map(teams.map(({ id, memberIds }) => [id, new Set(memberIds)]));
    this.#schedules = new Map(
      scheduled.map(({ id, schedule }) => [id, { schedule, text: JSON.stringify(schedule) }]),
    );
    for (const id of this.#laidOut.keys()) if (!this.#schedules.has(id)) this.#laidOut.delete(id);
  }

  /** The agents whom any rule concerns, as they are now. */
  watched(centre: Centre, now: number): WatchedAgent[] {
    if (this.#rules.length === 0) return [];
    let layOutMax = laidOutAtOnceMax;
    return centre.agentsAtWork().flatMap((agent) => {
      const rules = this.#rules.filter((rule) => this.#concerns(rule, agent.id));
      if (rules.length === 0) return [];
      if (this.#isStale(agent.id, now) && layOutMax > 0) {
        layOutMax -= 1;
        this.#layOut(agent.id, now);
      }
      return [watchedAgent(agent, rules, this.#scheduledNow(agent.id, now))];
    });
  }

  #concerns({ teamIds }: AlertRule, agentId: AgentId): boolean {
    return teamIds.length === 0 || teamIds.some((id) => this.#membersOf.get(id)?.has(agentId) === true);
  }

  #isStale(agentId: AgentId, now: number): boolean {
    const wanted = this.#schedules.get(agentId);
    if (wanted === undefined) return false;
    const known = this.#laidOut.get(agentId);
    return known === undefined || known.until <= now || known.text !== wanted.text;
  }

  #layOut(agentId: AgentId, now: number): void {
    const wanted = this.#schedules.get(agentId);
    if (wanted === undefined) return;
    const until = now + spansAheadMs;
    const spans = scheduledSpans(wanted.schedule, now - spansBackMs, until);
    this.#laidOut.set(agentId, { text: wanted.text, spans, until });
  }

  /** Undefined while the schedule has not been laid out yet. */
  #scheduledNow(agentId: AgentId, now: number): WatchedAgent['scheduled'] {
    if (!this.#schedules.has(agentId)) return null;
    if (this.#isStale(agentId, now)) return undefined;
    const span = this.#laidOut.get(agentId)?.spans.find(({ from, to }) => from <= now && now < to);
    return span === undefined ? null : { state: span.state, from: span.from };
  }
}

function watchedAgent(
  { id, activity, activitySince, reasonCode, contacts, missedInRow }: AgentAtWork,
  rules: readonly AlertRule[],
  scheduled: WatchedAgent['scheduled'],
): WatchedAgent {
  const talks = contacts.filter(({ state }) => state === 'talking' || state === 'hold');
  return {
    ...{ id, activity, activitySince: Date.parse(activitySince), reasonCode, missedInRow, scheduled, rules },
    talks: talks.map(({ contactId }) => contactId),
  };
}
