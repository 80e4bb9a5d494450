import {
  type ConfiguredQueueSettings,
  type FieldError,
  type OverflowTarget,
  QueueSettings,
  type Requirement,
} from '@crosspoint/contracts';
import { type Attributes, type Finding, type ReviewedQueue, reviewQueues } from '@crosspoint/core';
import { HttpProblem, isTimeZone, unknownReference } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { calendarsByName } from '../calendars/index.ts';
import { segmentNames } from '../segments/index.ts';
import { readPublished } from '../flows/index.ts';
import { boxesByName } from '../voicemails/index.ts';

type Reviewable = Pick<QueueSettings, 'hours' | 'calendar' | 'dispositions' | 'predictive'> & {
  requirementSteps: readonly { requirement: Requirement | null }[];
  overflow: readonly {
    condition: QueueSettings['overflow'][number]['condition'];
    target: OverflowTarget | ConfiguredQueueSettings['overflow'][number]['target'];
  }[];
};

/** A queue's settings with whom it can reach, as the review of the core wants them; it names others as its key is named. */
export function reviewedQueue(
  key: string,
  { requirementSteps, overflow, hours, calendar, dispositions, predictive }: Reviewable,
  members: readonly Attributes[],
): ReviewedQueue {
  return {
    key,
    steps: requirementSteps.map((step): Requirement | null => step.requirement),
    sendsWaitingTo: overflow.map(({ condition, target }) =>
      condition.when === 'waited' ? queueOf(target) : null,
    ),
    // A shared calendar is reviewed where it is written.
    hours: hours !== null && calendar === null && isTimeZone(hours.timeZone) ? hours : null,
    members,
    unknownDispositions: (predictive?.goodDispositions ?? []).flatMap((good, index) =>
      dispositions.some(({ code }) => code === good) ? [] : [index],
    ),
  };
}

function queueOf(target: Reviewable['overflow'][number]['target']): string | null {
  if (typeof target === 'string') return null;
  if ('queueId' in target) return target.queueId;
  return 'queue' in target ? target.queue : null;
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
    'never-opens': ['never opens the queue again', 'Give at least one weekday or coming day opening times.'],
    'unknown-disposition': [
      'is none of the dispositions of this queue',
      'Name a code that agents of this queue can choose, or leave it out.',
    ],
    'overflow-circle': [
      `sends waiting contacts in a circle: ${through.map(nameOf).join(' → ')}`,
      'Choose a target that does not lead back, or another condition.',
    ],
  }[code] as [string, string];
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
  await requireAgents(transaction, settings);
  await requireNamed(transaction, settings);
  const others = rows
    .filter((row) => row.id !== id)
    .map((row) =>
      reviewedQueue(row.id, QueueSettings.parse({ ...(row.settings as object), name: row.name }), []),
    );
  const errors = reviewQueues([reviewedQueue(id, settings, []), ...others], Date.now())
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
