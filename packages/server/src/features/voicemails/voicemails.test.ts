import type { ContactFact, ContactId, RecordingId } from '@crosspoint/contracts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';
import { messageIn, storeMessages } from '../../../test/messages.ts';
import { type LeftMessage, MessageKeeper } from './keeper.ts';
import { waitingByAgent, WaitingMessages } from './waiting.ts';

let api: TestApi;
let admin: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
});
afterAll(() => api.close());

describe('messages', () => {
  test('[IVR-01] are listed by box, marked as heard, and deleted; the box counts them', async () => {
    const greeting = [{ text: { en: 'Please leave a message.' } }];
    const box = await admin.send('POST', '/voicemail-boxes', { body: { name: 'office', greeting } });
    expect(box, box.text).toMatchObject({ status: 201, body: { greeting, maxSeconds: 120, unheard: 0 } });
    const left = messageIn('office');
    await storeMessages(api.database, left, messageIn('nowhere'));
    // A batch that was on its way when the connection broke comes again.
    await storeMessages(api.database, left);
    const [item] = (await admin.get(`/voicemails?boxId=${box.body.id}&state=unheard`)).body.items;
    expect(item).toMatchObject({ box: 'office', callerName: 'Karel', durationSeconds: 12.5, heardAt: null });
    const path = `/voicemails/${item.id}`;
    const heard = await admin.send('PUT', path, { body: { heard: true } });
    expect(heard.body).toMatchObject({ heardBy: expect.any(String), heardAt: expect.any(String) });
    expect((await admin.get('/voicemails?state=unheard')).body.items).toEqual([]);
    const counted = (await admin.get(`/voicemail-boxes/${box.body.id}`)).body;
    expect(counted).toMatchObject({ messages: 1, unheard: 0 });
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
    expect((await admin.get('/audit?limit=2')).body.items).toMatchObject([
      { action: 'voicemail.deleted' },
      { action: 'voicemail.updated' },
    ]);
  });

  test('[CAR-06] [RFC3842] are counted for the agents of their boxes, who are told when one is heard or deleted', async () => {
    const waiting = () => api.database.inTenant(DEFAULT_TENANT_ID, waitingByAgent);
    const names = { shop: ['ann', 'bob'], lost: ['ann', 'ann'] };
    for (const [name, agents] of Object.entries(names)) {
      const box = await admin.send('POST', '/voicemail-boxes', { body: { name, agents } });
      expect(box, box.text).toMatchObject({ status: 201, body: { agents } });
    }
    await storeMessages(api.database, ...['shop', 'shop', 'lost'].map((name) => messageIn(name)));
    expect((await waiting()).get('ann')).toEqual({ unheard: 3, heard: 0 });
    const { items } = (await admin.get('/voicemails?state=unheard')).body;
    const [first, second] = items.filter(({ box }: { box: string }) => box === 'shop');
    const told = api.centre.messageChanges;
    await admin.send('PUT', `/voicemails/${first.id}`, { body: { heard: true } });
    await admin.send('DELETE', `/voicemails/${second.id}`);
    expect(api.centre.messageChanges).toBe(told + 2);
    expect(Object.fromEntries(await waiting())).toEqual({
      ann: { unheard: 1, heard: 1 },
      bob: { unheard: 0, heard: 1 },
    });
  });

  test('[CAR-06] what waits is read once more when it changes during a reading, and a reading that fails is told', async () => {
    const gates: PromiseWithResolvers<void>[] = [];
    const faults: unknown[] = [];
    const messages = new WaitingMessages(
      () => {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        return gate.promise;
      },
      (error) => void faults.push(error),
    );
    messages.refresh();
    messages.refresh();
    messages.refresh();
    expect(gates).toHaveLength(1);
    const patient = { timeout: 60_000 };
    gates[0]?.reject('away');
    await vi.waitFor(() => expect(gates).toHaveLength(2), patient);
    expect(faults).toEqual(['away']);
    gates[1]?.resolve();
    await vi.waitFor(() => {
      messages.refresh();
      expect(gates.length).toBeGreaterThan(2);
    }, patient);
  });

  test('[QUE-07] a box to which a queue sends callers stays, and one that is not there is named', async () => {
    const box = await admin.send('POST', '/voicemail-boxes', { body: { name: 'sales' } });
    const rule = (name: string) => ({
      condition: { when: 'closed' },
      target: { kind: 'voicemail', box: name },
    });
    const queue = await admin.send('POST', '/queues', { body: { name: 'sales', overflow: [rule('sales')] } });
    expect(queue.status, queue.text).toBe(201);
    const path = `/voicemail-boxes/${box.body.id}`;
    expect(await admin.send('DELETE', path)).toMatchObject({ status: 409, body: { code: 'in-use' } });
    const wrong = await admin.send('POST', '/queues', { body: { name: 'x', overflow: [rule('none')] } });
    expect(wrong.body.errors).toMatchObject([{ path: 'overflow.0.target.box', value: 'none' }]);
  });
});

