import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until, useWorld } from '../src/index.ts';

const world = useWorld({ env: { CROSSPOINT_FLOWS_LOOKUP_NETWORKS: '127.0.0.1' } });
const agentToneHz = 700;

const sampleRateHz = 8_000;

/** A service that takes the connection (RFC 6455 §4.2.2), and dies when the first sound comes. */
let utterances = 0;
const dying = createServer().on('upgrade', (request, socket) => {
  utterances += 1;
  const key = `${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.once('data', () => socket.destroy());
  socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
});
beforeAll(async () => {
  dying.listen(0, '127.0.0.1');
  await once(dying, 'listening');
});
afterAll(() => void dying.close());

/** A text as espeak-ng speaks it into a telephone, with silence before and for the rest of a test behind it. */
function spoken(text: string): Int16Array {
  const wav = execFileSync('espeak-ng', ['-v', 'en-us', '-s', '140', '--stdout', '--', text]);
  const options = [
    '-t',
    'wav',
    '-',
    '-t',
    'raw',
    '-r',
    '8000',
    '-c',
    '1',
    '-b',
    '16',
    '-e',
    'signed-integer',
    '-',
  ];
  const raw = execFileSync('sox', [...options, 'highpass', '250', 'lowpass', '3400'], {
    input: wav,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const sound = new Int16Array(30 * sampleRateHz);
  sound.set(new Int16Array(new Uint8Array(raw).buffer), sampleRateHz / 5);
  return sound;
}

/** So many looks in a row find nothing new: more than a packet's time apart. */
const stillLooks = 10;

/** The prompt, which is longer than any test waits here, has stopped: nothing comes any more. */
async function interrupted({ sound }: { sound: { statistics: { packetsReceived: number } } }): Promise<void> {
  let before = -1;
  let same = 0;
  await until('the prompt to be interrupted', () => {
    const { packetsReceived } = sound.statistics;
    same = packetsReceived === before ? same + 1 : 0;
    before = packetsReceived;
    return same >= stillLooks;
  });
}

async function spokenMenu(queueName: string): Promise<string> {
  const number = world().freshNumber();
  const name = `spoken at ${number}`;
  const prompt = (en: string) => [{ text: { en } }];
  await world().api.apply({
    flows: [
      {
        name,
        start: 'menu',
        nodes: {
          menu: {
            kind: 'menu',
            prompt: prompt(
              'Welcome to the company. Please say billing, or technical support, or stay on the line.',
            ),
            invalidPrompt: prompt('Sorry.'),
            retries: 2,
            timeoutSeconds: 10,
            keys: { 1: 'billing', 2: 'support' },
            speech: {
              phrases: { 1: { en: ['billing'] }, 2: { en: ['technical support', 'support'] } },
              keysPrompt: prompt('Press one or two.'),
            },
            otherwise: 'bye',
          },
          billing: { kind: 'queue', queue: queueName, refused: 'bye' },
          support: { kind: 'end', prompt: prompt('Support is closed.') },
          bye: { kind: 'end' },
        },
      },
    ],
    numbers: [{ number, target: { flow: name } }],
  });
  return number;
}

/** The nodes that the newest contact of that number has gone through, once it is closed. */
async function stepsOf(number: string) {
  const { timeline } = await world().api.closedContact(number);
  return timeline.flatMap((fact) => (fact.type === 'flow.passed' ? [fact.data] : []));
}

test('[IVR-03] a caller says "billing" into the prompt, and is with an agent', async () => {
  const scene = await world().scene();
  const number = await spokenMenu(scene.queueName);
  const customer = await (await scene.caller({ says: 'silence' })).call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sound.say(spoken('billing'));
  await interrupted(customer);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  const [menu] = await stepsOf(number);
  expect(menu).toMatchObject({ node: 'menu', exit: 'key-1', input: 'billing' });
  expect(menu?.spoken?.[0]).toMatchObject({ text: 'billing', result: 'accepted' });
  expect(menu?.spoken?.[0]?.confidence).toBeGreaterThan(0.6);
});

test('[IVR-03] a caller who babbles is not understood, and gets on by a key', async () => {
  const scene = await world().scene();
  const number = await spokenMenu(scene.queueName);
  const customer = await (await scene.caller({ says: 'silence' })).call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sound.say(spoken('I want to speak to somebody about the weather in my garden'));
  await interrupted(customer);
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sound.say('silence');
  customer.sound.sendDigits('2');
  await customer.ended();
  const [menu] = await stepsOf(number);
  expect(menu).toMatchObject({ node: 'menu', exit: 'key-2', input: '2' });
  expect(menu?.spoken?.[0]?.result).toBe('no-match');
});

test('[IVR-03] a service that dies while the caller speaks leaves the caller with the keys', async () => {
  const { port } = dying.address() as AddressInfo;
  const settings = { provider: 'deepgram', address: `ws://127.0.0.1:${port}/v1`, key: 'any' };
  await world().api.request('PUT', '/recognition/settings', settings);
  const scene = await world().scene();
  const number = await spokenMenu(scene.queueName);
  const before = utterances;
  const customer = await (await scene.caller({ says: 'silence' })).call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sound.say(spoken('billing'));
  await until('the service to be asked', () => utterances > before);
  customer.sound.say('silence');
  customer.sound.sendDigits('1');
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  const [menu] = await stepsOf(number);
  expect(menu).toMatchObject({ exit: 'key-1', input: '1' });
  expect(menu?.spoken).toEqual([{ text: '', confidence: 0, result: 'failed:no-connection' }]);
});
