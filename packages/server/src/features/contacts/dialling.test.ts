import type { AgentId, ContactId, LegId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const made = { contactId: newId() as ContactId, callId: newId() as LegId };
const lastDial = () => api.centre.commands.findLast(({ command }) => command === 'dial')?.arguments;

describe('click-to-dial', () => {
  test('[CTL-05] makes a call for an agent, in the form in which numbers are kept, and says which', async () => {
    api.centre.dialled = { ok: true, ...made };
    const agentId = newId() as AgentId;
    const answer = await api.as.admin.send('POST', '/calls', {
      body: { to: '+420 555-000 111', agentId, trunk: 'carrier' },
    });
    expect(answer).toMatchObject({ status: 201, body: made });
    expect(lastDial()).toEqual([agentId, '+420555000111', 'carrier', 'off']);
    expect((await api.as.admin.get('/audit?action=call.dial')).body.items[0]).toMatchObject({
      subjectId: made.callId,
      after: { agentId, contactId: made.contactId },
    });
  });

  test('[CTL-05] of an agent is the own, and leaves no audit entry beside the facts', async () => {
    api.centre.dialled = { ok: true, ...made };
    const { agent, admin, analyst } = api.as;
    const before = (await admin.get('/audit?action=call.dial')).body.items.length;
    expect((await agent.send('POST', '/calls', { body: { to: '101' } })).status).toBe(201);
    expect(lastDial()).toEqual([agent.userId, '101', undefined, 'off']);
    expect((await admin.get('/audit?action=call.dial')).body.items).toHaveLength(before);
    const other = { to: '101', agentId: newId() };
    expect((await agent.send('POST', '/calls', { body: other })).status).toBe(404);
    expect((await analyst.send('POST', '/calls', { body: other })).status).toBe(403);
  });

  test('[CTL-05] that cannot be tried is refused with its reason', async () => {
    api.centre.dialled = { ok: false, code: 'no-route', detail: 'No trunk takes calls to +99.' };
    const { admin } = api.as;
    expect(await admin.send('POST', '/calls', { body: { to: '+99', agentId: newId() } })).toMatchObject({
      status: 409,
      body: { code: 'command-refused', reason: 'no-route' },
    });
    expect(await admin.send('POST', '/calls', { body: { to: '101' } })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'agentId' }] },
    });
    expect((await admin.send('POST', '/calls', { body: { to: 'alice', agentId: newId() } })).status).toBe(
      400,
    );
  });
});
