import type { AgentActivity, AgentId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';

let api: TestApi;
let admin: Caller;
let agentId: AgentId;
const monday = '2026-11-23';
const week = { monday: [{ from: '08:00', to: '12:00', breaks: [{ from: '10:00', to: '10:15' }] }] };
const schedule = { timeZone: 'Europe/Prague', week };
const period = `from=${monday}T00:00:00.000Z&to=2026-11-24T00:00:00.000Z`;

beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
  agentId = api.as.agent.userId as AgentId;
  api.clock.nowMs = Date.parse('2026-11-25T08:00:00Z');
  const facts: [string, AgentActivity][] = [
    ['2026-11-22T20:00:00Z', 'offline'],
    [`${monday}T07:10:00Z`, 'idle'],
    [`${monday}T08:30:00Z`, 'on-contact'],
    [`${monday}T09:05:00Z`, 'break'],
    [`${monday}T09:15:00Z`, 'idle'],
    [`${monday}T11:30:00Z`, 'offline'],
  ];
  await api.database.inTenant(api.centre.tenantId, (transaction) =>
    transaction
      .insertInto('agent_events')
      .values(
        facts.map(([at, activity]) => ({
          ...{ tenant_id: api.centre.tenantId, agent_id: agentId, at, id: newId() },
          ...{
            type: 'activity.changed',
            data: JSON.stringify({ activity, previous: 'idle', previousMs: 0 }),
          },
        })),
      )
      .execute(),
  );
});
afterAll(() => api.close());

const store = (body: object, caller = admin) => caller.send('PUT', `/schedules/${agentId}`, { body });

describe('schedules', () => {
  test('[TEAM-02] are stored, held back on an older state, and in the audit log', async () => {
    const { headers } = await admin.get(`/schedules/${agentId}`);
    const first = await admin.send('PUT', `/schedules/${agentId}`, {
      body: schedule,
      headers: { 'if-match': String(headers['etag']) },
    });
    expect(first, first.text).toMatchObject({ status: 200, body: { agent: { id: agentId }, schedule } });
    const late = await admin.send('PUT', `/schedules/${agentId}`, {
      body: { timeZone: 'UTC' },
      headers: { 'if-match': String(headers['etag']) },
    });
    expect(late.status).toBe(412);
    const [entry] = (await admin.get('/audit?limit=1')).body.items;
    const personName = first.body.agent.name;
    expect(entry).toMatchObject({ action: 'schedule.updated', subjectId: agentId, personName });
    const found = (await admin.get(`/audit?${new URLSearchParams({ search: personName })}`)).body.items;
    expect(found).toContainEqual(entry);
    const zone = await store({ ...schedule, timeZone: 'Mars/Olympus' });
    expect(zone).toMatchObject({ status: 400, body: { errors: [{ path: 'timeZone' }] } });
  });

  test('[TEAM-02] become instants in the zone of the schedule', async () => {
    await store(schedule);
    const { body } = await admin.get(`/schedules/spans?${period}`);
    expect(body.agents).toEqual([
      {
        agentId,
        spans: [
          { from: `${monday}T07:00:00.000Z`, to: `${monday}T09:00:00.000Z`, state: 'work' },
          { from: `${monday}T09:00:00.000Z`, to: `${monday}T09:15:00.000Z`, state: 'break' },
          { from: `${monday}T09:15:00.000Z`, to: `${monday}T11:00:00.000Z`, state: 'work' },
        ],
      },
    ]);
    expect(
      (await admin.get('/schedules/spans?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z')).status,
    ).toBe(400);
  });

  test('[TEAM-03] agents see the own one, analysts all, and supervisors of a team change those of their team', async () => {
    await store(schedule);
    const mine = (await api.as.agent.get('/schedules')).body.items;
    expect(mine.map((one: { agent: { id: string } }) => one.agent.id)).toEqual([agentId]);
    expect((await store(schedule, api.as.agent)).status).toBe(403);
    expect((await store(schedule, api.as.analyst)).status).toBe(403);
    expect((await store(schedule, api.as.supervisor)).status).toBe(200);
    const lead = await api.addCaller({ username: 'lead', role: 'supervisor' });
    await admin.send('POST', '/teams', { body: { name: 'elsewhere', memberIds: [lead.userId] } });
    expect((await store(schedule, lead)).status).toBe(404);
    expect((await lead.get(`/adherence?${period}`)).body.days).toEqual([]);
    await admin.send('POST', '/teams', { body: { name: 'here', memberIds: [lead.userId, agentId] } });
    expect((await store(schedule, lead)).status).toBe(200);
  });
});

