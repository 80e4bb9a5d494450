import type { AgentId, Alert, AlertId, AlertRuleId, QueueId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { FakeCentre } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';
import { type HubEvent, StreamHub } from './hub.ts';

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
const ofAgent = (agentId: AgentId): Alert => ({
  ...{ ...common, id: newId() as AlertId, queueId: null, queueName: null, kind: 'missed-offers' },
  ...{ agentId, agentName: 'Ann', ruleId: newId() as AlertRuleId, ruleName: 'Missed' },
});

test('[TEAM-03] alerts of agents come to who answers for them, those of queues to everybody who reads alerts', () => {
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
    [new Set([mine as string]), all.slice(0, 2)],
    [new Set<string>(), all.slice(0, 1)],
  ] as const) {
    expect(hub.snapshot('alerts', undefined, scope)).toEqual(seen);
    const told = events.filter((event) => event.within(scope)).map(({ text }) => JSON.parse(text).data.id);
    expect(told).toEqual(seen.map(({ id }) => id));
  }
});