describe('[VM-03] a message', () => {
  let inboxId: string;
  let otherId: string;
  const list = async (query: string) => (await admin.get(`/voicemails?boxId=${inboxId}&${query}`)).body.items;

  beforeAll(async () => {
    inboxId = (await admin.send('POST', '/voicemail-boxes', { body: { name: 'inbox' } })).body.id;
    otherId = (await admin.send('POST', '/voicemail-boxes', { body: { name: 'other' } })).body.id;
    const day = 86_400_000;
    for (const [at, callerName, durationMs] of [
      [1, 'Beata', 9_000],
      [2, 'Adam', 30_000],
      [3, 'Cyril', 2_000],
    ] as const) {
      await storeMessages(api.database, messageIn('inbox', { leftAt: at * day, callerName, durationMs }));
    }
  });

  test('is sorted by time, length and caller, page by page, and found within a span of time', async () => {
    const names = async (query: string) =>
      (await list(query)).map(({ callerName }: { callerName: string }) => callerName).join(' ');
    expect(await names('sort=at')).toBe('Beata Adam Cyril');
    expect(await names('sort=-duration')).toBe('Adam Beata Cyril');
    expect(await names('sort=caller')).toBe('Adam Beata Cyril');
    expect(await names('from=1970-01-03T00:00:00.000Z&to=1970-01-04T00:00:00.000Z')).toBe('Adam');
    const first = (await admin.get(`/voicemails?boxId=${inboxId}&sort=-caller&limit=2`)).body;
    expect(await names(`sort=-caller&limit=2&cursor=${first.nextCursor}`)).toBe('Adam');
  });

  test('lies in the archive and not in the box, until it is taken out', async () => {
    const [{ id }] = await list('sort=at');
    const put = (body: object) => admin.send('PUT', `/voicemails/${id}`, { body });
    expect((await put({ archived: true })).body).toMatchObject({
      archivedAt: expect.any(String),
      heardAt: null,
    });
    expect((await list('state=archived')).map((each: { id: string }) => each.id)).toEqual([id]);
    for (const state of ['unheard', 'inbox']) expect(await list(`state=${state}`)).toHaveLength(2);
    expect((await admin.get(`/voicemail-boxes/${inboxId}`)).body).toMatchObject({ unheard: 2, messages: 2 });
    expect((await put({ archived: false, heard: true })).body).toMatchObject({ archivedAt: null });
    expect(await list('state=heard')).toHaveLength(1);
    expect((await put({})).status).toBe(400);
  });

  test('is sent on with a note, new to everybody there, and stays where it is', async () => {
    const [{ id, recordingId }] = await list('sort=at');
    const path = `/voicemails/${id}/forward`;
    const body = { boxId: otherId, note: 'Please call back' };
    const sent = await admin.send('POST', path, { body });
    expect(sent, sent.text).toMatchObject({
      status: 201,
      body: {
        ...{ boxId: otherId, recordingId, note: body.note, forwardedFrom: 'inbox', heardAt: null },
        forwardedBy: 'the-admin by name',
      },
    });
    expect(await list('')).toHaveLength(3);
    expect((await admin.get(`/voicemails?search=call back`)).body.items).toHaveLength(1);
    expect((await admin.get('/audit?limit=1')).body.items).toMatchObject([
      { action: 'voicemail.forwarded', after: { from: 'inbox', to: 'other', note: body.note } },
    ]);
    const back = await admin.send('POST', path, { body: { boxId: inboxId } });
    expect(back.body.errors).toMatchObject([{ path: 'boxId' }]);
    const nowhere = await admin.send('POST', path, { body: { boxId: newId() } });
    expect(nowhere.body.code).toBe('reference-unknown');
  });
});

