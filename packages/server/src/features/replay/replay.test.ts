import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
  for (const name of ['sales', 'support']) await send('POST', '/queues', { name });
});
afterAll(() => api.close());

async function send(method: string, path: string, body: object = {}) {
  const answer = await admin.send(method, path, { body });
  expect(answer.status, `${path} ${answer.text}`).toBeLessThan(300);
  return answer.body;
}

interface Past {
  caller: string;
  minutesAgo: number;
  facts: [type: string, data: object][];
}

/** A contact with these facts, one second apart. */
async function past({ caller, minutesAgo, facts }: Past): Promise<string> {
  const contactId = newId();
  const at = api.clock.nowMs - minutesAgo * 60_000;
  const started = { number: '700', callerPhone: caller, callerName: '', direction: 'inbound' };
  const rows = [['contact.started', started] as [string, object], ...facts].map(([type, data], index) => ({
    ...{ tenant_id: DEFAULT_TENANT_ID, contact_id: contactId, seq: index + 1 },
    ...{ at: new Date(at + index * 1_000), type, data: JSON.stringify(data) },
  }));
  await api.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    await transaction.insertInto('contact_events').values(rows).execute();
    await transaction
      .insertInto('contacts')
      .values({
        ...{ id: contactId, tenant_id: DEFAULT_TENANT_ID, number: '700', direction: 'inbound' },
        ...{ caller_phone: caller, started_at: new Date(at), ended_at: new Date(at + 30_000) },
        ...{ state: 'closed', outcome: 'answered', last_seq: rows.length },
      })
      .execute();
  });
  return contactId;
}

const decided = (version: number, target: string): [string, object] => [
  'routing.decided',
  { version, target, reason: 'as then' },
];

async function replay(subject: object, more: object = {}) {
  const { id } = await send('POST', '/routing/replays', { subject, ...more });
  const whenOver = async () => {
    const { body } = await admin.get(`/routing/replays/${id}`);
    expect(body.state).not.toBe('running');
    return body;
  };
  return vi.waitFor(whenOver, { timeout: 60_000 });
}
const differences = async (id: string, query = '') =>
  (await admin.get(`/routing/replays/${id}/differences${query}`)).body.items;

