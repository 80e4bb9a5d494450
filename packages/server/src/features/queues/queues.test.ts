import type { ContactId, Queue, QueueEntry, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

async function create(path: string, body: object): Promise<Queue> {
  const { status, body: made } = await api.as.admin.send('POST', path, { body });
  expect(status, JSON.stringify(made)).toBe(201);
  return made;
}
const put = (id: string, body: object) => api.as.admin.send('PUT', `/queues/${id}`, { body });

describe('settings of a queue', () => {
  test('[QUE-03 QUE-04 QUE-05 QUE-07 QUE-08 QUE-11] come back as they were set', async () => {
    const night = await create('/queues', { name: 'night' });
    const agent = await create('/agents', { username: 'ema', name: 'Ema', skills: { billing: 3 } });
    const requirement = { all: [{ skill: 'billing', level: 3 }, { not: { language: 'de' } }] };
    const settings = {
      strategy: 'weighted-random',
      priorityRules: [{ callers: ['+420777'], numbers: [], segments: [], priority: 5 }],
      ageing: { everySeconds: 60, priorityMax: 7 },
      requirementSteps: [
        { requirement, agentIds: [], seconds: 30 },
        { requirement: null, agentIds: [agent.id], seconds: 10 },
      ],
      afterLastStep: 'keep-last',
      sticky: { mode: 'last', waitSeconds: 20 },
      resumeWindowSeconds: 120,
      joinWhenEmpty: 'signed-in',
      leaveWhenEmpty: 'working',
      overflow: [
        { condition: { when: 'waited', afterSeconds: 90 }, target: { kind: 'queue', queueId: night.id } },
        { condition: { when: 'closed' }, target: { kind: 'number', number: '800' } },
        { condition: { when: 'full' }, target: { kind: 'hang-up' } },
      ],
      hours: {
        timeZone: 'Europe/Prague',
        week: { monday: [{ from: '08:00', to: '17:00' }] },
        specialDays: [{ name: 'Christmas', day: '12-24', open: [] }],
      },
    };
    const agents = [{ agentId: agent.id, priority: 2, weight: 7 }];
    const queue = await create('/queues', { name: 'complete', ...settings, agents });
    expect(queue).toMatchObject({
      ...settings,
      agents: [{ username: 'ema', priority: 2, weight: 7 }],
      warnings: [{ path: 'overflow.1.target' }],
    });
    const { body } = await api.as.admin.get(`/queues/${queue.id}`);
    expect(body).toMatchObject(settings);
  });

  test('[QUE-01] a queue has music of its own, and a team by which it is found; without the team it is nobody’s', async () => {
    const team = await create('/teams', { name: `front office ${newId()}` });
    const input = { name: `front ${newId()}`, teamId: team.id, announcements: { music: 'jazz' } };
    const queue = await create('/queues', input);
    expect(queue).toMatchObject({ teamId: team.id, announcements: { music: 'jazz', greeting: null } });
    const found = async () => {
      const { body } = await api.as.admin.get(`/queues?teamId=${team.id}`);
      return body.items.map(({ name }: Queue) => name);
    };
    expect(await found()).toEqual([input.name]);
    expect(await put(queue.id, { ...input, teamId: newId() })).toMatchObject({
      body: { code: 'reference-unknown', errors: [{ path: 'teamId' }] },
    });
    expect((await api.as.admin.send('DELETE', `/teams/${team.id}`)).status).toBe(204);
    const { body: after } = await api.as.admin.get(`/queues/${queue.id}`);
    expect(after).toMatchObject({
      teamId: null,
      announcements: { music: 'jazz' },
      version: queue.version + 1,
    });
  });

  test('[QUE-04] a requirement that none of the agents satisfies is stored, with a warning', async () => {
    const agent = await create('/agents', { username: 'olga', name: 'Olga', skills: { sales: 2 } });
    const step = { requirement: { skill: 'sales', level: 3 }, seconds: 30 };
    const queue = await create('/queues', {
      name: 'demanding',
      requirementSteps: [step],
      agents: [{ agentId: agent.id }],
    });
    expect(queue.warnings).toMatchObject([{ path: 'requirementSteps.0' }]);
  });

  test('[QUE-07] numbers as targets that nobody has, or that no trunk takes, are stored with a warning as long as that is so', async () => {
    const [outside, inside] = [`+99${Date.now()}`, `7${Date.now()}`];
    const condition = { when: 'full' };
    const overflow = [
      { condition, target: { kind: 'outside', number: outside } },
      { condition: { when: 'nobody-there' }, target: { kind: 'number', number: inside } },
    ];
    const queue = await create('/queues', { name: `by number ${newId()}`, overflow });
    expect(queue.warnings.map(({ path }) => path)).toContain('overflow.0.target');
    expect(queue.warnings.map(({ path }) => path)).toContain('overflow.1.target');
    const outgoing = { prefixes: [outside] };
    await create('/trunks', { name: `takes ${outside}`, host: '127.0.0.1', outgoing });
    const { id: queueId } = await create('/queues', { name: `behind ${inside}` });
    await create('/numbers', { number: inside, target: { kind: 'queue', queueId } });
    const { body: after } = await api.as.admin.get(`/queues/${queue.id}`);
    const left = after.warnings.map(({ path }: { path: string }) => path);
    expect(left.filter((path: string) => path.endsWith('.target'))).toEqual([]);
  });

  test('[QUE-07] rules that can never apply, and agents who are asked too late, are stored with a warning each', async () => {
    const agent = await create('/agents', { username: 'late', name: 'Late' });
    const overflow = [30, 60].map((afterSeconds) => ({
      condition: { when: 'waited', afterSeconds },
      target: { kind: 'hang-up' },
    }));
    const queue = await create('/queues', {
      ...{ name: 'idle rules', maxWaitSeconds: 120, overflow },
      priorityRules: [{ priority: 3 }, { callers: ['+420'], priority: 5 }],
      agents: [{ agentId: agent.id, delaySeconds: 120 }],
    });
    const paths = queue.warnings.map(({ path }) => path);
    expect(paths).toEqual(['agents', 'overflow.1', 'priorityRules.1']);
  });

  const hangUp = { kind: 'hang-up' };
  test.each<[string, object, string]>([
    ['a step that asks for nothing', { requirementSteps: [{ seconds: 5 }] }, 'requirementSteps.0'],
    [
      'a level that does not exist',
      { requirementSteps: [{ requirement: { skill: 'a', level: 6 }, seconds: 5 }] },
      'requirementSteps.0.requirement.level',
    ],
    [
      'a step that excludes itself',
      { requirementSteps: [{ requirement: { all: [{ skill: 'a' }, { not: { skill: 'a' } }] }, seconds: 5 }] },
      'requirementSteps.0',
    ],
    ['an unknown time zone', { hours: { timeZone: 'Europe/Nowhere', week: {} } }, 'hours.timeZone'],
    ['hours that never open', { hours: { timeZone: 'UTC', week: {} } }, 'hours'],
    [
      'a range that ends before it begins',
      { hours: { timeZone: 'UTC', week: { monday: [{ from: '17:00', to: '08:00' }] } } },
      'hours.week.monday.0',
    ],
    [
      'a wait of no length',
      { overflow: [{ condition: { when: 'waited', afterSeconds: 0 }, target: hangUp }] },
      'overflow.0.condition.afterSeconds',
    ],
  ])('[QUE-01] %s is refused where it stands', async (_what, settings, path) => {
    const { status, body } = await api.as.admin.send('POST', '/queues', {
      body: { name: 'wrong', ...settings },
    });
    expect(status).toBe(400);
    expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  test('[QUE-07] queues that would send waiting contacts in a circle, and targets that are not there', async () => {
    const to = (queueId: string) => ({
      overflow: [{ condition: { when: 'waited', afterSeconds: 10 }, target: { kind: 'queue', queueId } }],
    });
    const [a, b] = [await create('/queues', { name: 'a' }), await create('/queues', { name: 'b' })];
    expect((await put(a.id, { name: 'a', ...to(b.id) })).status).toBe(200);
    expect(await put(b.id, { name: 'b', ...to(a.id) })).toMatchObject({
      status: 400,
      body: { code: 'validation-failed', errors: [{ path: 'overflow.0.target' }] },
    });
    expect(await put(b.id, { name: 'b', ...to(newId()) })).toMatchObject({
      status: 422,
      body: { code: 'reference-unknown', errors: [{ path: 'overflow.0.target.queueId' }] },
    });
    await create('/numbers', { number: '8001', target: { kind: 'queue', queueId: a.id } });
    const toNumber = {
      overflow: [
        { condition: { when: 'waited', afterSeconds: 10 }, target: { kind: 'number', number: '8001' } },
      ],
    };
    expect(await put(b.id, { name: 'b', ...toNumber }), 'a circle through a number').toMatchObject({
      status: 400,
      body: { errors: [{ path: 'overflow.0.target' }] },
    });
    const inUse = await api.as.admin.send('DELETE', `/queues/${b.id}`);
    expect(inUse).toMatchObject({ status: 409, body: { code: 'in-use' } });
  });
});

describe('a contact that waits', () => {
  const contactId = newId() as ContactId;
  const act = (caller: TestApi['as']['admin'], queueId: QueueId, body: object) =>
    caller.send('POST', `/queues/${queueId}/entries/${contactId}`, { body });

  test('[QUE-02 QUE-03] is moved, reprioritised, assigned and removed by a supervisor, with an audit entry each', async () => {
    const queue = await create('/queues', { name: 'overridden' });
    const agentId = api.as.agent.userId;
    const actions = [
      { action: 'move', queueId: queue.id },
      { action: 'reprioritise', priority: 9 },
      { action: 'assign', agentId, seconds: 30 },
      { action: 'remove' },
    ];
    const before = api.centre.commands.length;
    for (const action of actions) expect((await act(api.as.supervisor, queue.id, action)).status).toBe(204);
    expect(api.centre.commands.slice(before)).toEqual(
      actions.map((action) => ({
        command: 'overrideEntry',
        arguments: [queue.id, contactId, action, { kind: 'supervisor', userId: api.as.supervisor.userId }],
      })),
    );
    const { body } = await api.as.admin.get(`/audit?subjectType=queue-entry`);
    expect(body.items.map((entry: { action: string }) => entry.action)).toEqual(
      actions.map(({ action }) => `queue-entry.${action}`).toReversed(),
    );
  });

  test('[QUE-02] is found among those who wait, page by page, and by what it is', async () => {
    const queue = await create('/queues', { name: 'filtered' });
    const ids = [newId(), newId(), newId()] as ContactId[];
    const at = '2026-01-05T10:00:00.000Z';
    const entries = ids.map(
      (id, index): QueueEntry => ({
        ...{ entryId: `${id}/q1` as QueueEntry['entryId'], contactId: id, queueId: queue.id },
        ...{ callerPhone: `+42077700000${index}`, callerName: index === 0 ? 'Ema' : '', number: '800' },
        ...{ direction: index === 2 ? 'outbound' : 'inbound', status: 'waiting', segments: [] },
        ...{ requirement: { skill: 'billing', level: 2 }, language: 'cs' },
        ...{ position: index + 1, priority: 3 - index, givenPriority: 0, enteredAt: at, agedSince: at },
        ...{ offeredTo: null, routingAttempts: 0, estimatedWaitSeconds: null, abandonRisk: null },
      }),
    );
    api.centre.entries.set(queue.id, entries);
    const deletion = () => api.as.admin.send('DELETE', `/queues/${queue.id}`);
    expect(await deletion(), 'somebody would lose the place').toMatchObject({
      ...{ status: 409, body: { code: 'command-refused', reason: 'contacts-wait' } },
    });
    const listed = async (query: string) =>
      (await api.as.supervisor.get(`/queues/${queue.id}/entries${query}`)).body.items.map(
        (entry: QueueEntry) => entry.position,
      );
    expect(await listed('')).toEqual([1, 2, 3]);
    expect(await listed('?search=ema')).toEqual([1]);
    expect(await listed('?search=000001')).toEqual([2]);
    expect(await listed('?direction=outbound')).toEqual([3]);
    expect(await listed('?priority=2&status=waiting')).toEqual([2]);
    expect(await listed(`?contactId=${ids[2]}`)).toEqual([3]);
    const { body } = await api.as.supervisor.get(`/queues/${queue.id}/entries?limit=2`);
    expect(body.items).toMatchObject([{ requirement: { skill: 'billing', level: 2 }, language: 'cs' }, {}]);
    expect(await listed(`?limit=2&cursor=${encodeURIComponent(body.nextCursor)}`)).toEqual([3]);
  });

  test('[QUE-02] not by an agent, not with a class that does not exist, and not any more when it has left', async () => {
    const queue = await create('/queues', { name: 'left' });
    expect((await act(api.as.agent, queue.id, { action: 'remove' })).status).toBe(403);
    expect((await act(api.as.supervisor, queue.id, { action: 'reprioritise', priority: 10 })).status).toBe(
      400,
    );
    api.centre.answer = {
      ok: false,
      code: 'not-waiting',
      detail: 'The contact does not wait in this queue (any more).',
    };
    expect(await act(api.as.supervisor, queue.id, { action: 'remove' })).toMatchObject({
      status: 409,
      body: { code: 'not-waiting' },
    });
    api.centre.answer = { ok: true };
  });

  test('[QUE-02] not to a queue or an agent that there is not, and the field is named', async () => {
    const queue = await create('/queues', { name: 'elsewhere' });
    for (const [action, path, code] of [
      ['move', 'queueId', 'queue-unknown'],
      ['assign', 'agentId', 'agent-unknown'],
    ] as const) {
      const value = newId();
      api.centre.answer = { ok: false, code, detail: 'There is none.' };
      expect(await act(api.as.supervisor, queue.id, { action, [path]: value })).toMatchObject({
        status: 422,
        body: { code: 'reference-unknown', errors: [{ path, value }] },
      });
    }
    api.centre.answer = { ok: true };
  });
});
