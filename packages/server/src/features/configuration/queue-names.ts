import {
  type AgentId,
  type ConfiguredQueueSettings,
  type OverflowRule,
  type OverflowTarget,
  type QueueId,
  type QueueSettings,
  type TeamId,
} from '@crosspoint/contracts';

/** A document names people and queues; what is stored knows them by id, so that they can be renamed. */

/** Stored settings in the words of a document. Whom or what they name and is gone is left out. */
export function withNames(
  { teamId, ...settings }: QueueSettings,
  names: Record<'agents' | 'queues' | 'teams', ReadonlyMap<string, string>>,
): ConfiguredQueueSettings {
  return {
    ...settings,
    team: names.teams.get(teamId ?? '') ?? null,
    requirementSteps: settings.requirementSteps.flatMap(({ agentIds, ...step }) => {
      const agents = agentIds.flatMap((id) => names.agents.get(id) ?? []);
      return step.requirement === null && agents.length === 0 ? [] : [{ ...step, agents }];
    }),
    overflow: settings.overflow.flatMap(({ condition, target }) => {
      const named = targetWithName(target, names.queues);
      return named === undefined ? [] : [{ condition, target: named }];
    }),
  };
}

/** The other way round; every name has been checked before. */
export function withIds(
  { team, ...settings }: ConfiguredQueueSettings,
  ids: { agentId: (username: string) => string | undefined } & Record<
    'queues' | 'teams',
    ReadonlyMap<string, string>
  >,
): QueueSettings {
  return {
    ...settings,
    teamId: (ids.teams.get(team ?? '') as TeamId | undefined) ?? null,
    requirementSteps: settings.requirementSteps.map(({ agents, ...step }) => ({
      ...step,
      agentIds: agents.flatMap((username) => (ids.agentId(username) as AgentId | undefined) ?? []),
    })),
    overflow: settings.overflow.flatMap(({ condition, target }): OverflowRule[] => {
      if (typeof target === 'string') return [{ condition, target: { kind: target } }];
      if ('number' in target) return [{ condition, target: { kind: 'number' as const, ...target } }];
      if ('outside' in target) return [{ condition, target: { kind: 'outside', number: target.outside } }];
      if ('flow' in target) return [{ condition, target: { kind: 'flow', flow: target.flow } }];
      if ('voicemail' in target) return [{ condition, target: { kind: 'voicemail', box: target.voicemail } }];
      const queueId = ids.queues.get(target.queue) as QueueId | undefined;
      return queueId === undefined ? [] : [{ condition, target: { kind: 'queue' as const, queueId } }];
    }),
  };
}

function targetWithName(
  target: OverflowTarget,
  queues: ReadonlyMap<string, string>,
): ConfiguredQueueSettings['overflow'][number]['target'] | undefined {
  if (target.kind === 'hang-up' || target.kind === 'callback') return target.kind;
  if (target.kind === 'number') return { number: target.number };
  if (target.kind === 'outside') return { outside: target.number };
  if (target.kind === 'flow') return { flow: target.flow };
  if (target.kind === 'voicemail') return { voicemail: target.box };
  const queue = queues.get(target.queueId);
  return queue === undefined ? undefined : { queue };
}
