import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeWavHeader, wavHeaderBytes } from '@crosspoint/media';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMp3Encoder } from 'wasm-media-encoders';
import { type Caller, createTestApi, type TestApi } from '../../../test/api.ts';
import { speechDoor } from '../flows/index.ts';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';
import { speakByProvider } from './provider.ts';
import { SpeechRoom } from './room.ts';
import { Speech } from './speech.ts';

/** A service as the public description of its API has it: what it takes, what it answers, what it refuses. */
interface Peer {
  provider: 'openai' | 'google' | 'azure' | 'elevenlabs';
  path: RegExp;
  keyHeader: string;
  keyOf: (header: string) => string;
  /** What is wrong with a request; undefined when it is spoken. */
  fault: (body: string, request: IncomingMessage) => string | undefined;
  answer: (response: ServerResponse) => void;
}

const seconds = 1.5;
const wav = Buffer.alloc(wavHeaderBytes + seconds * 32_000);
writeWavHeader(wav, { encoding: 'pcm16', channels: 1, rateHz: 16_000 }, seconds * 32_000);
for (let at = 0; at < seconds * 16_000; at++) {
  wav.writeInt16LE(Math.round(9_000 * Math.sin((2 * Math.PI * 300 * at) / 16_000)), wavHeaderBytes + at * 2);
}
let mp3 = Buffer.alloc(0);

const sends = (type: string, sound: () => Buffer) => (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': type }).end(sound());

const peers: Peer[] = [
  {
    provider: 'openai',
    path: /^\/v1\/audio\/speech$/,
    ...{ keyHeader: 'authorization', keyOf: (header) => header.replace('Bearer ', '') },
    fault: (body) => {
      const { model, input, voice, response_format: format, speed } = JSON.parse(body);
      const isFit = [model, input, voice].every((each) => typeof each === 'string' && each !== '');
      return isFit && format === 'wav' && speed >= 0.25 && speed <= 4 ? undefined : 'invalid_request_error';
    },
    answer: sends('audio/wav', () => wav),
  },
  {
    provider: 'google',
    path: /^\/v1\/text:synthesize$/,
    ...{ keyHeader: 'x-goog-api-key', keyOf: (header) => header },
    fault: (body) => {
      const { input, voice, audioConfig } = JSON.parse(body);
      const isFit = typeof input.text === 'string' && /^[a-z]{2}-[A-Z]{2}$/.test(voice.languageCode);
      return isFit && audioConfig.audioEncoding === 'LINEAR16' ? undefined : 'INVALID_ARGUMENT';
    },
    answer: sends('application/json', () =>
      Buffer.from(JSON.stringify({ audioContent: wav.toString('base64') })),
    ),
  },
  {
    provider: 'azure',
    path: /^\/cognitiveservices\/v1$/,
    ...{ keyHeader: 'ocp-apim-subscription-key', keyOf: (header) => header },
    fault: (body, { headers }) => {
      const isFit =
        headers['content-type'] === 'application/ssml+xml' &&
        headers['x-microsoft-outputformat'] === 'riff-16khz-16bit-mono-pcm' &&
        headers['user-agent'] !== undefined;
      // Signs that mean something in XML must not reach it bare.
      const isSound =
        /^<speak version="1.0"[^<>]*><voice name="[\w-]+"><prosody rate="[+-]\d+%">[^<>]*<\/prosody><\/voice><\/speak>$/;
      return isFit && isSound.test(body) ? undefined : 'SSML parsing error';
    },
    answer: sends('audio/x-wav', () => wav),
  },
  {
    provider: 'elevenlabs',
    path: /^\/v1\/text-to-speech\/voice-\w+\?output_format=mp3_44100_128$/,
    ...{ keyHeader: 'xi-api-key', keyOf: (header) => header },
    fault: (body) => {
      const { text, model_id: model, voice_settings: voice } = JSON.parse(body);
      const isFit = typeof text === 'string' && typeof model === 'string';
      return isFit && voice.speed >= 0.7 && voice.speed <= 1.2 ? undefined : 'invalid_parameters';
    },
    answer: sends('audio/mpeg', () => mp3),
  },
];

let api: TestApi;
let admin: Caller;
let peer = peers[0] as Peer;
/** How the next requests are answered, before the service speaks again. */
let trouble: ((response: ServerResponse) => void)[] = [];
let asked: string[] = [];

const service = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    asked.push(body);
    const next = trouble.shift();
    if (next !== undefined) return next(response);
    if (!peer.path.test(request.url ?? '')) return void response.writeHead(404).end('no such thing');
    const key = peer.keyOf(String(request.headers[peer.keyHeader]));
    if (key !== 'right-key') return void response.writeHead(401).end('{"error":"invalid key"}');
    const fault = peer.fault(body, request);
    if (fault !== undefined) return void response.writeHead(400).end(JSON.stringify({ error: fault }));
    peer.answer(response);
  });
});
let address = '';

