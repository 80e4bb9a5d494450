import type { NamingThing } from '@crosspoint/contracts';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';
import { holdNames } from './index.ts';

const patience = { timeout: 60_000 };

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

async function create(path: string, body: object) {
  const answer = await admin.send('POST', path, { body });
  expect(answer.status, `${path} ${answer.text}`).toBeLessThan(300);
  return answer.body;
}
const queue = (name: string, more: object = {}) => create('/queues', { name, ...more });
const rule = (name: string, more: object) =>
  create('/routing/rules', { name, targets: [{ to: { end: true } }], ...more });
const hours = { timeZone: 'UTC', week: { monday: [{ from: '08:00', to: '17:00' }] } };

async function refused(path: string, ...users: string[]) {
  const answer = await admin.send('DELETE', path);
  expect(answer, answer.text).toMatchObject({ status: 409, body: { code: 'in-use' } });
  for (const user of users) expect(answer.body.detail).toContain(user);
  const told = answer.body.usedBy.map(({ kind, name }: NamingThing) => `the ${kind} "${name}"`);
  expect(told).toEqual(expect.arrayContaining(users));
}

describe('what others name', () => {
  test('[RTE-01] a queue stays while a rule, a flow, a number or another queue leads to it', async () => {
    const { id } = await queue('sales');
    await rule('to sales', { targets: [{ to: { queue: 'sales' } }] });
    await rule('when busy', {
      when: { field: 'queue', queue: 'sales', figure: 'waiting', is: 'at-least', value: 3 },
    });
    await create('/numbers', { number: '7100', target: { kind: 'queue', queueId: id } });
    const target = { kind: 'queue', queueId: id };
    await queue('support', { overflow: [{ condition: { when: 'full' }, target }] });
    const nodes = { to: { kind: 'queue', queue: 'sales', refused: 'end' }, end: { kind: 'end' } };
    const flow = await create('/ivr/flows', { name: 'reception', start: 'to', nodes });
    await create(`/ivr/flows/${flow.id}/publish`, {});
    await refused(
      `/queues/${id}`,
      ...['the rule "to sales"', 'the rule "when busy"', 'the number "7100"', 'the queue "support"'],
      'the flow "reception"',
    );
  });

  test('[RTE-01] a queue keeps the name by which rules and flows know it; numbers and overflow know it by its id', async () => {
    const known = await queue('known');
    const free = await queue('free');
    await rule('to known', { fallbacks: [{ queue: 'known' }] });
    await create('/numbers', { number: '7101', target: { kind: 'queue', queueId: free.id } });
    const rename = (id: string, name: string) => admin.send('PUT', `/queues/${id}`, { body: { name } });
    expect(await rename(known.id, 'other')).toMatchObject({ status: 409, body: { code: 'in-use' } });
    expect(await rename(free.id, 'freed')).toMatchObject({ status: 200, body: { name: 'freed' } });
  });

  test('[QUE-07] a flow and a box stay while an overflow chain or a rule names them', async () => {
    const nodes = { end: { kind: 'end' } };
    const flow = await create('/ivr/flows', { name: 'too long', start: 'end', nodes });
    await create(`/ivr/flows/${flow.id}/publish`, {});
    const box = await create('/voicemail-boxes', { name: 'night' });
    const when = { when: 'waited', afterSeconds: 60 };
    await queue('long', { overflow: [{ condition: when, target: { kind: 'flow', flow: 'too long' } }] });
    await rule('at night', { targets: [{ to: { voicemail: 'night' } }] });
    await refused(`/ivr/flows/${flow.id}`, 'the queue "long"');
    expect(await admin.send('POST', `/ivr/flows/${flow.id}/archive`)).toMatchObject({ status: 409 });
    await refused(`/voicemail-boxes/${box.id}`, 'the rule "at night"');
  });

  test('[RTE-01] an agent keeps the profile while a rule sends callers there', async () => {
    const { id } = await create('/agents', { username: 'wanted', name: 'Wanted' });
    await rule('to the best', { targets: [{ to: { agent: 'wanted' } }] });
    await refused(`/agents/${id}`, 'the rule "to the best"');
  });

  test('[RTE-05] a calendar stays while a rule asks for its hours, and shows it', async () => {
    const { id } = await create('/calendars', { name: 'office', hours });
    const when = { not: { field: 'hours', hours: { calendar: 'office' }, is: 'open' } };
    const asking = await rule('closed', { when });
    await refused(`/calendars/${id}`, 'the rule "closed"');
    expect((await admin.get(`/calendars/${id}`)).body.usedBy).toEqual([{ kind: 'rule', name: 'closed' }]);
    expect((await admin.send('DELETE', `/routing/rules/${asking.id}`)).status).toBe(204);
    expect((await admin.send('DELETE', `/calendars/${id}`)).status).toBe(204);
  });

  test('[IVR-01] what names nobody but itself goes', async () => {
    const { id } = await queue('lonely');
    const target = { kind: 'queue', queueId: id };
    const overflow = [{ condition: { when: 'full' }, target }];
    await admin.send('PUT', `/queues/${id}`, { body: { name: 'lonely', overflow } });
    expect((await admin.send('DELETE', `/queues/${id}`)).status).toBe(204);
  });
});

