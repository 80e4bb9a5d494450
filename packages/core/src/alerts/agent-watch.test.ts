import type { AgentId, AlertCondition, AlertRuleId, ContactId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import type { WatchedAgent } from './agent-causes.ts';
import { createAlertWatch } from './watch.ts';

const start = Date.parse('2026-11-21T08:00:00.000Z');
const agentId = 'a' as AgentId;
const ruleId = 'r' as AlertRuleId;
const contactId = 'c' as ContactId;

function agent(condition: AlertCondition, more: Partial<WatchedAgent> = {}): WatchedAgent {
  return {
    ...{ id: agentId, activity: 'idle', activitySince: start, reasonCode: null, talks: [] },
    ...{ missedInRow: 0, scheduled: null, rules: [{ id: ruleId, condition }] },
    ...more,
  };
}

/** What one watch says of an agent, look by look: kinds of effects with their figures. */
function watching(condition: AlertCondition, open: { worst: number }[] = []) {
  const subject = { agentId, ruleId, kind: condition.kind };
  const watch = createAlertWatch(open.map(({ worst }) => ({ subject, worst })));
  return (afterSeconds: number, more: Partial<WatchedAgent> | null) =>
    watch
      .look(
        { queues: [], agents: more === null ? [] : [agent(condition, more)] },
        start + afterSeconds * 1000,
      )
      .map((effect) => [effect.type, effect.type === 'raised' ? effect.value : effect.worst]);
}

test('[ALR-06] a break of one reason alerts at its limit and not one second below, another reason never', () => {
  const condition = {
    ...{ kind: 'status-time', activity: 'break', reasonCode: 'lunch', seconds: 60 },
  } satisfies AlertCondition;
  const look = watching(condition);
  const lunch = { activity: 'break', reasonCode: 'lunch' } as const;
  expect(look(59, lunch)).toEqual([]);
  expect(look(60, lunch)).toEqual([['raised', 60]]);
  expect(watching(condition)(600, { activity: 'break', reasonCode: 'training' })).toEqual([]);
  expect(watching({ ...condition, reasonCode: null })(60, lunch)).toEqual([['raised', 60]]);
  expect(watching({ ...condition, reasonCode: null })(600, {})).toEqual([]);
});

test('[ALR-06] wrap-up and offers missed in a row alert at their limits', () => {
  const wrapUp = watching({ kind: 'wrap-up-time', seconds: 30 });
  expect(wrapUp(29, { activity: 'wrap-up' })).toEqual([]);
  expect(wrapUp(30, { activity: 'wrap-up' })).toEqual([['raised', 30]]);
  const missed = watching({ kind: 'missed-offers', count: 3 });
  expect(missed(0, { missedInRow: 2 })).toEqual([]);
  expect(missed(1, { missedInRow: 3 })).toEqual([['raised', 3]]);
  expect(missed(2, { missedInRow: 0 })).toEqual([]);
  expect(missed(12, { missedInRow: 0 })).toEqual([['cleared', 3]]);
});

test('[ALR-07] a conversation is timed as one through its holds, and a second one from where it began', () => {
  const look = watching({ kind: 'talk-time', seconds: 60 });
  const talking = (activitySince: number, talks = [contactId]): Partial<WatchedAgent> => ({
    ...{ activity: 'on-contact', activitySince: start + activitySince * 1000, talks },
  });
  expect(look(0, {})).toEqual([]);
  expect(look(1, talking(1))).toEqual([]);
  expect(look(40, { ...talking(40), activity: 'hold' })).toEqual([]);
  expect(look(60, talking(50))).toEqual([]);
  expect(look(61, talking(50))).toEqual([['raised', 60]]);
  const other = 'd' as ContactId;
  expect(look(62, talking(50, [contactId, other]))).toEqual([]);
  expect(look(63, talking(50, [other]))).toEqual([]);
  expect(look(73, talking(50, [other]))).toEqual([['cleared', 61]]);
  expect(look(122, talking(50, [other]))).toEqual([['raised', 61]]);
});

test('[ALR-07] after a start a conversation is as old as the present activity', () => {
  const look = watching({ kind: 'talk-time', seconds: 60 });
  expect(look(60, { activity: 'on-contact', talks: [contactId] })).toEqual([['raised', 60]]);
});

test('[ALR-08] not adherent counts through other activities and parts of the schedule until both meet', () => {
  const look = watching({ kind: 'not-adherent', seconds: 60 });
  const work = { state: 'work', from: start + 10_000 } as const;
  const apart = { scheduled: work, activity: 'offline' } as const;
  expect(look(5, { scheduled: null, activity: 'offline' })).toEqual([]);
  expect(look(30, apart)).toEqual([]);
  expect(look(69, { ...apart, activity: 'break', activitySince: start + 50_000 })).toEqual([]);
  expect(look(70, { ...apart, activity: 'not-responding' })).toEqual([['raised', 60]]);
  const pause = { state: 'break', from: start + 80_000 } as const;
  expect(look(81, { scheduled: pause, activity: 'idle' })).toEqual([['worsened', 71]]);
  expect(look(90, { scheduled: pause, activity: 'break' })).toEqual([]);
  expect(look(100, { scheduled: pause, activity: 'break' })).toEqual([['cleared', 71]]);
});

test('[ALR-09] an alert about a schedule that is not known now neither begins nor ends', () => {
  const condition = { kind: 'not-adherent', seconds: 60 } as const;
  const look = watching(condition, [{ worst: 90 }]);
  const unknown = { scheduled: undefined, activity: 'offline' } as const;
  expect([look(0, unknown), look(20, unknown), look(40, unknown)].flat()).toEqual([]);
  expect(look(41, { scheduled: { state: 'work', from: start }, activity: 'idle' })).toEqual([]);
  expect(look(51, { scheduled: { state: 'work', from: start }, activity: 'idle' })).toEqual([
    ['cleared', 90],
  ]);
});

test('[ALR-04] an alert of an agent whom its rule concerns no more is over at once', () => {
  const condition = { kind: 'missed-offers', count: 3 } as const;
  expect(watching(condition, [{ worst: 4 }])(0, { missedInRow: 4, rules: [] })).toEqual([['cleared', 4]]);
  expect(watching(condition, [{ worst: 4 }])(0, null)).toEqual([['cleared', 4]]);
});
