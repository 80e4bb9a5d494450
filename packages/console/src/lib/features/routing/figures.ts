import type { RoutingTest } from '@crosspoint/contracts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';

type QueueTest = Extract<RoutingTest, { field: 'queue' }>;
type HistoryTest = Extract<RoutingTest, { field: 'history' }>;

/** What a test asks of a queue, as part of a sentence. */
export function queueTestWords({ queue, figure, is, value }: QueueTest): string {
  const atLeast = is === 'at-least';
  const counted = { queue, count: value, shown: shown.number(value) };
  const timed = { queue, time: shown.duration(value) };
  switch (figure) {
    case 'waiting':
      if (atLeast) return m.rule_waiting_at_least(counted);
      return value === 0 ? m.rule_waiting_none({ queue }) : m.rule_waiting_at_most(counted);
    case 'ready':
      if (atLeast) return m.rule_ready_at_least(counted);
      return value === 0 ? m.rule_ready_none({ queue }) : m.rule_ready_at_most(counted);
    case 'longest-wait-seconds':
      return atLeast ? m.rule_longest_at_least(timed) : m.rule_longest_at_most(timed);
    case 'estimated-wait-seconds':
      return atLeast ? m.rule_estimated_at_least(timed) : m.rule_estimated_at_most(timed);
  }
}

/** What a test asks of the caller's earlier contacts, as part of a sentence. */
export function historyTestWords({ figure, is, value }: HistoryTest): string {
  const atLeast = is === 'at-least';
  const counted = { count: value, shown: shown.number(value) };
  if (figure === 'days-since-last')
    return atLeast ? m.rule_days_at_least(counted) : m.rule_days_at_most(counted);
  if (atLeast) return m.rule_contacts_at_least(counted);
  return value === 0 ? m.rule_contacts_none() : m.rule_contacts_at_most(counted);
}
