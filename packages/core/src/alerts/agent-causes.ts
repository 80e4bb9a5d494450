import {
  ADHERENT_ACTIVITIES,
  type AgentActivity,
  type AgentId,
  type AlertCondition,
  type AlertRule,
  type ContactId,
  type EpochMs,
  type ScheduledState,
} from '@crosspoint/contracts';
import type { Cause } from './ledger.ts';

/** An agent as the watch sees it. */
export interface WatchedAgent {
  id: AgentId;
  activity: AgentActivity;
  activitySince: EpochMs;
  reasonCode: string | null;
  /** The conversations of the agent now, those on hold too. */
  talks: readonly ContactId[];
  missedInRow: number;
  /** What is scheduled at this moment, and since when; null: nothing, undefined: not known at this look. */
  scheduled: { state: ScheduledState; from: EpochMs } | null | undefined;
  /** The rules that concern the agent. */
  rules: readonly Pick<AlertRule, 'id' | 'condition'>[];
}

/** What only a row of looks can tell of an agent. */
interface Course {
  lookedAt: EpochMs;
  talkSince: Map<ContactId, EpochMs>;
  /** Since when something else is done than was scheduled. */
  apartSince: EpochMs | null;
}

/** Measures agents against their rules from look to look (ALR-06 to ALR-09). */
export class AgentCourses {
  readonly #courses = new Map<AgentId, Course>();

  /** Forgets who is not there any more. */
  keep(present: ReadonlySet<AgentId>): void {
    for (const id of this.#courses.keys()) if (!present.has(id)) this.#courses.delete(id);
  }

  /** What is wrong with an agent. */
  causes(agent: WatchedAgent, now: EpochMs): Cause[] {
    const course = this.#follow(agent, now);
    return agent.rules.flatMap(({ id, condition }) => {
      const value = measure(agent, course, condition, now);
      const threshold = limitOf(condition);
      if (value === null || value < threshold) return [];
      return [{ subject: { agentId: agent.id, ruleId: id, kind: condition.kind }, value, threshold }];
    });
  }

  #follow(agent: WatchedAgent, now: EpochMs): Course {
    const known = this.#courses.get(agent.id);
    const course = known ?? { lookedAt: 0, talkSince: new Map(), apartSince: null };
    if (known === undefined) this.#courses.set(agent.id, course);
    // A conversation that was not there at the look before began after it; what was there before the first look, when the
    // agent's present activity did, or earlier.
    const began = Math.max(course.lookedAt, agent.activitySince);
    course.talkSince = new Map(agent.talks.map((id) => [id, course.talkSince.get(id) ?? began] as const));
    course.lookedAt = now;
    if (agent.scheduled === undefined) return course;
    const apart = agent.scheduled !== null && !fits(agent.scheduled.state, agent.activity);
    course.apartSince = apart
      ? (course.apartSince ?? Math.max(agent.scheduled?.from ?? 0, agent.activitySince))
      : null;
    return course;
  }
}

const fits = (state: ScheduledState, activity: AgentActivity): boolean =>
  ADHERENT_ACTIVITIES[state].includes(activity);

/** The figure that an alert of this condition has reached at its limit: seconds or offers. */
const limitOf = (condition: AlertCondition): number =>
  condition.kind === 'missed-offers' ? condition.count : condition.seconds;

/** Null while the condition does not apply. */
function measure(
  agent: WatchedAgent,
  course: Course,
  condition: AlertCondition,
  now: EpochMs,
): number | null {
  const secondsSince = (since: EpochMs): number => Math.max(0, Math.floor((now - since) / 1000));
  switch (condition.kind) {
    case 'status-time': {
      const isMeant =
        agent.activity === condition.activity &&
        (condition.reasonCode === null || condition.reasonCode === agent.reasonCode);
      return isMeant ? secondsSince(agent.activitySince) : null;
    }
    case 'talk-time': {
      const sinces = [...course.talkSince.values()];
      return sinces.length === 0 ? null : secondsSince(Math.min(...sinces));
    }
    case 'wrap-up-time':
      return agent.activity === 'wrap-up' ? secondsSince(agent.activitySince) : null;
    case 'missed-offers':
      return agent.missedInRow;
    case 'not-adherent':
      return course.apartSince === null ? null : secondsSince(course.apartSince);
  }
}
