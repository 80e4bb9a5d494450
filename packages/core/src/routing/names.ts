import type { RoutingCondition, RoutingRule, RoutingTarget } from '@crosspoint/contracts';
import { eachOnce, type NamedThing } from '../ivr/index.ts';

/** Everything that a rule names, each thing once. */
export function namesInRule({
  when,
  targets,
  fallbacks,
}: Pick<RoutingRule, 'when' | 'targets' | 'fallbacks'>): NamedThing[] {
  const all = [...targets.map(({ to }) => to), ...fallbacks];
  return eachOnce([...namesInCondition(when), ...all.flatMap(namesInTarget)]);
}

function namesInCondition(condition: RoutingCondition): NamedThing[] {
  if ('all' in condition) return condition.all.flatMap(namesInCondition);
  if ('any' in condition) return condition.any.flatMap(namesInCondition);
  if ('not' in condition) return namesInCondition(condition.not);
  if (condition.field === 'queue') return [{ kind: 'queue', name: condition.queue }];
  if (condition.field === 'segment') return condition.values.map((name) => ({ kind: 'segment', name }));
  if (condition.field !== 'hours' || !('calendar' in condition.hours)) return [];
  return [{ kind: 'calendar', name: condition.hours.calendar }];
}

function namesInTarget(target: RoutingTarget): NamedThing[] {
  if ('queue' in target) {
    const { queue, preferredAgent } = target;
    const preferred = preferredAgent === undefined ? [] : [{ kind: 'agent' as const, name: preferredAgent }];
    return [{ kind: 'queue', name: queue }, ...preferred];
  }
  if ('flow' in target) return [{ kind: 'flow', name: target.flow }];
  if ('agent' in target) return [{ kind: 'agent', name: target.agent }];
  return 'voicemail' in target ? [{ kind: 'voicemail-box', name: target.voicemail }] : [];
}