describe('[VM-05] the PIN of a box', () => {
  test('is set by whom the box names, never shown, logged or told back, and removed', async () => {
    const owner = await api.addCaller({ username: 'olga', role: 'agent' });
    const stranger = await api.addCaller({ username: 'petr', role: 'agent' });
    const box = { name: 'pinned', number: '811', agents: ['olga'] };
    const { id } = (await admin.send('POST', '/voicemail-boxes', { body: box })).body;
    const path = `/voicemail-boxes/${id}/pin`;
    expect((await owner.get(`/voicemail-boxes/${id}`)).body).toMatchObject({ hasPin: false, number: '811' });
    for (const pin of ['123', '1234', '9999', '87654', '12345678901', 'abcd']) {
      const refused = await owner.send('PUT', path, { body: { pin } });
      expect(refused.status, pin).toBe(400);
      expect(refused.text).not.toContain(`"${pin}"`);
    }
    expect((await stranger.send('PUT', path, { body: { pin: '2580' } })).status).toBe(404);
    expect((await owner.send('PUT', path, { body: { pin: '2580' } })).status).toBe(204);
    const shown = await owner.get(`/voicemail-boxes/${id}`);
    expect(shown.body.hasPin).toBe(true);
    expect(shown.text).not.toContain('2580');
    const audit = await admin.get('/audit?limit=1');
    expect(audit.body.items).toMatchObject([{ action: 'voicemail-box.pin-set', after: { name: 'pinned' } }]);
    expect(audit.text).not.toContain('2580');
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await owner.get(`/voicemail-boxes/${id}`)).body.hasPin).toBe(false);
  });

  test('is asked for at the numbers that everybody who hears messages is told, with every box by its name', async () => {
    const number = { number: '*97', target: { kind: 'voicemail-menu', language: 'es' } };
    expect((await admin.send('POST', '/numbers', { body: number })).body).toMatchObject(number);
    const agent = await api.addCaller({ username: 'dora', role: 'agent' });
    const { body } = await agent.get('/voicemail-boxes/directory');
    expect(body.numbers).toEqual(['*97']);
    expect(body.boxes.map(({ name }: { name: string }) => name)).toContain('pinned');
    expect((await api.as.analyst.get('/voicemail-boxes/directory')).status).toBe(403);
  });

  test('opens one box: its number is its own', async () => {
    const number = String(Date.now() % 1e9);
    const add = (name: string) =>
      admin.send('POST', '/voicemail-boxes', { body: { name: `${name} ${number}`, number } });
    const answers = await Promise.all(['first', 'second', 'third'].map(add));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    const [refused] = answers.filter(({ status }) => status === 409);
    const fault = { path: 'number', value: number };
    expect(refused).toMatchObject({ body: { code: 'name-taken', errors: [fault] } });
    const name = `fourth ${number}`;
    const { id } = (await admin.send('POST', '/voicemail-boxes', { body: { name } })).body;
    const changed = await admin.send('PUT', `/voicemail-boxes/${id}`, { body: { name, number } });
    expect(changed.body.code).toBe('name-taken');
  });
});

