import type { AgentId, ContactId, LiveConference } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let admin: Caller;
let agent: Caller;
const number = '+420555000800';
beforeAll(async () => {
  api = await createTestApi();
  ({ admin, agent } = api.as);
  const target = { kind: 'conferences', language: 'cs' };
  const added = await admin.send('POST', '/numbers', { body: { number, target } });
  expect(added, added.text).toMatchObject({ status: 201, body: { target } });
});
afterAll(() => api.close());

const schedule = { timeZone: 'Europe/Prague', startsAt: '2026-03-02T10:00', endsAt: '2026-03-02T11:00' };
const weekly = { days: ['monday', 'thursday'], until: null };

async function create(
  name: string,
  settings: object = {},
): Promise<{ id: string; path: string; etag: string }> {
  const body = { name, schedule, ...settings };
  const created = await admin.send('POST', '/conferences', { body });
  expect(created.status, created.text).toBe(201);
  const { id } = created.body;
  return { id, path: `/conferences/${id}`, etag: String(created.headers['etag']) };
}

const withoutPins = (text: string, pins: Record<string, string>) => {
  for (const pin of Object.values(pins)) expect(text).not.toContain(pin);
};

describe('scheduled conferences', () => {
  test('[CTL-03] are written, read, replaced and deleted, each with its entry in the audit log', async () => {
    const { path, etag } = await create('board', { number, schedule: { ...schedule, weekly } });
    const read = await admin.get(path);
    expect(read.body).toMatchObject({ name: 'board', number, live: null, mayModerate: true, mayJoin: false });
    expect(Date.parse(read.body.next.endsAt) - Date.parse(read.body.next.startsAt)).toBe(3_600_000);
    const body = { name: 'the board', schedule, partiesMax: 5 };
    const headers = { 'if-match': etag };
    const replaced = await admin.send('PUT', path, { body, headers });
    expect(replaced, replaced.text).toMatchObject({
      status: 200,
      body: { name: 'the board', partiesMax: 5 },
    });
    expect((await admin.send('PUT', path, { body, headers })).status).toBe(412);
    expect((await admin.get('/audit?limit=1')).body.items[0]).toMatchObject({ action: 'conference.updated' });
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
  });

  test.each([
    ['has no known zone', { schedule: { ...schedule, timeZone: 'Mars/Olympus' } }, 'schedule.timeZone'],
    ['ends before it begins', { schedule: { ...schedule, endsAt: schedule.startsAt } }, 'schedule.endsAt'],
    [
      'is on a day that is none',
      { schedule: { ...schedule, startsAt: '2026-02-30T10:00' } },
      'schedule.startsAt',
    ],
    ['has a number of something else', { number: '+420555000999' }, 'number'],
  ])('[CTL-03] one that %s is refused with the place', async (_what, wrong, path) => {
    const refused = await admin.send('POST', '/conferences', { body: { name: 'wrong', schedule, ...wrong } });
    expect(refused, refused.text).toMatchObject({
      ...{ status: 400, body: { code: 'validation-failed', errors: [{ path }] } },
    });
  });

  test('[CTL-03] have two PINs, which nothing but their own route shows and which can be drawn anew', async () => {
    const { id, path } = await create('secret');
    const other = await create('other');
    const shown = await admin.get(`${path}/pins`);
    const pins = shown.body as Record<string, string>;
    expect(shown.headers['cache-control']).toBe('no-store');
    expect(Object.keys(pins)).toEqual(['participant', 'moderator']);
    for (const pin of Object.values(pins)) expect(pin).toMatch(/^\d{9}$/);
    const all = [...Object.values(pins), ...Object.values((await admin.get(`${other.path}/pins`)).body)];
    expect(new Set(all).size).toBe(4);
    withoutPins((await admin.get('/conferences')).text, pins);
    withoutPins((await admin.get(path)).text, pins);
    const drawn = await admin.send('POST', `${path}/pins`);
    expect(drawn.status, drawn.text).toBe(200);
    expect(drawn.body).not.toEqual(pins);
    expect((await admin.get(`${path}/pins`)).body).toEqual(drawn.body);
    const log = await admin.get('/audit?limit=10');
    expect(log.body.items[0]).toMatchObject({ action: 'conference.pins-drawn', subjectId: id });
    withoutPins(log.text, { ...pins, ...drawn.body });
    const rows = await api.database.asSystem((transaction) =>
      transaction.selectFrom('conference_pins').selectAll().execute(),
    );
    withoutPins(JSON.stringify(rows), { ...pins, ...drawn.body });
  });
});