describe('what is named and taken away at the same time', () => {
  const rounds = [1, 2, 3, 4];
  /** Somebody waits for whoever holds the names. */
  const untilWaiting = () =>
    vi.waitFor(async () => {
      const { rows } = await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
        sql`
          select 1 from pg_locks join pg_database d on d.oid = database
          where locktype = 'advisory' and not granted and d.datname = current_database()
        `.execute(transaction),
      );
      expect(rows).not.toEqual([]);
    }, patience);
  const flow = (name: string, node: object) =>
    create('/ivr/flows', { name, start: 'to', nodes: { to: node, end: { kind: 'end' } } });

  test.each(rounds)(
    '[IVR-08] a flow is not published to a queue that is deleted meanwhile, nor the other way round: %i',
    async (round) => {
      const name = `raced ${round}`;
      const { id } = await queue(name);
      const { id: flowId } = await flow(name, { kind: 'queue', queue: name, refused: 'end' });
      const [published, deleted] = await Promise.all([
        admin.send('POST', `/ivr/flows/${flowId}/publish`, { body: {} }),
        admin.send('DELETE', `/queues/${id}`),
      ]);
      expect([published.status, deleted.status]).toBeOneOf([
        [200, 409],
        [400, 204],
      ]);
    },
  );

  test('[API-01] a document is not applied whose flow leads to a queue that is deleted meanwhile', async () => {
    const name = 'applied late';
    const { id } = await queue(name);
    const nodes = { to: { kind: 'queue', queue: name, refused: 'end' }, end: { kind: 'end' } };
    const document = JSON.stringify({ flows: [{ name, start: 'to', nodes }] });
    // The document's rows are written; what it names goes away before it is over.
    const holding = Promise.withResolvers<void>();
    const deleted = api.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
      await holdNames(transaction);
      await transaction.deleteFrom('queues').where('id', '=', id).execute();
      await holding.promise;
    });
    const applied = admin.send('POST', '/configuration', { body: { document } });
    await untilWaiting();
    holding.resolve();
    await deleted;
    expect(await applied).toMatchObject({
      ...{ status: 422, body: { errors: [{ path: 'flows.0.nodes.to.queue' }] } },
    });
    expect((await admin.get(`/ivr/flows?search=${name}`)).body.items).toEqual([]);
  });

  test.each(rounds)(
    '[IVR-01] two flows that are published at once do not call each other in a circle: %i',
    async (round) => {
      const names = [`one ${round}`, `other ${round}`];
      const flows = await Promise.all(
        names.map((name) => flow(name, { kind: 'say', prompt: [{ text: { en: 'Hello.' } }], next: 'end' })),
      );
      for (const { id } of flows) await create(`/ivr/flows/${id}/publish`, {});
      for (const [index, { id }] of flows.entries()) {
        const nodes = { to: { kind: 'sub-flow', flow: names[1 - index], next: 'end' }, end: { kind: 'end' } };
        const put = await admin.send('PUT', `/ivr/flows/${id}`, {
          body: { name: names[index], start: 'to', nodes },
        });
        expect(put.status).toBe(200);
      }
      const answers = await Promise.all(
        flows.map(({ id }) => admin.send('POST', `/ivr/flows/${id}/publish`, { body: {} })),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400]);
    },
  );
});
