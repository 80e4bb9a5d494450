import { join } from 'node:path';
import type { AgentId, ContactId, EntryId, LegId, QueueId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentLive, type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { factsOf, START, storeContact, storeRecording } from '../../../test/contacts.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';

let api: TestApi;
let queueId: QueueId;
let colleague: Caller;
/** Answered by the agent, answered by a colleague, abandoned, and one that still waits. */
let answered: ContactId;
let ofColleague: ContactId;
let abandoned: ContactId;
let waiting: ContactId;
const recordingId = newId();

beforeAll(async () => {
  api = await createTestApi();
  colleague = await api.addCaller({ username: 'colleague', role: 'agent' });
  const answer = await api.as.admin.send('POST', '/queues', { body: { name: 'support' } });
  queueId = answer.body.id;
  const made = [newId(), newId(), newId(), newId()] as ContactId[];
  [answered, ofColleague, abandoned, waiting] = made as [ContactId, ContactId, ContactId, ContactId];
  await storeContact(api, queueId, factsOf(queueId, answered, START + 1, api.as.agent.userId as AgentId));
  await storeContact(
    api,
    queueId,
    factsOf(queueId, ofColleague, START + 60_002, colleague.userId as AgentId),
  );
  await storeContact(api, queueId, factsOf(queueId, abandoned, START + 120_003, null));
  const live = factsOf(queueId, waiting, START + 180_004, null).slice(0, 2);
  await storeContact(api, queueId, live);
  api.centre.facts.set(waiting, live);
  await storeRecording(api, {
    ...{ id: recordingId, contactId: answered, queueId, agentId: api.as.agent.userId },
  });
});
afterAll(() => api.close());

const idsIn = async (who: Caller, query = '') =>
  (await who.get(`/contacts${query}`)).body.items.map((contact: { id: string }) => contact.id);

describe('the list of contacts', () => {
  test('[ANA-01] newest first, with names, outcome and segments', async () => {
    const { body } = await api.as.admin.get('/contacts');
    expect(body.items.map((contact: { id: string }) => contact.id)).toEqual([
      waiting,
      abandoned,
      ofColleague,
      answered,
    ]);
    expect(body.items[3]).toMatchObject({
      number: '700',
      queue: 'support',
      agent: 'the-agent by name',
      outcome: 'answered',
      startedAt: '2026-11-21T08:00:00.001Z',
      endedAt: '2026-11-21T08:01:04.001Z',
      waitSeconds: 4,
      talkSeconds: 55,
      hasRecording: true,
      segments: [
        { number: 1, kind: 'queue', queue: 'support', result: 'answered', waitSeconds: 4 },
        { number: 2, kind: 'conversation', agent: 'the-agent by name', talkSeconds: 55, holdSeconds: 5 },
      ],
    });
  });

  test('[SUP-01] a live contact is told from its facts as they are now', async () => {
    const { body } = await api.as.admin.get('/contacts?live=true');
    expect(body.items).toMatchObject([{ id: waiting, state: 'waiting', outcome: null, endedAt: null }]);
  });

  test('[ANA-01] can be searched and filtered', async () => {
    const { admin } = api.as;
    expect(await idsIn(admin, '?outcome=answered&outcome=abandoned')).toEqual([
      abandoned,
      ofColleague,
      answered,
    ]);
    expect(await idsIn(admin, `?agentId=${colleague.userId}`)).toEqual([ofColleague]);
    expect(await idsIn(admin, '?search=%2B420 60000-1')).toEqual([answered]);
    expect(await idsIn(admin, `?search=${abandoned}`)).toEqual([abandoned]);
    expect(await idsIn(admin, '?search=eva&live=false')).toHaveLength(3);
    expect(await idsIn(admin, '?hasRecording=true')).toEqual([answered]);
    expect(await idsIn(admin, `?queueId=${newId()}`)).toEqual([]);
    expect(await idsIn(admin, '?from=2026-11-21T08:01:00Z&to=2026-11-21T08:02:30Z')).toEqual([
      abandoned,
      ofColleague,
    ]);
  });

  test('[ANA-01] names the queue also when it was deleted since', async () => {
    const made = await api.as.admin.send('POST', '/queues', { body: { name: 'closed down' } });
    const gone = newId() as ContactId;
    const early = START - 86_400_000;
    await storeContact(api, made.body.id, factsOf(made.body.id, gone, early, api.as.agent.userId as AgentId));
    expect((await api.as.admin.send('DELETE', `/queues/${made.body.id}`)).status).toBe(204);
    const { items } = (await api.as.admin.get(`/contacts?to=${new Date(early + 1_000).toISOString()}`)).body;
    expect(items).toMatchObject([
      { id: gone, queue: 'closed down', segments: [{ queue: 'closed down' }, {}] },
    ]);
    await api.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
      await transaction.deleteFrom('contact_events').where('contact_id', '=', gone).execute();
      await transaction.deleteFrom('contacts').where('id', '=', gone).execute();
    });
  });

  test('[ANA-01] pages and sorts', async () => {
    const { admin } = api.as;
    for (const sort of ['-startedAt', 'startedAt', '-waitSeconds', 'durationSeconds']) {
      const whole = await idsIn(admin, `?sort=${sort}`);
      const first = (await admin.get(`/contacts?sort=${sort}&limit=3`)).body;
      const rest = await idsIn(admin, `?sort=${sort}&limit=3&cursor=${first.nextCursor}`);
      expect([...first.items.map((contact: { id: string }) => contact.id), ...rest]).toEqual(whole);
    }
    expect((await idsIn(admin, '?sort=-waitSeconds'))[0]).toBe(abandoned);
  });

  test('[TEAM-03] an agent sees the own contacts', async () => {
    expect(await idsIn(api.as.agent)).toEqual([answered]);
    expect(await idsIn(api.as.agent, `?agentId=${colleague.userId}`)).toEqual([]);
    expect((await api.as.agent.get(`/contacts/${answered}`)).status).toBe(200);
    expect((await api.as.agent.get(`/contacts/${ofColleague}`)).status).toBe(404);
  });
});

