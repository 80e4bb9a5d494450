import type { AgentId, TenantId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { Ledger } from './ledger.ts';
import { type CentreState, emptyTurn } from './state.ts';
import type { LiveStatistics } from './statistics.ts';

const state = { contacts: new Map() } as unknown as CentreState;
const nobody = { contactFact: () => undefined, agentFact: () => undefined } as unknown as LiveStatistics;
const breakChosen = {
  agentId: 'ann' as AgentId,
  at: 1_000,
  type: 'status.chosen',
  data: { status: 'break', by: 'agent' },
} as never;

test('[OPS-03] a turn without facts is not durable before those that came before it', async () => {
  const written = Promise.withResolvers<void>();
  const ledger = new Ledger({
    tenantId: 'tenant' as TenantId,
    facts: { append: () => written.promise, health: undefined as never },
    statistics: nobody,
    log: { error: () => undefined },
  });
  const durable: string[] = [];
  const store = (name: string, turn: ReturnType<typeof emptyTurn>) =>
    void ledger.store(state, turn, ['id']).then((isDurable) => durable.push(`${name} ${isDurable}`));
  store('nothing yet', emptyTurn());
  await Promise.resolve();
  expect(durable).toEqual(['nothing yet true']);
  store('with a fact', { ...emptyTurn(), agentFacts: [breakChosen] });
  store('without', emptyTurn());
  await new Promise(setImmediate);
  expect(durable).toHaveLength(1);
  written.resolve();
  await new Promise(setImmediate);
  expect(durable.slice(1)).toEqual(['with a fact true', 'without true']);
});
