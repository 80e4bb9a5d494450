import type { ContactId, RecordingId, UserId } from '@crosspoint/contracts';
import { promptText, speak, type Utterance } from '@crosspoint/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { messageIn, storeMessages } from '../../../test/messages.ts';
import { DEFAULT_TENANT_ID, newId } from '../../platform/index.ts';
import type { ServiceAnswer } from '../telephone/index.ts';
import { heading, spoken } from './spoken.ts';
import { VoicemailTelephone } from './telephone.ts';

let api: TestApi;
let admin: Caller;
let agentId: UserId;
let telephone: VoicemailTelephone;
let now = Date.UTC(2030, 0, 9, 12);
const boxes = { mine: '', shared: '', bare: '' };
const pin = '2580';

beforeAll(async () => {
  api = await createTestApi();
  ({ admin } = api.as);
  agentId = (await api.addCaller({ username: 'ann', role: 'agent' })).userId as UserId;
  const add = async (body: object) => (await admin.send('POST', '/voicemail-boxes', { body })).body.id;
  boxes.mine = await add({ name: 'mine', number: '801', agents: ['ann'], language: 'cs' });
  boxes.shared = await add({ name: 'shared', number: '802', agents: ['bob'] });
  boxes.bare = await add({ name: 'bare', number: '803' });
  for (const id of [boxes.mine, boxes.shared]) {
    await admin.send('PUT', `/voicemail-boxes/${id}/pin`, { body: { pin } });
  }
});
afterAll(() => api.close());

beforeEach(() => {
  telephone = new VoicemailTelephone({
    ...{ database: api.database, tenantId: DEFAULT_TENANT_ID as never, now: () => now },
    timeZone: () => 'Europe/Prague',
    soundOf: async (id) => `/sounds/${id}.wav`,
    spokenText: async () => undefined,
    keepGreeting: async () => undefined,
    mayCall: (number) => number !== '+999',
    messagesChanged: () => undefined,
  });
});

/** Asks as a call does: what a service sets is known to the next one. */
class Call {
  values: Record<string, string | number | boolean> = { caller: '+420777', language: 'en' };
  async ask(service: string, given: Record<string, string> = {}): Promise<ServiceAnswer> {
    const values = { ...this.values, ...given };
    const answer = await telephone.answer({ contactId: 'c' as ContactId, service, values });
    this.values = { ...values, ...answer.values };
    return answer;
  }
  async way(service: string, given: Record<string, string> = {}): Promise<string> {
    return (await this.ask(service, given)).way;
  }
}

const words = (says: readonly Utterance[] = []) =>
  says
    .map((each) =>
      each.kind === 'sentence'
        ? promptText(each.language, speak(each.language, each.sentence))
        : each.kind === 'sound'
          ? '[sound]'
          : each.text,
    )
    .join(' ');

async function leave(box: string, callerPhone = '+420555000111'): Promise<string> {
  const recordingId = newId() as RecordingId;
  const leftAt = (now += 60_000);
  const of = { recordingId, callerPhone, callerName: '', leftAt, durationMs: 5_000 };
  await storeMessages(api.database, messageIn(box, of));
  return recordingId;
}

async function opened(): Promise<Call> {
  const call = new Call();
  expect(await call.way('box.begin', { agentId })).toBe('one');
  expect(await call.way('box.open', { pin })).toBe('open');
  return call;
}

describe('[TEL-4] a box', () => {
  test('of the own telephone is opened by its PIN, in its language, and the PIN is forgotten', async () => {
    const call = await opened();
    expect(call.values).toMatchObject({ box: boxes.mine, language: 'cs', pin: '' });
  });

  test('is asked for by its number from elsewhere', async () => {
    const call = new Call();
    expect(await call.way('box.begin', { agentId: '' })).toBe('none');
    expect(await call.way('box.open', { boxNumber: '802', pin })).toBe('open');
    expect(call.values).toMatchObject({ box: boxes.shared, own: '' });
  });

  test('without a PIN, or that is not there, is refused as with a wrong one', async () => {
    for (const boxNumber of ['803', '899']) {
      const call = new Call();
      await call.ask('box.begin', { agentId: '' });
      expect(await call.way('box.open', { boxNumber, pin })).toBe('wrong-number');
    }
  });

  test('of several is chosen by key', async () => {
    const several = await admin.send('POST', '/voicemail-boxes', {
      body: { name: 'another', number: '804', agents: ['ann'] },
    });
    const call = new Call();
    const asked = await call.ask('box.begin', { agentId });
    expect(asked.way).toBe('several');
    expect(words(asked.says)).toBe(
      'For the mailbox eight zero four press one For the mailbox eight zero one press two',
    );
    expect(await call.way('box.choose', { choice: '7' })).toBe('wrong');
    expect(await call.way('box.choose', { choice: '1' })).toBe('unset');
    expect(await call.way('box.choose', { choice: '2' })).toBe('one');
    const headers = { 'if-match': String(several.headers['etag']) };
    await admin.send('DELETE', `/voicemail-boxes/${several.body.id}`, { headers });
  });
});

