import { writeWavHeader, wavHeaderBytes } from '@crosspoint/media';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';

let api: TestApi;
let supervisor: Caller;
beforeAll(async () => {
  api = await createTestApi();
  ({ supervisor } = api.as);
});
afterAll(() => api.close());

/** So many seconds of a tone. */
function toneFile(seconds: number): Buffer {
  const file = Buffer.alloc(wavHeaderBytes + seconds * 16_000);
  writeWavHeader(file, { encoding: 'pcm16', channels: 1, rateHz: 8_000 }, seconds * 16_000);
  for (let at = 0; at < seconds * 8_000; at++) {
    file.writeInt16LE(
      Math.round(8_000 * Math.sin((2 * Math.PI * 440 * at) / 8_000)),
      wavHeaderBytes + at * 2,
    );
  }
  return file;
}

async function upload(query: string, body: Buffer, type = 'audio/wav') {
  const answer = await api.app.inject({
    method: 'POST',
    url: `/api/v1/prompts?${query}`,
    headers: { ...supervisor.headers, 'content-type': type },
    payload: body,
  });
  return { status: answer.statusCode, body: answer.json() };
}

describe('[IVR-04] a code for the telephone', () => {
  test('is its maker’s own, names the numbers to call, and expires', async () => {
    const number = { number: '*98', target: { kind: 'prompt-menu' } };
    await api.as.admin.send('POST', '/numbers', { body: number });
    const body = { language: 'cs', name: 'spoken-there' };
    const made = await supervisor.send('POST', '/prompts/recording-codes', { body });
    expect(made, made.text).toMatchObject({
      status: 201,
      body: {
        code: expect.stringMatching(/^\d{6}$/),
        promptId: 'cs.spoken-there',
        usedAt: null,
        numbers: ['*98'],
      },
    });
    const path = `/prompts/recording-codes/${made.body.id}`;
    expect((await supervisor.get(path)).body).toEqual(made.body);
    expect((await api.as.admin.get(path)).status).toBe(404);
    expect(Date.parse(made.body.expiresAt)).toBeGreaterThan(Date.now());
    const agent = await api.addCaller({ username: 'mute', role: 'agent' });
    expect((await agent.send('POST', '/prompts/recording-codes', { body })).status).toBe(403);
  });

  test('is not made when too many are valid', async () => {
    const send = () =>
      supervisor.send('POST', '/prompts/recording-codes', { body: { language: 'en', name: 'many' } });
    let answer = await send();
    for (let made = 0; made < 60 && answer.status === 201; made++) answer = await send();
    expect(answer.body.code).toBe('command-refused');
  });
});

describe('prompts', () => {
  test('[IVR-04] an uploaded one is listed with its length and where it comes from', async () => {
    expect(await upload('language=en&name=hello', toneFile(2))).toMatchObject({
      status: 201,
      body: { id: 'en.hello', origin: 'own', source: 'uploaded', durationSeconds: 2, usedBy: [], text: null },
    });
    const own = await supervisor.get('/prompts?origin=own&search=hell');
    expect(own.body).toMatchObject({ items: [{ id: 'en.hello', durationSeconds: 2 }], nextCursor: null });
    const first = await supervisor.get('/prompts?language=cs&limit=2');
    expect(first.body.items).toHaveLength(2);
    const next = await supervisor.get(`/prompts?language=cs&limit=2&cursor=${first.body.nextCursor}`);
    expect(next.body.items[0].id).not.toBe(first.body.items[1].id);
    expect(next.body.items[0]).toMatchObject({ source: 'shipped', changedAt: null });
  });

  test('[IVR-04] bare G.711 is taken by its media type', async () => {
    const bare = Buffer.from(Uint8Array.from({ length: 8_000 }, (_, at) => (at % 16 < 8 ? 0x20 : 0xa0)));
    expect(await upload('language=es&name=bare', bare, 'audio/PCMU')).toMatchObject({
      status: 201,
      body: { durationSeconds: 1 },
    });
    expect(await upload('language=es&name=bare', bare)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body' }] },
    });
  });

  test('[IVR-04] its words are written without touching its sound, and a voice speaks them when asked', async () => {
    await upload('language=cs&name=words', toneFile(3));
    const text = 'Dobrý den, dovolali jste se do naší firmy.';
    const written = await supervisor.send('PUT', '/prompts/cs.words', { body: { text } });
    expect(written, written.text).toMatchObject({
      status: 200,
      body: { text, source: 'uploaded', durationSeconds: 3 },
    });
    const speak = { text, speak: { pacePercent: 150 } };
    const fast = await supervisor.send('PUT', '/prompts/cs.words', { body: speak });
    expect(fast.body).toMatchObject({ text, source: 'spoken', pacePercent: 150 });
    const slow = await supervisor.send('PUT', '/prompts/cs.words', {
      body: { text, speak: { pacePercent: 75 } },
    });
    expect(slow.body.durationSeconds).toBeGreaterThan(fast.body.durationSeconds * 1.5);
    const { items } = (await api.as.admin.get('/audit?limit=1')).body;
    expect(items[0]).toMatchObject({ action: 'prompt.stored' });
    const nothing = await supervisor.send('PUT', '/prompts/cs.words', { body: { text: null, speak: {} } });
    expect(nothing).toMatchObject({ status: 400, body: { errors: [{ path: 'text' }] } });
    expect((await supervisor.send('PUT', '/prompts/en.nowhere', { body: { text } })).status).toBe(404);
  });

  test('[IVR-04] one that a queue plays in its language says so, and is not deleted', async () => {
    await upload('language=en&name=no-one', toneFile(1));
    await upload('language=cs&name=no-one', toneFile(1));
    const announcements = { language: 'cs', greeting: 'no-one', comfort: ['no-one'] };
    const queue = await supervisor.send('POST', '/queues', { body: { name: 'sales', announcements } });
    expect(queue.status, queue.text).toBe(201);
    const { items } = (await supervisor.get('/prompts?search=no-one')).body;
    expect(items).toMatchObject([
      { id: 'en.no-one', usedBy: [] },
      { id: 'cs.no-one', usedBy: [{ kind: 'queue', name: 'sales' }] },
    ]);
    const refused = await supervisor.send('DELETE', '/prompts/cs.no-one');
    expect(refused).toMatchObject({ status: 409, body: { code: 'in-use' } });
    expect(refused.body.detail).toContain('queue "sales"');
    expect((await supervisor.send('DELETE', '/prompts/en.no-one')).status).toBe(204);
    expect((await supervisor.get('/prompts/en.no-one')).status).toBe(404);
  });

  test('[IVR-04] one that stands before a shipped one may go although it is played', async () => {
    await upload('language=en&name=greeting', toneFile(1));
    const announcements = { language: 'en', greeting: 'greeting' };
    await supervisor.send('POST', '/queues', { body: { name: 'english', announcements } });
    expect((await supervisor.send('DELETE', '/prompts/en.greeting')).status).toBe(204);
    const { items } = (await supervisor.get('/prompts?language=en&search=greeting')).body;
    expect(items).toContainEqual(expect.objectContaining({ id: 'en.greeting', origin: 'shipped' }));
  });

  test('[API-04] analysts hear and list them, and change none', async () => {
    const { analyst, agent } = api.as;
    expect((await analyst.get('/prompts')).status).toBe(200);
    expect((await agent.get('/prompts')).status).toBe(403);
    expect((await analyst.send('PUT', '/prompts/en.hello', { body: { text: null } })).status).toBe(403);
    expect((await analyst.send('DELETE', '/prompts/en.hello')).status).toBe(403);
  });
});