beforeAll(async () => {
  const encoder = await createMp3Encoder();
  encoder.configure({ channels: 1, sampleRate: 44_100, bitrate: 128 });
  const sound = Float32Array.from({ length: 44_100 * seconds }, (_, at) => 0.3 * Math.sin(at / 20));
  mp3 = Buffer.concat([encoder.encode([sound]).slice(), encoder.finalize().slice()]);
  const { promise, resolve } = Promise.withResolvers<void>();
  service.listen(0, '127.0.0.1', resolve);
  await promise;
  address = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  api = await createTestApi({ flags: { 'flows.lookupNetworks': '127.0.0.1' } });
  ({ admin } = api.as);
});
afterAll(async () => {
  await api.close();
  service.closeAllConnections();
  service.close();
});
beforeEach(() => {
  trouble = [];
  asked = [];
  // A host that failed in the test before is asked again.
  api.clock.nowMs += 60_000;
});

const voices = { en: 'voice-en', es: 'voice-es', cs: 'voice-cs' };
const settingsOf = ({ provider }: Peer, key = 'right-key') => ({
  ...{ provider, key, voices: provider === 'elevenlabs' ? voices : {} },
  address: provider === 'azure' ? address : `${address}/v1`,
});

const refuses = (status: number) => (response: ServerResponse) =>
  void response.writeHead(status).end('later');
let said = 0;
/** A text that nobody has spoken yet. */
const fresh = () => `Number ${++said}: "Tom & Jerry" <call> us.`;
const speak = (text: string) => admin.send('POST', '/prompts/speak', { body: { text, language: 'en' } });

describe.each(peers.map((each) => [each.provider, each] as const))('%s', (_name, each) => {
  beforeEach(async () => {
    peer = each;
    const stored = await admin.send('PUT', '/speech/settings', { body: settingsOf(each) });
    expect(stored, stored.text).toMatchObject({ status: 200, body: { hasKey: true, lastFault: null } });
    expect(stored.text).not.toContain('right-key');
  });

  test('[IVR-04] speaks a text once; from then on it is kept', async () => {
    const text = fresh();
    const answer = await speak(text);
    expect(answer.status, answer.text).toBe(200);
    // A second and a half at 8,000 Hz, whatever form it came in.
    expect(answer.text.length).toBeGreaterThan(10_000);
    await speak(text);
    expect(asked).toHaveLength(1);
    expect((await admin.get('/speech/settings')).body.lastFault).toBeNull();
  });

  test('[IVR-04] is asked again after a refusal that passes, and the caller hears nothing of it', async () => {
    trouble = [refuses(503)];
    expect((await speak(fresh())).status).toBe(200);
    expect(asked).toHaveLength(2);
    expect((await admin.get('/speech/settings')).body.lastFault).toBeNull();
  });

  test('[IVR-04] that goes on failing is left alone, the engine beside the server speaks, and why is shown', async () => {
    trouble = Array.from({ length: 10 }, () => refuses(429));
    expect((await speak(fresh())).status).toBe(200);
    const before = asked.length;
    expect((await speak(fresh())).status).toBe(200);
    expect(asked).toHaveLength(before);
    const { lastFault } = (await admin.get('/speech/settings')).body;
    expect(lastFault).toMatchObject({ fault: 'limited' });
    api.clock.nowMs += 60_000;
    trouble = [];
    await speak(fresh());
    expect(asked).toHaveLength(before + 1);
  });

  test('[IVR-04] that refuses the key is not asked again, and a trial says so', async () => {
    const settings = settingsOf(each, 'wrong-key');
    const trial = await admin.send('POST', '/speech/test', {
      body: { settings, text: fresh(), language: 'en' },
    });
    expect(trial).toMatchObject({ status: 400, body: { errors: [{ path: 'settings.key' }] } });
    expect(asked).toHaveLength(1);
    const { key: _key, ...kept } = settings;
    const again = await admin.send('POST', '/speech/test', {
      body: { settings: kept, text: fresh(), language: 'cs' },
    });
    expect(again.status, again.text).toBe(200);
    expect(again.headers['content-type']).toContain('audio/wav');
  });

  test('[IVR-04] that breaks off amid a sentence does not become a prompt: callers hear all of it from the engine', async () => {
    // Of MP3 nothing tells how long it was to be; a connection that breaks off does.
    trouble = [
      (response) => {
        response.writeHead(200, { 'content-length': String(wav.length) });
        response.write(wav.subarray(0, wav.length / 2), () => response.destroy());
      },
      (response) => {
        const half = wav.subarray(0, wav.length / 2);
        const isJson = each.provider === 'google';
        const isMp3 = each.provider === 'elevenlabs';
        if (isMp3) response.writeHead(500).end();
        else if (isJson) response.end(JSON.stringify({ audioContent: half.toString('base64') }));
        else response.end(half);
      },
    ];
    const text = fresh();
    const answer = await speak(text);
    expect(answer.status, answer.text).toBe(200);
    expect(asked).toHaveLength(2);
    const { lastFault } = (await admin.get('/speech/settings')).body;
    expect(lastFault.fault).toBe(each.provider === 'elevenlabs' ? 'unavailable' : 'no-sound');
    // It is asked for the same text again, since nothing of it was kept.
    api.clock.nowMs += 60_000;
    await speak(text);
    expect(asked).toHaveLength(3);
  });

  test('[IVR-04] that answers with something else than sound does not become a prompt', async () => {
    trouble = [(response) => void response.writeHead(200).end('<html>sign in</html>')];
    expect((await speak(fresh())).status).toBe(200);
    expect((await admin.get('/speech/settings')).body.lastFault).toMatchObject({ fault: 'no-sound' });
  });
});