describe('whose they are', () => {
  test('[API-04] agents see those that name them, lead those that name them as moderators, and change none', async () => {
    const none = await create('not mine');
    const joins = await create('I take part', { participants: ['the-agent'] });
    const leads = await create('I lead', { moderators: ['the-agent'] });
    const names = (await agent.get('/conferences')).body.items.map((item: { name: string }) => item.name);
    expect(names).toEqual(['I lead', 'I take part']);
    expect((await agent.get(none.path)).status).toBe(404);
    expect((await agent.get(joins.path)).body).toMatchObject({ mayModerate: false, mayJoin: true });
    expect((await agent.get(`${joins.path}/pins`)).status).toBe(404);
    expect((await agent.get(`${leads.path}/pins`)).status).toBe(200);
    const lock = { body: { action: 'lock' } };
    expect((await agent.send('POST', `${joins.path}/actions`, lock)).status).toBe(404);
    expect((await agent.send('POST', `${leads.path}/actions`, lock)).status).toBe(204);
    expect((await agent.send('POST', '/conferences', { body: { name: 'x', schedule } })).status).toBe(403);
    expect((await api.as.analyst.get(`${leads.path}/pins`)).status).toBe(403);
  });

  test('[CTL-03] who is named joins from the desk, as what the conference has him for', async () => {
    const leads = await create('desk', { moderators: ['the-agent'] });
    const joined = await agent.send('POST', `${leads.path}/join`);
    expect(joined.status, joined.text).toBe(202);
    expect(api.centre.commands.at(-1)).toMatchObject({
      ...{ command: 'joinConference', arguments: [expect.anything(), leads.id, 'moderator'] },
    });
    const none = await create('not for agents');
    expect((await agent.send('POST', `${none.path}/join`)).status).toBe(404);
    expect(await admin.send('POST', `${none.path}/join`)).toMatchObject({
      ...{ status: 409, body: { code: 'command-refused', reason: 'agent-unknown' } },
    });
  });
});

test('[CTL-03] those who lead it see who is in it, and command; each command is in the audit log', async () => {
  const { id, path } = await create('live');
  const contactId = '0197c6a0-0000-7000-8000-000000000001' as ContactId;
  const party = {
    ...{ contactId, callId: contactId as never, agentId: null, name: 'Jan', number: '+420555000111' },
    ...{
      role: 'participant' as const,
      state: 'present' as const,
      muted: false,
      since: '2026-03-02T09:00:00Z',
    },
  };
  const live: LiveConference = {
    ...{ id: id as LiveConference['id'], name: 'live', openedAt: null, endsAt: '2026-03-02T10:00:00Z' },
    ...{ locked: false, recording: false, parties: [party], agentIds: [] as AgentId[] },
  };
  api.centre.meetings = [live];
  expect((await admin.get(path)).body.live).toEqual(live);
  const muted = await admin.send('POST', `${path}/parties/${contactId}`, { body: { action: 'mute' } });
  expect(muted.status, muted.text).toBe(204);
  expect(api.centre.commands.at(-1)).toEqual({
    ...{ command: 'conferences.actOnParty', arguments: [id, contactId, { action: 'mute' }] },
  });
  expect((await admin.get('/audit?limit=1')).body.items[0]).toMatchObject({
    ...{ action: 'conference.party-led', subjectId: id },
  });
  api.centre.answer = { ok: false, code: 'gone', detail: '' };
  expect(await admin.send('POST', `${path}/actions`, { body: { action: 'end' } })).toMatchObject({
    ...{ status: 409, body: { reason: 'not-in-conference' } },
  });
  api.centre.answer = { ok: true };
  api.centre.meetings = [];
});
