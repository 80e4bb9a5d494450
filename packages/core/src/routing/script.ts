import { RoutingQueueFigure, type RoutingRuleId, RoutingTarget } from '@crosspoint/contracts';
import { opensAt } from '../hours/index.ts';
import type {
  RoutingContact,
  RoutingNames,
  RoutingWorld,
  ScriptContact,
  ScriptRequest,
  ScriptRun,
} from './door.ts';
import { targetWords } from './words.ts';

/** What a script comes to. */
export type ScriptVerdict =
  /** The rule takes the contact, to these targets in their order; to its own when there are none. */
  | { kind: 'takes'; targets: readonly RoutingTarget[] }
  | { kind: 'passes' }
  | { kind: 'failed'; message: string };

const targetsMax = 6;

/** What has to be run for that rule. Queues and calendars are looked at only where the script names them. */
export function scriptRequest(
  ruleId: RoutingRuleId,
  source: string,
  contact: RoutingContact,
  world: RoutingWorld,
  nowMs: number,
): ScriptRequest {
  const { caller, callerName, dialled, trunk, variables } = contact;
  const names = world.names();
  const named = (all: ReadonlySet<string>) => [...all].filter((name) => source.includes(name));
  const figures = (queue: string) =>
    Object.fromEntries(RoutingQueueFigure.options.map((each) => [each, world.queue(queue, each) ?? null]));
  const isOpen = (calendar: string) => {
    const hours = world.hours(calendar);
    return hours !== undefined && opensAt(hours, nowMs).open;
  };
  const seen: ScriptContact = {
    ...{ caller, callerName, dialled, trunk, country: contact.country(), language: contact.language() },
    ...{ history: contact.history() ?? null, segments: contact.segments() },
    ...{ variables: Object.fromEntries(variables), now: nowMs },
    queues: Object.fromEntries(named(names.queues).map((queue) => [queue, figures(queue)])),
    open: Object.fromEntries(named(names.calendars).map((calendar) => [calendar, isOpen(calendar)])),
  };
  return { ruleId, source, contact: seen };
}

/** Reads what a script gave back. Whatever is no decision fails it. */
export function scriptVerdict(run: ScriptRun, names: RoutingNames): ScriptVerdict {
  if (!run.ok) return { kind: 'failed', message: run.message };
  const { value } = run;
  if (value === undefined || value === null || value === false) return { kind: 'passes' };
  if (value === true) return { kind: 'takes', targets: [] };
  const read = RoutingTarget.array()
    .min(1)
    .max(targetsMax)
    .safeParse(Array.isArray(value) ? value : [value]);
  if (!read.success) {
    const [issue] = read.error.issues;
    const at = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    return { kind: 'failed', message: `gave back what is no target${at}` };
  }
  const missing = read.data.find((target) => !isThere(target, names));
  if (missing === undefined) return { kind: 'takes', targets: read.data };
  return { kind: 'failed', message: `names what is not there: ${targetWords(missing)}` };
}

function isThere(target: RoutingTarget, names: RoutingNames): boolean {
  if ('queue' in target) return names.queues.has(target.queue);
  if ('flow' in target) return names.hasFlow(target.flow);
  if ('agent' in target) return names.hasAgent(target.agent);
  return 'voicemail' in target ? names.hasVoicemailBox(target.voicemail) : true;
}