describe('[TEL-3] a wrong PIN', () => {
  test('is asked for again twice, and the third ends the call', async () => {
    const call = new Call();
    await call.ask('box.begin', { agentId });
    const ways = [];
    for (let times = 0; times < 3; times++) ways.push(await call.way('box.open', { pin: '1' }));
    expect(ways).toEqual(['wrong', 'wrong', 'locked']);
    const audit = (await admin.get('/audit?limit=3')).body.items;
    const refused = { action: 'voicemail-box.pin-refused', subjectId: boxes.mine };
    expect(audit).toMatchObject([refused, refused, refused]);
  });

  test('given too often is refused unseen, for longer each time, for that source and that box', async () => {
    const tries = async (caller: string, boxNumber: string, keyed: string) => {
      const call = new Call();
      call.values['caller'] = caller;
      await call.ask('box.begin', { agentId: '' });
      return call.way('box.open', { boxNumber, pin: keyed });
    };
    for (let times = 0; times < 6; times++) await tries('+1', '802', '1');
    expect(await tries('+1', '802', pin)).toBe('locked');
    expect(await tries('+1', '801', pin)).toBe('locked');
    // Others may go on until the box itself has been guessed at too often.
    expect(await tries('+2', '802', pin)).toBe('open');
    for (let source = 10; source < 16; source++) await tries(`+${source}`, '802', '1');
    expect(await tries('+3', '802', pin)).toBe('locked');
    now += 16 * 60_000;
    expect(await tries('+1', '802', pin)).toBe('open');
  });
});

describe('[TEL-5] messages', () => {
  test('are counted and heard oldest first, and lie in the folder where they belong', async () => {
    const first = await leave('mine');
    const second = await leave('mine', 'anonymous');
    const call = await opened();
    expect(words((await call.ask('box.counts')).says)).toBe('Máte dvě nové zprávy');
    const played = await call.ask('box.first', { folder: 'new' });
    expect(played.says?.at(-1)).toMatchObject({ kind: 'sound', path: `/sounds/${first}.wav` });
    expect(words(played.says)).toMatch(/^Zpráva z čísla plus čtyři .* dnes ve? .* \[sound\]$/);
    expect(await call.way('box.heard')).toBe('noted');
    const next = await call.ask('box.next');
    expect(next.says?.at(-1)).toMatchObject({ path: `/sounds/${second}.wav` });
    expect(words(next.says)).toMatch(/^Zpráva z neznámého čísla\./);
    expect(await call.way('box.next')).toBe('none');
    expect(words((await call.ask('box.counts')).says)).toBe('Máte jednu novou zprávu a jednu starší zprávu.');
    expect(await call.way('box.first', { folder: 'old' })).toBe('message');
    expect(await call.way('box.archive')).toBe('done');
    expect(await call.way('box.first', { folder: 'old' })).toBe('none');
    expect(await call.way('box.first', { folder: 'archived' })).toBe('message');
  });

  test('[TEL-6] are deleted and taken back, in the audit log by the one whose telephone it is', async () => {
    await leave('mine');
    const call = await opened();
    await call.ask('box.first', { folder: 'new' });
    const { message } = call.values;
    expect(await call.way('box.delete')).toBe('done');
    expect((await admin.get(`/voicemails/${message}`)).status).toBe(404);
    const audit = (await admin.get('/audit?limit=1')).body.items;
    expect(audit).toMatchObject([{ action: 'voicemail.deleted', actor: { userId: agentId } }]);
    expect(await call.way('box.restore')).toBe('done');
    expect((await admin.get(`/voicemails/${message}`)).status).toBe(200);
  });

  test('of another box are touched by nothing that a call keeps', async () => {
    await leave('shared');
    const [{ id }] = (await admin.get(`/voicemails?boxId=${boxes.shared}`)).body.items;
    const call = await opened();
    call.values['message'] = id;
    for (const service of ['box.delete', 'box.archive', 'box.heard']) await call.ask(service);
    expect(await call.way('box.again')).toBe('none');
    const after = (await admin.get(`/voicemails/${id}`)).body;
    expect(after).toMatchObject({ heardAt: null, archivedAt: null });
  });

  test('are answered by a call from the own telephone alone, to a number that can be called', async () => {
    const callers = { '+420555000111': 'call', '+999': 'refused', anonymous: 'refused' };
    for (const [phone, way] of Object.entries(callers)) {
      await leave('mine', phone);
      const { items } = (await admin.get(`/voicemails?boxId=${boxes.mine}&limit=1`)).body;
      const call = await opened();
      call.values['message'] = items[0].id;
      expect(await call.way('box.caller'), phone).toBe(way);
      call.values['own'] = '';
      expect(await call.way('box.caller'), phone).toBe('refused');
    }
  });
});

test('[TEL-8] the day of a message is that of the centre, not that of UTC', () => {
  const at = '2030-01-08T23:30:00.000Z';
  const message = { callerPhone: '201', at, forwardedFrom: 'desk' };
  const where = { timeZone: 'Europe/Prague', now: Date.UTC(2030, 0, 9, 20) };
  expect(words(spoken('en', heading(message, where)))).toBe(
    'Forwarded message. Message from two zero one today at twelve thirty a.m.',
  );
  const later = { ...where, now: Date.UTC(2030, 0, 20, 20) };
  expect(words(spoken('es', heading(message, later)))).toContain('el nueve de enero a las cero y treinta');
});