describe('[API-04] an agent', () => {
  let agent: Caller;
  let stranger: Caller;
  let ownBoxId: string;
  let foreignBoxId: string;
  const own = messageIn('yard');
  const foreign = messageIn('office-only');
  const agentsMessage = async () => (await agent.get('/voicemails')).body.items[0];
  const foreignMessage = async () =>
    (await admin.get(`/voicemails?boxId=${foreignBoxId}`)).body.items[0] as { id: string };

  beforeAll(async () => {
    agent = await api.addCaller({ username: 'eve', role: 'agent' });
    stranger = await api.addCaller({ username: 'ivan', role: 'agent' });
    const box = async (name: string, agents: string[]) =>
      (await admin.send('POST', '/voicemail-boxes', { body: { name, agents } })).body.id;
    ownBoxId = await box('yard', ['eve']);
    foreignBoxId = await box('office-only', ['evelyn']);
    for (const kept of [own, foreign]) {
      await storeMessages(api.database, kept);
      await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
        transaction
          .insertInto('recordings')
          .values({
            ...{ id: kept.recordingId, tenant_id: DEFAULT_TENANT_ID, contact_id: kept.contactId },
            ...{ path: `${kept.recordingId}.wav`, format: 'wav', channels: 1, sample_rate: 8000 },
            ...{ status: 'complete', started_at: new Date(kept.leftAt) },
          })
          .execute(),
      );
    }
  });

  test('sees the boxes that name them and the messages in them, and no others', async () => {
    expect((await agent.get('/voicemail-boxes')).body.items).toMatchObject([{ name: 'yard', unheard: 1 }]);
    const { items } = (await agent.get('/voicemails')).body;
    expect(items).toMatchObject([{ box: 'yard', recordingId: own.recordingId }]);
    expect((await agent.get(`/voicemails?boxId=${foreignBoxId}`)).body.items).toEqual([]);
    expect((await agent.get(`/voicemail-boxes/${ownBoxId}`)).status).toBe(200);
    for (const path of [`/voicemail-boxes/${foreignBoxId}`, `/voicemails/${(await foreignMessage()).id}`]) {
      expect((await agent.get(path)).status, path).toBe(404);
    }
    expect((await stranger.get('/voicemails')).body.items).toEqual([]);
    expect((await stranger.get('/voicemail-boxes')).body.items).toEqual([]);
  });

  test('hears what lies in these boxes, as long as it lies there', async () => {
    const path = `/recordings/${own.recordingId}`;
    expect((await agent.get(path)).body).toMatchObject({ id: own.recordingId });
    // The file is on no disk: whoever may hear it is told so, and everybody else that there is nothing.
    expect((await agent.get(`${path}/download`)).body.code).toBe('recording-unavailable');
    for (const [caller, id] of [
      [stranger, own.recordingId],
      [agent, foreign.recordingId],
    ] as const) {
      expect((await caller.get(`/recordings/${id}`)).status).toBe(404);
      expect((await caller.get(`/recordings/${id}/download`)).status).toBe(404);
      expect((await caller.get(`/recordings/${id}/waveform`)).status).toBe(404);
    }
    expect((await agent.get('/recordings')).body.items).toMatchObject([{ id: own.recordingId }]);
    const withoutVoicemail = await api.addCaller({
      ...{ username: 'ida', role: 'agent', scopes: ['recordings.read', 'recordings.listen'] },
    });
    const settings = { name: 'yard', agents: ['eve', 'ida'] };
    const { etag } = (await admin.get(`/voicemail-boxes/${ownBoxId}`)).headers;
    const headers = { 'if-match': String(etag) };
    await admin.send('PUT', `/voicemail-boxes/${ownBoxId}`, { body: settings, headers });
    expect((await withoutVoicemail.get(path)).status).toBe(404);
  });

  test('marks and deletes them, changes no box, and touches nothing of another box', async () => {
    const { id } = await agentsMessage();
    const path = `/voicemails/${id}`;
    const heard = await agent.send('PUT', path, { body: { heard: true } });
    expect(heard.body).toMatchObject({ heardBy: 'eve by name' });
    const foreignPath = `/voicemails/${(await foreignMessage()).id}`;
    expect((await agent.send('PUT', foreignPath, { body: { heard: true } })).status).toBe(404);
    expect((await agent.send('DELETE', foreignPath)).status).toBe(404);
    expect(await foreignMessage()).toMatchObject({ heardAt: null });
    const body = { name: 'yard', agents: ['eve'] };
    for (const [method, boxPath] of [
      ['POST', '/voicemail-boxes'],
      ['PUT', `/voicemail-boxes/${ownBoxId}`],
      ['DELETE', `/voicemail-boxes/${ownBoxId}`],
    ] as const) {
      const refused = await agent.send(method, boxPath, method === 'DELETE' ? {} : { body });
      expect(refused, method).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    expect((await agent.send('DELETE', path)).status).toBe(204);
    expect((await agent.get(path)).status).toBe(404);
    // The recording stays with the contact, which is not the agent's.
    expect((await agent.get(`/recordings/${own.recordingId}`)).status).toBe(404);
  });

  test('is not needed by a supervisor to see everything', async () => {
    expect((await api.as.supervisor.get('/voicemails')).body.items.length).toBeGreaterThan(0);
    expect((await api.as.analyst.get('/voicemails')).status).toBe(403);
  });
});

