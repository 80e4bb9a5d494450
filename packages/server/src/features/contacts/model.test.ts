import type { AgentId, ContactFact } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { mentioned } from './model.ts';

test('[API-01] the names of a contact hold those of the agents who might have been chosen instead', () => {
  const [chosen, other] = ['chosen', 'other'] as AgentId[];
  const data = { agentId: chosen, queueId: 'queue', considered: [{ agentId: other, reason: '' }] };
  const offer = { contactId: 'c', seq: 1, at: 0, type: 'offer.made', data } as unknown as ContactFact;
  const { agents, queues } = mentioned([], [offer]);
  expect([[...agents], [...queues]]).toEqual([['chosen', 'other'], ['queue']]);
});
