import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

const week = { monday: [{ from: '08:00', to: '17:00' }] };
const hours = { timeZone: 'Europe/Prague', week };
const days = (...dates: string[]) => dates.map((day) => ({ name: day, day, open: [] }));

describe('calendars', () => {
  test('[QUE-08] are written, read, replaced and deleted, each with its entry in the audit log', async () => {
    const created = await admin.send('POST', '/calendars', { body: { name: 'office', hours } });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({ name: 'office', hours: { week }, usedBy: [] });
    expect(typeof created.body.open).toBe('boolean');
    const path = `/calendars/${created.body.id}`;
    const specialDays = [{ name: 'Christmas', day: '12-24', open: [] }];
    const body = { name: 'office', hours: { ...hours, specialDays } };
    const headers = { 'if-match': String(created.headers['etag']) };
    expect(await admin.send('PUT', path, { body, headers })).toMatchObject({
      status: 200,
      body: { hours: { specialDays } },
    });
    expect((await admin.send('PUT', path, { body, headers })).status).toBe(412);
    expect((await admin.get('/calendars?search=off')).body.items).toHaveLength(1);
    expect((await admin.get('/audit?limit=1')).body.items[0]).toMatchObject({ action: 'calendar.updated' });
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
  });

  test.each([
    ['never opens', { timeZone: 'Europe/Prague', week: {} }, 'hours'],
    [
      'has a day that never comes',
      { timeZone: 'UTC', week, specialDays: days('2027-02-29') },
      'hours.specialDays.0.day',
    ],
    [
      'has a yearly one',
      { timeZone: 'UTC', week, specialDays: days('12-24', '02-30') },
      'hours.specialDays.1.day',
    ],
    [
      'has a day twice',
      { timeZone: 'UTC', week, specialDays: days('2028-02-29', '02-29', '2028-02-29') },
      'hours.specialDays.2.day',
    ],
    ['has no known zone', { timeZone: 'Mars/Olympus', week }, 'hours.timeZone'],
  ])('[QUE-08] one that %s is refused with the place', async (_what, wrong, path) => {
    const refused = await admin.send('POST', '/calendars', { body: { name: 'wrong', hours: wrong } });
    expect(refused).toMatchObject({ status: 400, body: { code: 'validation-failed', errors: [{ path }] } });
  });

  test('[QUE-08] one that opens years from now does not say when', async () => {
    const specialDays = [{ name: 'once', day: '2090-01-02', open: [{ from: '08:00', to: '09:00' }] }];
    const body = { name: 'once', hours: { timeZone: 'UTC', specialDays } };
    const created = await admin.send('POST', '/calendars', { body });
    expect(created, created.text).toMatchObject({ status: 201, body: { open: false, openUntil: null } });
  });

  test('[QUE-08] is shared by queues by its name, which it keeps, and which has to be one', async () => {
    const created = await admin.send('POST', '/calendars', { body: { name: 'shared', hours } });
    const path = `/calendars/${created.body.id}`;
    for (const name of ['first', 'second']) {
      const queue = await admin.send('POST', '/queues', { body: { name, calendar: 'shared' } });
      expect(queue, queue.text).toMatchObject({ status: 201, body: { calendar: 'shared', hours: null } });
    }
    expect((await admin.get(path)).body.usedBy).toEqual([
      { kind: 'queue', name: 'first' },
      { kind: 'queue', name: 'second' },
    ]);
    const renamed = await admin.send('PUT', path, { body: { name: 'renamed', hours } });
    expect(renamed).toMatchObject({ status: 409, body: { code: 'in-use' } });
    expect(await admin.send('DELETE', path)).toMatchObject({ status: 409, body: { code: 'in-use' } });
    const unknown = await admin.send('POST', '/queues', { body: { name: 'third', calendar: 'nowhere' } });
    expect(unknown.body.errors).toMatchObject([{ path: 'calendar', value: 'nowhere' }]);
  });

  test('[API-04] are read by analysts and changed by supervisors', async () => {
    const { analyst, agent, supervisor } = api.as;
    expect((await analyst.get('/calendars')).status).toBe(200);
    expect((await agent.get('/calendars')).status).toBe(403);
    const body = { name: 'of analysts', hours };
    expect((await analyst.send('POST', '/calendars', { body })).status).toBe(403);
    expect((await supervisor.send('POST', '/calendars', { body })).status).toBe(201);
  });
});
