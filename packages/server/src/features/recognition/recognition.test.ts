import type { AddressInfo } from 'node:net';
import type { RecognitionSettingsInput } from '@crosspoint/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { recognitionDoor } from '../flows/index.ts';
import { RecognitionRoom } from './room.ts';

/** A peer that does what Deepgram's documentation of `/v1/listen` says. */
const service = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: admit });
let asked: { path: string; query: URLSearchParams; bytes: number }[] = [];
/** How the next connections are refused, and what becomes of one that is let in. */
let refusals: number[] = [];
let behave: 'answers' | 'dies' | 'silent' | 'nothing-heard' = 'answers';

function admit(
  { req }: { req: { headers: { authorization?: string | undefined } } },
  done: (isLetIn: boolean, code?: number) => void,
): void {
  const refusal = refusals.shift();
  if (refusal !== undefined) return done(false, refusal);
  done(req.headers.authorization === 'Token right-key', 401);
}

service.on('connection', (socket, request) => {
  const url = new URL(request.url ?? '', 'ws://peer');
  const call = { path: url.pathname, query: url.searchParams, bytes: 0 };
  asked.push(call);
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) call.bytes += data.length;
    if (isBinary && behave === 'dies') socket.terminate();
    if (!isBinary && behave !== 'silent') answer(socket, JSON.parse(data.toString()) as { type: string });
  });
});

function answer(socket: WebSocket, { type }: { type: string }): void {
  if (type !== 'CloseStream') return;
  const results = (transcript: string, confidence: number, isFinal: boolean) =>
    socket.send(
      JSON.stringify({
        ...{ type: 'Results', is_final: isFinal, speech_final: isFinal, channel_index: [0, 1] },
        channel: { alternatives: [{ transcript, confidence, words: [] }] },
      }),
    );
  results('build', 0.4, false);
  results(behave === 'nothing-heard' ? '' : 'Billing,', 0.9, true);
  results(behave === 'nothing-heard' ? '' : 'please.', 0.7, true);
  socket.send(JSON.stringify({ type: 'Metadata', request_id: '1', duration: 1 }));
  socket.close(1000);
}

let api: TestApi;
let admin: Caller;
let address = '';
beforeAll(async () => {
  if (service.address() === null) await new Promise((resolve) => service.once('listening', resolve));
  address = `ws://127.0.0.1:${(service.address() as AddressInfo).port}/v1`;
  api = await createTestApi({ flags: { 'flows.lookupNetworks': '127.0.0.1' } });
  ({ admin } = api.as);
});
afterAll(async () => {
  await api.close();
  for (const client of service.clients) client.terminate();
  service.close();
});
beforeEach(() => {
  asked = [];
  refusals = [];
  behave = 'answers';
  // A host that failed in the test before is asked again.
  api.clock.nowMs += 60_000;
});

const phrases = ['billing', 'sales'];
const tryOut = (settings: RecognitionSettingsInput, text = 'billing', language = 'en') =>
  admin.send('POST', '/recognition/test', { body: { settings, text, language, phrases } });
const deepgram = (key = 'right-key'): RecognitionSettingsInput => ({ provider: 'deepgram', address, key });

describe('pocketsphinx beside the server', () => {
  test('[IVR-03] tells the words of a menu from each other, as they come through a telephone', async () => {
    const heard = await tryOut({ provider: 'offline' });
    expect(heard, heard.text).toMatchObject({ status: 200, body: { text: 'billing' } });
    expect(heard.body.confidence).toBeGreaterThan(0.6);
  });

  test('[IVR-03] is not sure of what is no word of the menu', async () => {
    const heard = await tryOut({ provider: 'offline' }, 'I want to speak to somebody about the weather');
    expect(heard.status, heard.text).toBe(200);
    expect(heard.body.confidence).toBeLessThan(0.35);
  });

  test('[IVR-03] says why it cannot: another language, or no known words', async () => {
    expect(await tryOut({ provider: 'offline' }, 'platba', 'cs')).toMatchObject({
      ...{ status: 400, body: { errors: [{ path: 'language' }] } },
    });
    const body = { settings: { provider: 'offline' }, text: 'x', language: 'en', phrases: ['qwrtz'] };
    expect(await admin.send('POST', '/recognition/test', { body })).toMatchObject({
      ...{ status: 400, body: { errors: [{ path: 'phrases' }] } },
    });
  });
});