describe('one contact', () => {
  test('[ANA-01] has one timeline, its recordings, and the names that the timeline mentions', async () => {
    const { body } = await api.as.admin.get(`/contacts/${answered}`);
    expect(body.timeline.map((fact: { seq: number; type: string }) => `${fact.seq} ${fact.type}`)).toEqual([
      '1 contact.started',
      '2 queue.entered',
      '3 offer.made',
      '4 offer.ended',
      '5 queue.left',
      '6 segment.started',
      '7 segment.ended',
      '8 contact.ended',
      '9 contact.closed',
    ]);
    expect(body.timeline[0].at).toBe('2026-11-21T08:00:00.001Z');
    expect(body.names).toEqual({ [queueId]: 'support', [api.as.agent.userId]: 'the-agent by name' });
    expect(body.recordings).toMatchObject([{ id: recordingId, channelParties: ['customer', 'agent'] }]);
  });

  test('[QUE-14] why it still waits', async () => {
    const agentId = api.as.agent.userId as AgentId;
    api.centre.waits.set(waiting, {
      entry: {
        entryId: `${waiting}/q1` as EntryId,
        contactId: waiting,
        queueId,
        priority: 0,
        position: 1,
        givenPriority: 0,
        enteredAt: START,
        agedSince: START - 60_000,
        offeredTo: null,
        ringing: 0,
        routingAttempts: 2,
        estimatedWaitMs: 42_000,
        ...{ isCallback: false, segments: [], requirement: { skill: 'billing', level: 3 }, language: null },
      },
      ahead: 0,
      step: {
        number: 2,
        count: 3,
        kind: 'required',
        requirement: { skill: 'billing', level: 3 },
        agentIds: [agentId],
        until: START + 60_000,
      },
      rulesVersion: 7,
      strategy: 'longest-idle',
      agents: [
        { agentId, reason: 'wrap-up', until: START + 30_000, lacks: null },
        { agentId, reason: 'lacks-requirement', until: null, lacks: { skill: 'billing', level: 3 } },
      ],
    });
    const { body } = await api.as.supervisor.get(`/contacts/${waiting}/explain`);
    expect(body).toMatchObject({
      queue: 'support',
      position: 1,
      routingAttempts: 2,
      estimatedWaitSeconds: 42,
      agedSince: '2026-11-21T07:59:00.000Z',
      rulesVersion: 7,
      step: {
        number: 2,
        count: 3,
        requirement: { skill: 'billing', level: 3 },
        agents: [{ name: 'the-agent by name' }],
        until: '2026-11-21T08:01:00.000Z',
      },
      summary: expect.stringMatching(
        /^First in line in support, waits for \d+ s\. Of 2 agents: 1 is in wrap-up; 1 lacks /,
      ),
      agents: [
        {
          ...{ name: 'the-agent by name', reason: 'wrap-up', until: '2026-11-21T08:00:30.000Z' },
          text: 'the-agent by name is in wrap-up, until 2026-11-21T08:00:30.000Z.',
        },
        { text: 'the-agent by name lacks the skill billing at level 3.' },
      ],
    });
    const over = await api.as.supervisor.get(`/contacts/${answered}/explain`);
    expect(over).toMatchObject({ status: 409, body: { code: 'not-waiting' } });
    expect((await api.as.supervisor.get(`/contacts/${newId()}/explain`)).status).toBe(404);
  });
});