describe('adherence', () => {
  test('[TEAM-02] is the scheduled time in a fitting activity, with the differences listed', async () => {
    await store(schedule);
    const { body } = await admin.get(`/adherence?${period}`);
    // Late by 10 minutes, 5 minutes too long before the break.
    expect(body.adherence).toBeCloseTo((240 - 15) / 240, 10);
    expect(body.days).toMatchObject([
      { agentName: 'the-agent by name', day: monday, scheduledSeconds: 14_400, adherentSeconds: 13_500 },
    ]);
    expect(body.days[0].differences).toEqual([
      {
        from: `${monday}T07:00:00.000Z`,
        to: `${monday}T07:10:00.000Z`,
        scheduled: 'work',
        activity: 'offline',
      },
      {
        from: `${monday}T09:00:00.000Z`,
        to: `${monday}T09:05:00.000Z`,
        scheduled: 'break',
        activity: 'on-contact',
      },
      { from: `${monday}T11:00:00.000Z`, to: `${monday}T11:30:00.000Z`, scheduled: 'off', activity: 'idle' },
    ]);
  });

  test('[TEAM-02] of past days stays what it was when another week holds from a later date', async () => {
    await store(schedule);
    const before = (await admin.get(`/adherence?${period}`)).body;
    const weeks = [{ from: '2026-11-24', week: { monday: [{ from: '00:00', to: '23:00' }] } }];
    const { body } = await store({ ...schedule, weeks });
    expect(body.schedule).toMatchObject({ ...schedule, weeks: [{ from: '2026-11-24' }] });
    expect((await admin.get(`/adherence?${period}`)).body).toEqual(before);
    const next = await admin.get('/schedules/spans?from=2026-11-30T00:00:00Z&to=2026-12-01T00:00:00Z');
    expect(next.body.agents[0].spans).toEqual([
      { from: '2026-11-30T00:00:00.000Z', to: '2026-11-30T22:00:00.000Z', state: 'work' },
    ]);
  });

  test('[TEAM-02] of past days stays what it was when another time zone holds from a later date', async () => {
    await store(schedule);
    const before = (await admin.get(`/adherence?${period}`)).body;
    const weeks = [{ from: '2026-11-24', week, timeZone: 'America/New_York' }];
    expect((await store({ ...schedule, weeks })).status).toBe(200);
    expect((await admin.get(`/adherence?${period}`)).body).toEqual(before);
    const next = await admin.get('/schedules/spans?from=2026-11-30T00:00:00Z&to=2026-12-01T00:00:00Z');
    expect(next.body.agents[0].spans[0]).toMatchObject({ from: '2026-11-30T13:00:00.000Z' });
    const unknown = await store({ ...schedule, weeks: [{ from: '2026-11-24', timeZone: 'Mars/Olympus' }] });
    expect(unknown).toMatchObject({ status: 400, body: { errors: [{ path: 'weeks.0.timeZone' }] } });
  });

  test('[TEAM-02] is a table for spreadsheets, too', async () => {
    await store(schedule);
    const { text, headers } = await admin.get(`/adherence/export?${period}`);
    expect(headers['content-disposition']).toContain(`adherence-${monday}.csv`);
    const lines = text.trim().split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines[1]).toBe(`the-agent by name,${monday},14400,13500,0.9375,,,,`);
    expect(lines[3]).toContain('break,on-contact');
  });

  test('[TEAM-02] says nothing of the future, and nothing of who has no schedule', async () => {
    await store(schedule);
    const future = await admin.get('/adherence?from=2026-11-30T00:00:00Z&to=2026-12-01T00:00:00Z');
    expect(future.body).toEqual({ days: [], adherence: null });
    expect((await admin.send('DELETE', `/schedules/${agentId}`)).status).toBe(204);
    expect((await admin.get(`/adherence?${period}`)).body.days).toEqual([]);
  });
});
