import type { AgentId, ContactId, LegId, LiveCall, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from '../../../test/api.ts';
import { newId } from '../../platform/index.ts';

let api: TestApi;
const queueId = newId() as QueueId;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

/** A leg of a conversation that is up. */
function leg(contactId: ContactId, role: LiveCall['role'], agentId: string | null): LiveCall {
  const call: LiveCall = {
    id: newId() as LegId,
    contactId,
    party: role === 'customer' ? 'customer' : 'agent',
    agentId: agentId as AgentId | null,
    queueId,
    carrier: 'sip',
    carrierId: 'call-id',
    address: 'sip:x',
    number: '700',
    state: 'talking',
    role,
    muted: false,
    supervision: null,
    locked: false,
    recorded: true,
    recordingPaused: false,
    waitingSince: null,
    since: '2026-11-21T08:00:00.000Z',
    startedAt: '2026-11-21T08:00:00.000Z',
    quality: null,
  };
  api.centre.legs.push(call);
  return call;
}

test('[SUP-05] a leg is found by what its carrier calls it, by those who may see it', async () => {
  const call = leg(newId() as ContactId, 'agent', api.as.agent.userId);
  call.carrierId = `${'a1b2/'.repeat(40)}@192.0.2.7`;
  const address = `/calls/by-carrier-id/${encodeURIComponent(call.carrierId)}`;
  for (const who of [api.as.admin, api.as.agent]) {
    const found = await who.send('GET', address);
    expect(found).toMatchObject({ status: 200, body: { id: call.id, carrierId: call.carrierId } });
  }
  const other = leg(newId() as ContactId, 'agent', newId());
  other.carrierId = 'of-somebody-else';
  expect((await api.as.agent.send('GET', '/calls/by-carrier-id/of-somebody-else')).status).toBe(404);
  expect((await api.as.admin.send('GET', '/calls/by-carrier-id/none')).body).toMatchObject({
    code: 'not-found',
  });
});

describe('what is done with a conversation', () => {
  test('[CTL-02 CTL-03] by its agent, with what the interface promises', async () => {
    const contactId = newId() as ContactId;
    leg(contactId, 'customer', null);
    const { id } = leg(contactId, 'agent', api.as.agent.userId);
    const last = () => api.centre.commands.at(-1);
    const target = { number: '+420555000111' };
    const transfer = await api.as.agent.send('POST', `/calls/${id}/transfer`, {
      body: { kind: 'blind', target },
    });
    expect(transfer).toMatchObject({ status: 201, body: { callId: api.centre.added } });
    expect(last()).toEqual({ command: 'transfer', arguments: [id, { kind: 'blind', target }] });
    const done = async (method: string, path: string, body: object) =>
      (await api.as.agent.send(method, `/calls/${id}${path}`, { body })).status;
    expect(await done('POST', '/consult', { action: 'complete' })).toBe(204);
    expect(last()).toEqual({ command: 'consult', arguments: [id, 'complete'] });
    expect(await done('POST', '/parties', { target })).toBe(201);
    expect(await done('POST', '/lock', { locked: true })).toBe(204);
    expect(await done('POST', '/leave', {})).toBe(204);
    expect(await done('PATCH', '', { muted: true })).toBe(204);
    expect(last()).toEqual({ command: 'change', arguments: [id, { muted: true }] });
    expect(await done('POST', '/digits', { digits: '12#' })).toBe(204);
    expect(await done('POST', '/recording', { paused: true, reason: 'card' })).toBe(204);
    expect(last()).toMatchObject({ arguments: [id, { reason: 'card' }, api.as.agent.userId] });
  });

  test('[REC-01] it is recorded on demand, and who commands all calls may also end what the queue asks for', async () => {
    const contactId = newId() as ContactId;
    const { id } = leg(contactId, 'agent', api.as.agent.userId);
    const asked = () => api.centre.commands.at(-1)?.arguments[1];
    const started = await api.as.agent.send('POST', `/calls/${id}/recording/start`, {});
    expect(started).toMatchObject({ status: 201, body: { recordingId: expect.any(String) } });
    const byUserId = api.as.agent.userId;
    expect(asked()).toEqual({ recording: true, byUserId, mayEndAny: false });
    expect((await api.as.agent.send('POST', `/calls/${id}/recording/stop`, {})).status).toBe(204);
    expect(asked()).toEqual({ recording: false, byUserId, mayEndAny: false });
    expect((await api.as.supervisor.send('POST', `/calls/${id}/recording/stop`, {})).status).toBe(204);
    expect(asked()).toMatchObject({ byUserId: api.as.supervisor.userId, mayEndAny: true });
    const { body } = await api.as.admin.get('/audit?limit=1');
    expect(body.items).toMatchObject([{ action: 'call.recording-stop', subjectId: id }]);
    api.centre.answer = { ok: false, code: 'recorded-by-queue', detail: 'No.' };
    expect(await api.as.agent.send('POST', `/calls/${id}/recording/stop`, {})).toMatchObject({
      status: 409,
      body: { code: 'command-refused', reason: 'recorded-by-queue' },
    });
    api.centre.answer = { ok: true };
  });

  test('[CTL-02] nonsense is refused with the field: no target, an empty change, letters as digits, a pause without reason', async () => {
    const contactId = newId() as ContactId;
    const { id } = leg(contactId, 'agent', api.as.agent.userId);
    const status = async (method: string, path: string, body: object) =>
      (await api.as.agent.send(method, `/calls/${id}${path}`, { body })).status;
    expect(await status('POST', '/transfer', { kind: 'blind', target: {} })).toBe(400);
    expect(await status('POST', '/transfer', { kind: 'consult', target: { queueId } })).toBe(400);
    expect(await status('PATCH', '', {})).toBe(400);
    expect(await status('POST', '/digits', { digits: 'abc' })).toBe(400);
    expect(await status('POST', '/recording', { paused: true })).toBe(400);
  });

  test('[CTL-03] a party decides about its own leg, not about the conversation of another agent', async () => {
    const contactId = newId() as ContactId;
    const lead = leg(contactId, 'agent', newId());
    const own = leg(contactId, 'party', api.as.agent.userId);
    const refused = await api.as.agent.send('POST', `/calls/${lead.id}/lock`, { body: { locked: true } });
    expect(refused).toMatchObject({ status: 409, body: { reason: 'not-in-charge' } });
    expect((await api.as.agent.send('PATCH', `/calls/${own.id}`, { body: { muted: true } })).status).toBe(
      204,
    );
    expect(
      (await api.as.supervisor.send('POST', `/calls/${lead.id}/lock`, { body: { locked: true } })).status,
    ).toBe(204);
    const { body } = await api.as.admin.get('/audit?action=call.lock');
    expect(body.items).toMatchObject([{ subjectId: lead.id }]);
  });

  test('[SUP-02] each way to supervise wants its permission and is audited; agents have none', async () => {
    const contactId = newId() as ContactId;
    const { id } = leg(contactId, 'agent', api.as.agent.userId);
    const target = { number: '101' };
    for (const mode of ['listen', 'whisper', 'barge', 'take-over']) {
      const body = { mode, target };
      expect((await api.as.supervisor.send('POST', `/calls/${id}/supervise`, { body })).status).toBe(201);
      expect((await api.as.agent.send('POST', `/calls/${id}/supervise`, { body })).status).toBe(403);
      const audit = await api.as.admin.get(`/audit?action=call.${mode}`);
      expect(audit.body.items).toMatchObject([{ subjectId: id }]);
    }
    expect(api.centre.commands.at(-1)).toMatchObject({
      command: 'supervise',
      arguments: [id, { mode: 'take-over', userId: api.as.supervisor.userId, target }],
    });
    const change = { body: { mode: 'whisper' } };
    expect((await api.as.supervisor.send('POST', `/calls/${id}/mode`, change)).status).toBe(204);
    const nowhere = await api.as.supervisor.send('POST', `/calls/${id}/supervise`, {
      body: { mode: 'listen' },
    });
    expect(nowhere).toMatchObject({ status: 400, body: { errors: [{ path: 'target' }] } });
  });

  test('[CTL-02] what the call does not allow now is told with its reason', async () => {
    const { id } = leg(newId() as ContactId, 'agent', api.as.agent.userId);
    api.centre.answer = { ok: false, code: 'agent-unreachable', detail: 'No device can be reached.' };
    const answer = await api.as.agent.send('POST', `/calls/${id}/transfer`, {
      body: { kind: 'blind', target: { agentId: newId() } },
    });
    api.centre.answer = { ok: true };
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'command-refused', reason: 'agent-unreachable' },
    });
  });
});