describe('calls', () => {
  const leg = (agentId: string | null, contactId: ContactId) => ({
    id: newId() as LegId,
    contactId,
    party: agentId === null ? ('customer' as const) : ('agent' as const),
    agentId: agentId as AgentId | null,
    queueId,
    carrier: 'sip',
    carrierId: 'call-id',
    address: 'sip:x',
    number: '700',
    state: 'talking' as const,
    role: agentId === null ? ('customer' as const) : ('agent' as const),
    muted: false,
    supervision: null,
    locked: false,
    recorded: true,
    recordingPaused: false,
    waitingSince: null,
    since: '2026-11-21T08:00:00.000Z',
    startedAt: '2026-11-21T08:00:00.000Z',
    quality: null,
  });

  test('[CTL-01] are seen and commanded by those who may', async () => {
    const mine = [leg(null, waiting), leg(api.as.agent.userId, waiting)] as const;
    const other = [leg(null, ofColleague), leg(colleague.userId, ofColleague)] as const;
    api.centre.legs.push(...mine, ...other);
    const all = await api.as.supervisor.get('/calls');
    expect(all.body.items).toHaveLength(4);
    expect(all.body.items.find((call: { id: string }) => call.id === mine[1].id)).toMatchObject({
      agent: 'the-agent by name',
      queue: 'support',
      callerPhone: expect.stringMatching(/^\+420/),
    });
    const own = await api.as.agent.get('/calls');
    expect(own.body.items.map((call: { id: string }) => call.id).toSorted()).toEqual(
      mine.map((call) => call.id).toSorted(),
    );
    expect((await api.as.agent.send('POST', `/calls/${other[0].id}/hangup`)).status).toBe(404);
    expect((await api.as.agent.send('POST', `/calls/${mine[0].id}/hold`)).status).toBe(204);
    expect(api.centre.commands.at(-1)).toEqual({
      command: 'hold',
      arguments: [mine[0].id, { kind: 'agent', userId: api.as.agent.userId }],
    });
    expect((await api.as.supervisor.send('POST', `/calls/${other[0].id}/hangup`)).status).toBe(204);
    const { body } = await api.as.admin.get('/audit?action=call.hangup');
    expect(body.items).toMatchObject([{ subjectId: other[0].id, after: { contactId: ofColleague } }]);
    api.centre.answer = { ok: false, code: 'call-wrong-state', detail: 'The call is not on hold.' };
    const refused = await api.as.agent.send('POST', `/calls/${mine[0].id}/resume`);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'command-refused', reason: 'call-wrong-state' },
    });
    api.centre.answer = { ok: true };
  });

  test('[CTL-04] wrap-up is finished and extended, the own by an agent, any by a supervisor', async () => {
    const agentId = api.as.agent.userId as AgentId;
    const caller = { callerPhone: '+1', callerName: '', startedAt: new Date().toISOString() };
    const inWrapUp = { contactId: answered, queueId, ...caller, state: 'wrap-up' };
    api.centre.agentsById.set(agentId, agentLive(agentId, { contacts: [inWrapUp] }));
    const path = `/contacts/${answered}/wrapup`;
    expect((await api.as.agent.send('POST', path, { body: { action: 'finish' } })).status).toBe(204);
    expect(api.centre.commands.at(-1)).toMatchObject({
      command: 'finishWrapUp',
      arguments: [agentId, answered, { kind: 'agent' }],
    });
    const until = new Date(api.clock.nowMs + 60_000).toISOString();
    expect((await api.as.supervisor.send('POST', path, { body: { action: 'extend', until } })).status).toBe(
      204,
    );
    expect(api.centre.commands.at(-1)).toMatchObject({
      command: 'extendWrapUp',
      arguments: [agentId, answered, Date.parse(until), { kind: 'supervisor' }],
    });
    const past = await api.as.agent.send('POST', path, {
      body: { action: 'extend', until: '2020-01-01T00:00:00Z' },
    });
    expect(past).toMatchObject({ status: 400, body: { errors: [{ path: 'until' }] } });
    expect((await colleague.send('POST', path, { body: { action: 'finish' } })).status).toBe(404);
  });
});

