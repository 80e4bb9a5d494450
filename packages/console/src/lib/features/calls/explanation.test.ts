import type { ContactExplanation } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { groupReasons } from './explanation.ts';

type Agent = ContactExplanation['agents'][number];
const agent = (name: string, reason: string, until: string | null = null): Agent => ({
  id: name as Agent['id'],
  name,
  reason,
  text: reason,
  until,
  lacks: null,
});

test('[QUE-14] who will be free soonest stands first', () => {
  const grouped = groupReasons([
    agent('gone', 'status-offline'),
    agent('later', 'wrap-up', '2026-11-21T09:00:30.000Z'),
    agent('soon', 'wrap-up', '2026-11-21T09:00:05.000Z'),
    agent('talking', 'at-capacity'),
  ]);
  expect(grouped.single.map((one) => one.name)).toEqual(['soon', 'later', 'talking', 'gone']);
  expect(grouped.many).toEqual([]);
});

test('[QUE-14] nobody is lost when there are many: named and counted agents add up', () => {
  const agents = Array.from({ length: 40 }, (_value, index) =>
    agent(`agent ${index}`, index % 2 === 0 ? 'at-capacity' : 'status-offline'),
  );
  const grouped = groupReasons(agents);
  const counted = grouped.many.reduce((sum, one) => sum + one.count, 0);
  expect(grouped.single.length + counted).toBe(40);
  expect(grouped.single.every((one) => one.reason === 'at-capacity')).toBe(true);
});

test('[QUE-14] the agent who is being asked stands before all', () => {
  const grouped = groupReasons([agent('ready', 'ready'), agent('asked', 'at-capacity')], 'asked');
  expect(grouped.single[0]?.name).toBe('asked');
});
