import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { speech, until, useWorld } from '../src/index.ts';

const world = useWorld({ env: { CROSSPOINT_FLOWS_LOOKUP_NETWORKS: '127.0.0.1' } });

/** What the service understands, utterance by utterance. */
let transcripts: string[] = [];
let utterances = 0;

/** A service with the interface of Deepgram's live transcription, which hears what the test wants as soon as it is told the end. */
const service = createServer().on('upgrade', (request, socket) => {
  utterances += 1;
  const key = `${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
  let received = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let frame = nextFrame(received); frame !== undefined; frame = nextFrame(received)) {
      received = received.subarray(frame.bytes);
      if (frame.text.includes('CloseStream')) answer(socket, transcripts.shift() ?? '');
    }
  });
});
beforeAll(async () => {
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo;
  const settings = { provider: 'deepgram', address: `ws://127.0.0.1:${port}/v1`, key: 'any' };
  await world().api.request('PUT', '/recognition/settings', settings);
});
afterAll(() => void service.close());

/** A masked frame of a client (RFC 6455 §5.2), its text where it is one; undefined while it is not whole. */
function nextFrame(data: Buffer): { text: string; bytes: number } | undefined {
  if (data.length < 6) return undefined;
  const isText = ((data[0] ?? 0) & 0x0f) === 1;
  const short = (data[1] ?? 0) & 0x7f;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (data.length < head + 4) return undefined;
  const length =
    short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short;
  const bytes = head + 4 + length;
  if (data.length < bytes) return undefined;
  const mask = data.subarray(head, head + 4);
  const payload = data.subarray(head + 4, bytes).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return { text: isText ? Buffer.from(payload).toString() : '', bytes };
}

function answer(socket: Duplex, transcript: string): void {
  const results = {
    ...{ type: 'Results', is_final: true, speech_final: true },
    channel: { alternatives: [{ transcript, confidence: 0.95, words: [] }] },
  };
  for (const message of [results, { type: 'Metadata', duration: 1 }]) {
    const payload = Buffer.from(JSON.stringify(message));
    const head =
      payload.length < 126 ? [0x81, payload.length] : [0x81, 126, payload.length >> 8, payload.length & 255];
    socket.write(Buffer.concat([Buffer.from(head), payload]));
  }
  socket.end(Buffer.from([0x88, 2, 0x03, 0xe8]));
}

const examples = {
  1: { en: ['a broken router', 'my internet does not work'], cs: ['nejde mi internet', 'rozbitý router'] },
  2: { en: ['a question about my bill', 'pay an invoice'], cs: ['dotaz k faktuře', 'zaplatit účet'] },
};
const text = (en: string, cs: string) => [{ text: { en, cs } }];

async function callOf(language: 'en' | 'cs') {
  const scene = await world().scene({ staffed: false });
  const number = world().freshNumber();
  const name = `meant at ${number}`;
  const menu = {
    ...{ kind: 'menu', prompt: text('How can we help?', 'Jak vám můžeme pomoci?'), retries: 1 },
    ...{ timeoutSeconds: 10, keys: { 1: 'one', 2: 'two' }, otherwise: 'bye' },
    speech: { intents: true, phrases: examples, confirmPrompt: text('Did you say', 'Řekli jste') },
  };
  const bye = { kind: 'end' };
  const nodes = { menu, one: bye, two: bye, bye };
  await world().api.apply({
    flows: [{ name, language, start: 'menu', nodes }],
    numbers: [{ number, target: { flow: name } }],
  });
  const call = await (await scene.caller({ says: 'silence' })).call(number);
  await call.answered();
  return { call, number };
}

test.each([
  ['en', 'I think my router is broken again', '1', 'accepted'],
  ['en', 'hello I have got a question about the last bill', '2', 'accepted'],
  ['cs', 'dobrý den zase mi nejde ten internet', '1', 'accepted'],
  ['cs', 'chtěla bych zaplatit ten účet', '2', 'accepted'],
] as const)(
  '[IVR-03] in "%s" a caller who says "%s" is understood by what is meant',
  async (language, said, key, result) => {
    transcripts = [said];
    const before = utterances;
    const { call, number } = await callOf(language);
    call.sound.say(speech(400));
    await until('the caller to be listened to', () => utterances > before);
    call.sound.say('silence');
    await call.ended();
    const { timeline } = await world().api.closedContact(number);
    const [menu] = timeline.flatMap((fact) => (fact.type === 'flow.passed' ? [fact.data] : []));
    expect(menu).toMatchObject({ node: 'menu', exit: `key-${key}`, spoken: [{ text: said, result }] });
  },
);

test('[IVR-03] a caller who means something else is asked again, and answers by a key', async () => {
  transcripts = ['I would like to fly to the moon'];
  const before = utterances;
  const { call, number } = await callOf('en');
  call.sound.say(speech(400));
  await until('the caller to be listened to', () => utterances > before);
  call.sound.say('silence');
  await until('the service to have answered', () => transcripts.length === 0);
  await call.sound.ear.hears('sound', { forMs: 300 });
  call.sound.sendDigits('2');
  await call.ended();
  const { timeline } = await world().api.closedContact(number);
  const [menu] = timeline.flatMap((fact) => (fact.type === 'flow.passed' ? [fact.data] : []));
  expect(menu).toMatchObject({ exit: 'key-2', input: '2', spoken: [{ result: 'no-match' }] });
});