describe('recordings', () => {
  const path = `/recordings/${recordingId}`;
  const download = (who: Caller, range?: string) =>
    api.app.inject({
      method: 'GET',
      url: `/api/v1${path}/download`,
      headers: { ...who.headers, ...(range === undefined ? {} : { range }) },
    });

  test('[REC-07] are listed and filtered', async () => {
    const { admin } = api.as;
    for (const query of [
      '',
      `?contactId=${answered}`,
      `?agentId=${api.as.agent.userId}`,
      '?search=eva',
      '?status=complete',
    ]) {
      expect((await admin.get(`/recordings${query}`)).body.items, query).toMatchObject([
        { id: recordingId, queue: 'support' },
      ]);
    }
    expect((await admin.get(`/recordings?contactId=${abandoned}`)).body.items).toEqual([]);
    expect((await colleague.get('/recordings')).body.items).toEqual([]);
    expect((await colleague.get(path)).status).toBe(404);
  });

  test('[REC-08] are downloaded whole, and by range', async () => {
    const whole = await download(api.as.agent);
    expect(whole.statusCode).toBe(200);
    expect(whole.headers).toMatchObject({
      'content-type': 'audio/wav',
      'accept-ranges': 'bytes',
      'content-length': '64044',
    });
    expect(whole.headers['content-disposition']).toMatch(
      /^attachment; filename="2026-11-21_08-00-00_\+42060000\d+\.wav"$/,
    );
    expect(whole.rawPayload.subarray(0, 4).toString()).toBe('RIFF');
    const part = await download(api.as.admin, 'bytes=44-143');
    expect(part.statusCode).toBe(206);
    expect(part.headers['content-range']).toBe('bytes 44-143/64044');
    expect(part.rawPayload.equals(whole.rawPayload.subarray(44, 144))).toBe(true);
    const tail = await download(api.as.admin, 'bytes=-10');
    expect(tail.rawPayload.equals(whole.rawPayload.subarray(-10))).toBe(true);
    const beyond = await download(api.as.admin, 'bytes=64044-');
    expect(beyond.statusCode).toBe(416);
    expect(beyond.headers['content-range']).toBe('bytes */64044');
    expect(beyond.json().code).toBe('range-unsatisfiable');
  });

  test('[REC-03] each access is in the audit log, and needs the permission', async () => {
    await download(api.as.supervisor);
    const { body } = await api.as.admin.get('/audit?action=recording.downloaded&limit=1');
    expect(body.items[0]).toMatchObject({
      subjectId: recordingId,
      actor: { userId: api.as.supervisor.userId },
    });
    expect((await download(api.as.analyst)).statusCode).toBe(403);
    expect((await download(colleague)).statusCode).toBe(404);
  });

  test('[REC-07] have a waveform with a lane for each speaker, also from the file kept beside', async () => {
    const first = await api.as.admin.get(`${path}/waveform`);
    expect(first.body).toMatchObject({
      durationSeconds: 2,
      channels: 2,
      peaksPerSecond: 50,
      channelParties: ['customer', 'agent'],
    });
    const [customer, agent] = first.body.peaks as [number[], number[]];
    expect(customer).toHaveLength(100);
    expect(Math.min(...customer.slice(0, 50))).toBeCloseTo(0.977, 2);
    expect(Math.max(...customer.slice(50))).toBe(0);
    expect(Math.max(...agent.slice(0, 50))).toBe(0);
    expect(Math.min(...agent.slice(50))).toBe(0.5);
    const second = await api.as.admin.get(`${path}/waveform`);
    expect(second.body).toEqual(first.body);
  });

  test('[REC-08] whose file is gone say so, and one that lies elsewhere is never opened', async () => {
    const move = (to: string) =>
      api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
        transaction.updateTable('recordings').set({ path: to }).where('id', '=', recordingId).execute(),
      );
    await move(join(api.settings.dataDir, 'recordings/2026/gone.wav'));
    expect((await download(api.as.admin)).json()).toMatchObject({
      code: 'recording-unavailable',
      status: 409,
    });
    await move('/etc/passwd');
    expect((await download(api.as.admin)).statusCode).toBe(500);
    await move('../secrets.key');
    expect((await download(api.as.admin)).statusCode).toBe(500);
  });
});

test('[API-01] a contact that the stream has told of is there, though its first facts are still on their way to the database', async () => {
  const id = newId() as ContactId;
  const facts = factsOf(queueId, id, START + 240_005, null).slice(0, 2);
  api.centre.facts.set(id, facts);
  expect((await api.as.admin.get(`/contacts/${id}`)).status).toBe(404);
  api.centre.onTheirWay.set(id, () => storeContact(api, queueId, facts));
  const { status, body } = await api.as.admin.get(`/contacts/${id}`);
  expect(status).toBe(200);
  expect(body.timeline).toHaveLength(2);
});