describe('the keeper of messages', () => {
  const contactId = 'c' as ContactId;
  const recordingId = 'r' as RecordingId;
  const closed: ContactFact = { contactId, seq: 10, at: 1_001, type: 'contact.closed', data: {} };
  const left = { contactId, seq: 9, at: 1_000, type: 'voicemail.left' } as const;
  const hasWords = (durationMs: number) => durationMs > 1_000;
  const changed = vi.fn();
  const expected = (box = 'office') => {
    changed.mockClear();
    const keeper = new MessageKeeper({ newId: () => 'v1', hasBox: (each) => each === 'office', changed });
    return { keeper, outcome: keeper.expect(recordingId, { box, contactId, hasWords }) };
  };
  const fact = ({ voicemailId, box }: LeftMessage): ContactFact => ({
    ...left,
    data: { voicemailId, box, recordingId, durationMs: 5_000 },
  });

  test('[IVR-01] a message is one once its recording is complete, and kept when its fact is stored', async () => {
    const { keeper, outcome } = expected();
    const message = keeper.recorded(recordingId, 5_000, true);
    expect(message).toEqual({ voicemailId: 'v1', box: 'office' });
    keeper.fact(closed);
    expect(keeper.recorded(recordingId, 5_000, true), 'it is left once').toBeUndefined();
    keeper.left([closed, fact(message as LeftMessage)], Promise.resolve(true));
    expect(await outcome).toBeUndefined();
    expect(changed).toHaveBeenCalledOnce();
  });

  test.each([
    ['without words is none', 'office', 500, true, 'nothing-said'],
    ['whose recording failed is not kept', 'office', 5_000, false, 'not-kept'],
    ['for a box that is gone is not kept', 'nowhere', 5_000, true, 'unknown-box'],
  ])('[IVR-01] a message %s', async (_what, box, durationMs, complete, failure) => {
    const { keeper, outcome } = expected(box);
    expect(keeper.recorded(recordingId, durationMs, complete)).toBeUndefined();
    expect(await outcome).toBe(failure);
  });

  test('[IVR-01] a message of a caller who goes before the tone is none', async () => {
    const { keeper, outcome } = expected();
    keeper.fact(closed);
    expect(await outcome).toBe('nothing-said');
    expect(keeper.recorded(recordingId, 5_000, true)).toBeUndefined();
  });

  test('[IVR-01] facts that cannot be stored are told to the caller as a message that was not kept', async () => {
    const { keeper, outcome } = expected();
    const message = keeper.recorded(recordingId, 5_000, true) as LeftMessage;
    keeper.left([fact(message)], Promise.resolve(false));
    expect(await outcome).toBe('not-kept');
  });
});
