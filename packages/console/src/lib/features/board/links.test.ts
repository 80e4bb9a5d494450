import { expect, test } from 'vitest';
import { agentsOf, contactsToday, queueNow } from './links.ts';

test('[SUP-01] figures lead to the contacts, agents and queues that they count', () => {
  expect(contactsToday('2026-11-21', ['a', 'b'], ['abandoned'])).toBe(
    '/contacts?outcome=abandoned&queueId=a&queueId=b&from=2026-11-21',
  );
  expect(contactsToday('2026-11-21', [])).toBe('/contacts?from=2026-11-21');
  expect(agentsOf(['a'], { activity: ['on-contact', 'hold'] })).toBe(
    '/supervisor/agents?activity=on-contact&activity=hold&queueId=a',
  );
  expect(agentsOf([], { ready: true })).toBe('/supervisor/agents?ready=true');
  expect([queueNow('a'), queueNow()]).toEqual(['/supervisor/queues?queue=a', '/supervisor/queues']);
});
