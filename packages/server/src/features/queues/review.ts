import {
  type ConfiguredQueueSettings,
  type FieldError,
  type OverflowTarget,
  QueueSettings,
  type Requirement,
} from '@crosspoint/contracts';
import {
  dayFaultWords,
  type Finding,
  type ReviewedMember,
  type ReviewedQueue,
  reviewQueues,
} from '@crosspoint/core';
import { HttpProblem, isTimeZone, unknownReference } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { calendarsByName } from '../calendars/index.ts';
import { segmentNames } from '../segments/index.ts';
import { readPublished } from '../flows/index.ts';
import { boxesByName } from '../voicemails/index.ts';
import { type NumberReach, readNumberReach } from './reach.ts';

type Target = OverflowTarget | ConfiguredQueueSettings['overflow'][number]['target'];
type Reviewable = Pick<
  QueueSettings,
  'hours' | 'calendar' | 'dispositions' | 'predictive' | 'maxWaitSeconds' | 'priorityRules'
> & {
  requirementSteps: readonly ({ requirement: Requirement | null } & (
    | { agentIds: readonly string[] }
    | { agents: readonly string[] }
  ))[];
  overflow: readonly { condition: QueueSettings['overflow'][number]['condition']; target: Target }[];
};
/** A queue's settings with whom it can reach, as the review of the core wants them; it names others as its key is named. */
export function reviewedQueue(
  key: string,
  settings: Reviewable,
  members: readonly ReviewedMember[],
  reach: NumberReach,
): ReviewedQueue {
  const { requirementSteps, overflow, hours, calendar, dispositions, predictive, priorityRules } = settings;
  return {
    key,
    steps: requirementSteps.map((step) => ({
      requirement: step.requirement,
      agents: 'agentIds' in step ? step.agentIds : step.agents,
    })),
    overflow: overflow.map(({ condition, target }) => {
      const queue = queueBehind(target, reach);
      const takesAll = queue === null && !isCallback(target);
      return { condition, queue, takesAll, leadsNowhere: leadsNowhere(target, reach) };
    }),
    maxWaitSeconds: settings.maxWaitSeconds,
    hasHours: hours !== null || calendar !== null,
    // A shared calendar is reviewed where it is written.
    hours: hours !== null && calendar === null && isTimeZone(hours.timeZone) ? hours : null,
    priorityForAll: priorityRules.map(
      ({ callers, numbers, segments }) => callers.length + numbers.length + segments.length === 0,
    ),
    members,
    unknownDispositions: (predictive?.goodDispositions ?? []).flatMap((good, index) =>
      dispositions.some(({ code }) => code === good) ? [] : [index],
    ),
  };
}

function isCallback(target: Target): boolean {
  return (
    target === 'callback' || (typeof target === 'object' && 'kind' in target && target.kind === 'callback')
  );
}

function queueBehind(target: Target, reach: NumberReach): string | null {
  if (typeof target === 'string') return null;
  if ('queueId' in target) return target.queueId;
  if ('queue' in target) return target.queue;
  const number = numberOfHouse(target);
  return number === undefined ? null : (reach.queueOf(number) ?? null);
}

function numberOfHouse(target: Target): string | undefined {
  if (typeof target === 'string' || !('number' in target)) return undefined;
  return 'kind' in target && target.kind === 'outside' ? undefined : target.number;
}

/** A number that the house has not, or one outside that no trunk takes. */
function leadsNowhere(target: Target, reach: NumberReach): boolean {
  if (typeof target === 'string') return false;
  const number = numberOfHouse(target);
  if (number !== undefined) return !reach.isOfHouse(number);
  if ('outside' in target) return !reach.isDialable(target.outside);
  return 'number' in target && !reach.isDialable(target.number);
}

/** What a person is told about a finding. */
export function describeFinding(
  { path, code, through = [] }: Finding,
  nameOf: (key: string) => string = (key) => key,
): FieldError {
  const [message, remedy] = {
    'nobody-satisfies': [
      'asks for what none of the agents of this queue has',
      'Give an agent the skill, or ask for less; until then a contact waits for the next step.',
    ],
    'contradicts-itself': [
      'asks for what excludes itself, so that nobody can ever satisfy it',
      'Leave out one of the parts that exclude each other.',
    ],
    'nobody-in-time': [
      'take contacts of this queue only after the longest wait (maxWaitSeconds), so that nobody is asked',
      'Give at least one agent a shorter delaySeconds, or callers a longer wait.',
    ],
    'never-applies': [
      'never applies: an earlier rule, the longest wait (maxWaitSeconds) or missing hours are in its way',
      'Move it up, change its seconds, give the queue hours, or leave it out.',
    ],
    'leads-nowhere': [
      'leads to a number that is none of the house’s, or that no trunk takes, so that callers are hung up',
      'Add the number, give a trunk a route for it, or choose another target.',
    ],
    'never-opens': ['never opens the queue again', 'Give at least one weekday or coming day opening times.'],
    'no-such-day': dayFaultWords['no-such-day'],
    'day-twice': dayFaultWords['day-twice'],
    'unknown-disposition': [
      'is none of the dispositions of this queue',
      'Name a code that agents of this queue can choose, or leave it out.',
    ],
    'overflow-circle': [
      `sends waiting contacts in a circle: ${through.map(nameOf).join(' → ')}`,
      'Choose a target that does not lead back, or another condition.',
    ],
  }[code] as readonly [string, string];
  return { path: path.join('.'), message, remedy };
}