test('[IVR-04] of a flow of many texts a service that refuses the key is asked once, and the log says so once', async () => {
  const [first] = peers;
  peer = first as Peer;
  const settings = { ...settingsOf(peer, 'wrong-key'), region: '', model: '', voices };
  const failed: string[] = [];
  const speech = new Speech({
    dataDir: api.settings.dataDir,
    choice: async () => settings,
    byProvider: (choice, spoken) => speakByProvider(speechDoor(['127.0.0.1'], Date.now), choice, spoken),
    failed: (fault) => failed.push(fault),
    spoke: () => undefined,
  });
  const texts = Array.from({ length: 5 }, () => ({ text: fresh(), language: 'en' as const }));
  await speech.prepareTexts(texts);
  expect(asked).toHaveLength(1);
  expect(failed).toEqual(['key-refused']);
  for (const text of texts) expect(existsSync(speech.pathOf(text))).toBe(true);
  // Somebody may have corrected it since.
  await speech.prepareTexts(texts);
  expect(asked).toHaveLength(2);
});

test('[IVR-04] the page says too what kept the service from speaking a document that was applied, or a menu by telephone', async () => {
  const [first] = peers;
  peer = first as Peer;
  await admin.send('PUT', '/speech/settings', { body: settingsOf(peer) });
  const roomOfCalls = new SpeechRoom({
    ...{
      database: api.database,
      dataDir: api.settings.dataDir,
      now: Date.now,
      log: { info: () => undefined, warn: () => undefined },
    },
    door: speechDoor(['127.0.0.1'], Date.now),
  });
  trouble = [refuses(403)];
  await roomOfCalls.of(DEFAULT_TENANT_ID).prepareTexts([{ text: fresh(), language: 'en' }]);
  const { lastFault } = (await admin.get('/speech/settings')).body;
  expect(lastFault).toMatchObject({ fault: 'key-refused' });
});

test('[IVR-04] a key goes to nobody but whom it was given for', async () => {
  peer = peers[0] as Peer;
  await admin.send('PUT', '/speech/settings', { body: settingsOf(peer) });
  const { key: _key, ...other } = { ...settingsOf(peer), address: 'http://203.0.113.9/v1' };
  const moved = await admin.send('PUT', '/speech/settings', { body: other });
  expect(moved.body).toMatchObject({ hasKey: false });
  const google = await admin.send('PUT', '/speech/settings', { body: { provider: 'google' } });
  expect(google).toMatchObject({ status: 400, body: { errors: [{ path: 'key' }] } });
});

test('[IVR-04] a service inside the house is refused unless the settings of the server allow it', async () => {
  const settings = { provider: 'openai', address: 'http://10.1.2.3/v1', key: 'k' };
  const trial = await admin.send('POST', '/speech/test', { body: { settings, text: 'x', language: 'en' } });
  expect(trial).toMatchObject({ status: 400, body: { errors: [{ path: 'settings.address' }] } });
});

test('[API-04] only administrators see and change who speaks', async () => {
  const { supervisor } = api.as;
  expect((await supervisor.get('/speech/settings')).status).toBe(403);
  const body = { provider: 'offline' };
  expect((await supervisor.send('PUT', '/speech/settings', { body })).status).toBe(403);
  expect((await admin.send('PUT', '/speech/settings', { body })).status).toBe(200);
});