describe('a replay', () => {
  test('[RTE-03] tells for whom a draft of the rules changes something, and why', async () => {
    const czech = { field: 'caller', is: 'starting-with', values: ['+420'] };
    const sales = await send('POST', '/routing/rules', {
      ...{ name: 'czech', when: czech, targets: [{ to: { queue: 'sales' } }] },
    });
    await send('POST', '/routing/rules', { name: 'rest', targets: [{ to: { queue: 'support' } }] });
    await send('POST', '/routing/rules/publish');
    const inPrague = await past({
      caller: '+420777000111',
      minutesAgo: 60,
      facts: [decided(1, 'queue sales')],
    });
    await past({ caller: '+34600000111', minutesAgo: 50, facts: [decided(1, 'queue support')] });
    await past({ caller: '+420777000222', minutesAgo: 12_000, facts: [decided(1, 'queue sales')] });

    expect(await replay({ rules: 'draft' })).toMatchObject({ state: 'done', total: 2, done: 2, changed: 0 });

    const targets = [{ to: { number: '+420800123456' } }];
    await send('PUT', `/routing/rules/${sales.id}`, { name: 'czech', when: czech, targets });
    const done = await replay({ rules: 'draft' });
    const moved = { before: { ending: 'target', target: { queue: 'sales', priority: 0 } } };
    expect(done).toMatchObject({ total: 2, changed: 1, doubtful: 0, moves: [{ ...moved, contacts: 1 }] });
    expect(await differences(done.id)).toMatchObject([
      {
        ...{ contactId: inPrague, caller: '+420777000111', dialled: '700', version: 1, doubts: [] },
        before: { rule: 'czech', target: { queue: 'sales' } },
        after: {
          ...{ rule: 'czech', target: { number: '+420800123456' } },
          reason: 'Rule "czech" fits (the caller begins with +420): to number +420800123456.',
        },
      },
    ]);
    expect(await differences(done.id, '?move=1')).toEqual([]);
  });

  test('[RTE-03] knows who waited in a queue then, who had called before, and what nobody knows', async () => {
    const { items } = (await admin.get('/queues?search=support')).body;
    const queueId = items[0].id;
    const entryId = newId();
    const entered: [string, object] = ['queue.entered', { entryId, queueId, estimatedWaitMs: 90_000 }];
    await past({ caller: '+1', minutesAgo: 40, facts: [entered] });
    const { items: rules } = (await admin.get('/routing/rules')).body;
    const queue = { field: 'queue', queue: 'support', is: 'at-least' };
    const busy = { ...queue, figure: 'longest-wait-seconds', value: 300 };
    const again = { field: 'history', figure: 'contacts', is: 'at-least', value: 1 };
    const ready = { ...queue, figure: 'ready', value: 1 };
    const put = (when: object) =>
      send('PUT', `/routing/rules/${rules[0].id}`, { name: 'czech', when, targets: [{ to: { end: true } }] });
    const spaniard = await past({
      caller: '+34600000111',
      minutesAgo: 30,
      facts: [decided(1, 'queue support')],
    });

    await put({ all: [busy, again] });
    const done = await replay(
      { rules: 'draft' },
      { from: new Date(api.clock.nowMs - 3_000_000).toISOString() },
    );
    // Ten minutes after somebody began to wait, twenty after the caller's own first contact.
    expect(await differences(done.id)).toMatchObject([{ contactId: spaniard, after: { ending: 'ended' } }]);

    await put({ any: [ready, again] });
    const doubtful = await replay({ rules: 'draft' });
    expect(doubtful.doubtful).toBe(doubtful.changed);
    expect((await differences(doubtful.id))[0].doubts).toContain('ready-agents-unknown');
  });

  test('[RTE-03] leads callers of the past through the draft of a flow', async () => {
    const prompt = [{ recording: 'greeting' }];
    const nodes = (queue: string) => ({
      menu: { kind: 'menu', prompt, keys: { '1': 'to-queue' }, otherwise: 'bye' },
      'to-queue': { kind: 'queue', queue, refused: 'bye' },
      bye: { kind: 'end' },
    });
    const flow = (queue: string) => ({ name: 'reception', start: 'menu', nodes: nodes(queue) });
    const { id } = await send('POST', '/ivr/flows', flow('sales'));
    await send('POST', `/ivr/flows/${id}/publish`);
    const step = (node: string, kind: string, exit: string, input = ''): [string, object] => [
      'flow.passed',
      { flow: 'reception', node, kind, exit, input, durationMs: 100 },
    ];
    const started: [string, object] = ['flow.started', { flow: 'reception', version: 1 }];
    const ended = (reason: string): [string, object] => ['flow.ended', { flow: 'reception', reason }];
    const keyed = [step('menu', 'menu', 'key-1', '1'), step('to-queue', 'queue', 'queued'), ended('queued')];
    const silent = [step('menu', 'menu', 'otherwise'), step('bye', 'end', 'end'), ended('flow-ended')];
    const first = await past({ caller: '+1', minutesAgo: 20, facts: [started, ...keyed] });
    await past({ caller: '+2', minutesAgo: 19, facts: [started, ...silent] });
    await send('PUT', `/ivr/flows/${id}`, flow('support'));
    const done = await replay({ flow: id });
    expect(done).toMatchObject({ state: 'done', total: 2, changed: 1, doubtful: 0 });
    expect(await differences(done.id)).toMatchObject([
      { contactId: first, after: { target: { queue: 'support' }, path: ['menu:key-1', 'to-queue:queued'] } },
    ]);
  });

  test('[RTE-03] takes so many contacts as asked, is cancelled, and refuses a time that is none', async () => {
    expect(await replay({ rules: 'draft' }, { contactsMax: 1 })).toMatchObject({ total: 1, isCut: true });
    const { total } = await replay({ rules: 'draft' });
    expect(await replay({ rules: 'draft' }, { contactsMax: total })).toMatchObject({ total, isCut: false });
    const done = await replay({ rules: 'draft' });
    expect(await send('POST', `/routing/replays/${done.id}/cancel`)).toMatchObject({ state: 'done' });
    const { send: raw } = admin;
    const body = { subject: { rules: 'draft' }, from: '2026-01-01T00:00:00Z', to: '2026-03-01T00:00:00Z' };
    const refused = await raw('POST', '/routing/replays', { body });
    expect(refused, refused.text).toMatchObject({ status: 400, body: { errors: [{ path: 'from' }] } });
    const analyst = await api.as.analyst.send('POST', '/routing/replays', {
      body: { subject: body.subject },
    });
    expect(analyst.status).toBe(403);
    expect((await api.as.analyst.get(`/routing/replays/${done.id}`)).status).toBe(200);
  });
});