describe('Deepgram', () => {
  test('[IVR-03] hears the sound as it is spoken, with the phrases as a hint, and its parts are one answer', async () => {
    const heard = await tryOut(deepgram(), 'billing', 'es');
    expect(heard, heard.text).toMatchObject({ status: 200, body: { text: 'Billing, please.' } });
    expect(heard.body.confidence).toBeCloseTo(0.8);
    const [{ path, query, bytes } = { path: '', query: new URLSearchParams(), bytes: 0 }] = asked;
    expect(path).toBe('/v1/listen');
    expect(Object.fromEntries(query)).toMatchObject({
      ...{ model: 'nova-3', language: 'es', encoding: 'linear16', sample_rate: '8000', channels: '1' },
    });
    expect(query.getAll('keyterm')).toEqual(phrases);
    expect(bytes).toBeGreaterThan(5_000);
  });

  test('[IVR-03] that hears nothing has heard nothing', async () => {
    behave = 'nothing-heard';
    expect((await tryOut(deepgram())).body).toEqual({ text: '', confidence: 0 });
  });

  test.each([
    ['key-refused', () => tryOut(deepgram('wrong-key'))],
    [
      'limited',
      () => {
        refusals = [429];
        return tryOut(deepgram());
      },
    ],
    [
      'no-connection',
      () => {
        behave = 'dies';
        return tryOut(deepgram());
      },
    ],
    ['address-refused', () => tryOut({ provider: 'deepgram', address: 'ws://10.1.2.3/v1', key: 'k' })],
  ])('[IVR-03] that does not understand says why: %s', async (fault, ask) => {
    const answered = await ask();
    expect(answered.status, answered.text).toBe(400);
    expect(answered.body.errors[0].message).toContain(fault);
    expect(answered.body.errors[0].remedy).not.toBe('');
  });

  test('[IVR-03] that says nothing is not waited for, and after two failures it is left alone for a while', async () => {
    // Whatever failed before it is forgotten.
    api.clock.nowMs += 31_000;
    expect((await tryOut(deepgram())).status).toBe(200);
    behave = 'silent';
    expect((await tryOut(deepgram())).body.errors[0].message).toContain('timeout');
    refusals = [503];
    expect((await tryOut(deepgram())).body.errors[0].message).toContain('unavailable');
    expect((await tryOut(deepgram())).body.errors[0].message).toContain('paused');
    api.clock.nowMs += 31_000;
    behave = 'answers';
    expect((await tryOut(deepgram())).status).toBe(200);
  });
});

test('[IVR-03] a service that was left alone is tried by whoever speaks next, not by those who press keys or hang up', async () => {
  let nowMs = 0;
  const room = new RecognitionRoom({
    ...{
      database: api.database,
      dataDir: api.settings.dataDir,
      now: () => nowMs,
      log: { warn: () => undefined },
    },
    door: recognitionDoor(['127.0.0.1'], () => nowMs),
  });
  const hearing = { language: 'en', phrases, repeats: false, silenceMs: 700, maxMs: 10_000 } as const;
  // Nobody listens there.
  const gone = { provider: 'deepgram', address: 'ws://127.0.0.1:9', model: '', key: 'k' } as const;
  const service = room.by(gone);
  const ask = () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const stream = service.open(hearing, { partial: () => undefined, heard: resolve, failed: resolve });
    return { promise, stream };
  };
  expect(await ask().promise).toBe('no-connection');
  expect(await ask().promise).toBe('no-connection');
  expect(service.refusal(hearing)).toBe('paused');
  nowMs += 31_000;
  for (let callers = 0; callers < 3; callers++) expect(service.refusal(hearing)).toBeUndefined();
  ask().stream.cancel();
  expect(service.refusal(hearing)).toBeUndefined();
  const [first, second] = [ask(), ask()];
  expect(await second.promise).toBe('paused');
  expect(await first.promise).toBe('no-connection');
  expect(service.refusal(hearing)).toBe('paused');
});

test('[IVR-03] a key is sealed, kept, never read back, and goes to nobody but whom it was given for', async () => {
  const stored = await admin.send('PUT', '/recognition/settings', { body: deepgram() });
  expect(stored, stored.text).toMatchObject({ status: 200, body: { hasKey: true, lastFault: null } });
  expect(stored.text).not.toContain('right-key');
  expect((await tryOut({ provider: 'deepgram', address })).status).toBe(200);
  const moved = { provider: 'deepgram', address: 'wss://203.0.113.9/v1' };
  expect((await admin.send('PUT', '/recognition/settings', { body: moved })).body.hasKey).toBe(false);
  const usual = await admin.send('PUT', '/recognition/settings', { body: { provider: 'deepgram' } });
  expect(usual).toMatchObject({ status: 400, body: { errors: [{ path: 'key' }] } });
});

test('[API-04] only administrators see and change who understands', async () => {
  const { supervisor } = api.as;
  expect((await supervisor.get('/recognition/settings')).status).toBe(403);
  const body = { provider: 'offline' };
  expect((await supervisor.send('PUT', '/recognition/settings', { body })).status).toBe(403);
  expect((await admin.send('PUT', '/recognition/settings', { body })).status).toBe(200);
});