/** Refuses settings that name what is not there, or contradict themselves or other queues. */
export async function requireConsistent(
  transaction: DatabaseTransaction,
  id: string,
  settings: QueueSettings,
): Promise<void> {
  requireZone(settings);
  const rows = await transaction.selectFrom('queues').select(['id', 'name', 'settings']).execute();
  const queueIds = new Set(rows.map((row) => row.id));
  const names = new Map<string, string>([
    ...rows.map((row) => [row.id, row.name] as const),
    [id, settings.name],
  ]);
  settings.overflow.forEach(({ target }, index) => {
    if (target.kind !== 'queue' || queueIds.has(target.queueId)) return;
    throw unknownReference(`overflow.${index}.target.queueId`, target.queueId, 'queue');
  });
  await requireTeam(transaction, settings);
  await requireAgents(transaction, settings);
  await requireNamed(transaction, settings);
  const reach = await readNumberReach(transaction);
  const others = rows
    .filter((row) => row.id !== id)
    .map((row) => {
      const other = QueueSettings.parse({ ...(row.settings as object), name: row.name });
      return reviewedQueue(row.id, other, [], reach);
    });
  const errors = reviewQueues([reviewedQueue(id, settings, [], reach), ...others], Date.now())
    .filter((finding) => finding.key === id && !finding.isWarning)
    .map((finding) => describeFinding(finding, (key) => names.get(key) ?? key));
  if (errors.length > 0) {
    throw new HttpProblem('validation-failed', 'The settings of the queue contradict each other.', {
      errors,
    });
  }
}

function requireZone({ hours }: QueueSettings): void {
  if (hours === null || isTimeZone(hours.timeZone)) return;
  const remedy = 'Use an IANA name such as Europe/Prague.';
  const error = {
    path: 'hours.timeZone',
    value: hours.timeZone,
    message: 'is not a known time zone',
    remedy,
  };
  throw new HttpProblem('validation-failed', 'The hours have no known time zone.', { errors: [error] });
}

/** What the settings know by its name. */
async function requireNamed(
  transaction: DatabaseTransaction,
  { calendar, overflow, surveyFlow, priorityRules }: QueueSettings,
): Promise<void> {
  if (surveyFlow !== null && !(await readPublished(transaction)).has(surveyFlow)) {
    throw unknownReference('surveyFlow', surveyFlow, 'published flow');
  }
  if (calendar !== null && !(await calendarsByName(transaction)).has(calendar)) {
    throw unknownReference('calendar', calendar, 'calendar');
  }
  const asked = priorityRules.flatMap(({ segments }) => segments);
  const known = asked.length === 0 ? new Set<string>() : await segmentNames(transaction);
  for (const [index, { segments }] of priorityRules.entries()) {
    const unknown = segments.find((name) => !known.has(name));
    if (unknown !== undefined) throw unknownReference(`priorityRules.${index}.segments`, unknown, 'segment');
  }
  for (const [index, { target }] of overflow.entries()) {
    const at = `overflow.${index}.target`;
    if (target.kind === 'voicemail' && !(await boxesByName(transaction)).has(target.box)) {
      throw unknownReference(`${at}.box`, target.box, 'voicemail-box');
    }
    if (target.kind === 'flow' && !(await readPublished(transaction)).has(target.flow)) {
      throw unknownReference(`${at}.flow`, target.flow, 'published flow');
    }
  }
}

async function requireTeam(transaction: DatabaseTransaction, { teamId }: QueueSettings): Promise<void> {
  if (teamId === null) return;
  const team = await transaction
    .selectFrom('teams')
    .select('id')
    .where('id', '=', teamId)
    .forKeyShare()
    .executeTakeFirst();
  if (team === undefined) throw unknownReference('teamId', teamId, 'team');
}

async function requireAgents(
  transaction: DatabaseTransaction,
  { requirementSteps }: QueueSettings,
): Promise<void> {
  const named = requirementSteps.flatMap(({ agentIds }, step) =>
    agentIds.map((id, nth) => ({ id: id as string, path: `requirementSteps.${step}.agentIds.${nth}` })),
  );
  if (named.length === 0) return;
  const known = await transaction
    .selectFrom('agents')
    .select('user_id')
    .where(
      'user_id',
      'in',
      named.map(({ id }) => id),
    )
    .execute();
  const found = new Set(known.map((row) => row.user_id));
  const missing = named.find(({ id }) => !found.has(id));
  if (missing !== undefined) throw unknownReference(missing.path, missing.id, 'agent');
}
