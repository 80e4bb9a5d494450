import type { AgentId, Alert, AlertId, AlertRuleId, QueueId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { FakeCentre } from '../../../test/api.ts';
import type { TeamScope } from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { StreamHub } from './hub.ts';
import type { HubEvent } from './hub-event.ts';

const [mine, others] = [newId() as AgentId, newId() as AgentId];
const common = {
  ...{ value: 4, worst: 4, threshold: 3, raisedAt: '2026-11-21T08:00:00.000Z', clearedAt: null },
  ...{ acknowledgedAt: null, acknowledgedBy: null, note: '' },
};
const ofQueue: Alert = {
  ...{
    ...common,
    id: newId() as AlertId,
    queueId: newId() as QueueId,
    queueName: 'Support',
    kind: 'waiting',
  },
  ...{ agentId: null, agentName: null, ruleId: null, ruleName: null },
};
const none: TeamScope = { teamIds: new Set(), agentIds: new Set(), queueIds: new Set() };
const ofAgent = (agentId: AgentId): Alert => ({
  ...{ ...common, id: newId() as AlertId, queueId: null, queueName: null, kind: 'missed-offers' },
  ...{ agentId, agentName: 'Ann', ruleId: newId() as AlertRuleId, ruleName: 'Missed' },
});

test('[TEAM-03] alerts come to who answers for the agent or the queue that they are about', () => {
  const all = [ofQueue, ofAgent(mine), ofAgent(others)];
  let tell: (alert: Alert) => void = () => undefined;
  const source = {
    lasting: () => all,
    listen: (listener: (alert: Alert) => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  const hub = new StreamHub(new FakeCentre(), 1, source, () => 0);
  const events: HubEvent[] = [];
  hub.listen((event) => events.push(event));
  for (const alert of all) tell(alert);
  for (const [scope, seen] of [
    [undefined, all],
    [{ ...none, queueIds: new Set([ofQueue.queueId as string]), agentIds: new Set([mine]) }, all.slice(0, 2)],
    [{ ...none, queueIds: new Set([ofQueue.queueId as string]) }, all.slice(0, 1)],
    [none, []],
  ] as const) {
    expect(hub.snapshot('alerts', { owner: undefined, scope })).toEqual(seen);
    const told = events
      .filter((event) => event.within(scope))
      .map(({ bytes }) => JSON.parse(String(bytes)).data.id);
    expect(told).toEqual(seen.map(({ id }) => id));
  }
});
