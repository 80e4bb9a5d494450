/**
 * Time from a key to the next prompt, at the caller's phone: from the last packet of the RFC 4733 event, the INFO request, or the end of
 * the tone in the sound, to the first 20 ms of the prompt. `npm run bench -- flow-digit [--samples 100]`
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { callerToneHz, press, Product } from '@crosspoint/e2e';
import { Phone, type PhoneCall, PhoneHost } from '@crosspoint/sim/phones';
import { percentile, printFigure } from './figures.ts';

const { values } = parseArgs({ options: { samples: { type: 'string', default: '100' } } });
const samples = Number(values.samples);
/** They press in turn, so that a hundred keys take half a minute. */
const callerCount = 4;
/** Keys of each caller before those that count: the first ones pay for compilation, in a server that then runs for months. */
const warmUpKeys = 5;
const number = '700';
/** A spoken word and the quiet after it. */
const wordMs = 900;
/** As the phone presses a key. */
const pressMs = 100;

/** As `press` sounds a key. */
const toneMs = 120;

const product = await Product.start({ env: { CROSSPOINT_LOG_LEVEL: 'warn' } });
const host = await PhoneHost.open();
try {
  const api = await product.api();
  const flow = {
    name: 'keys',
    start: 'wait',
    nodes: {
      wait: { kind: 'menu', prompt: [], timeoutSeconds: 60, keys: { 1: 'word' }, otherwise: 'bye' },
      word: { kind: 'say', prompt: [{ text: { en: 'Yes' } }], next: 'wait' },
      bye: { kind: 'end' },
    },
  };
  await api.apply({ flows: [flow], numbers: [{ number, target: { flow: flow.name } }] });
  const callers = (events: boolean) =>
    Promise.all(
      Array.from({ length: callerCount }, async (_, index) => {
        const says = events ? callerToneHz : 'silence';
        const username = `caller-${String(events)}-${index + 1}`;
        const caller = new Phone({ host, server: product.sip, username, events, says });
        const call = await caller.call(number);
        await call.answered();
        return call;
      }),
    );
  const calls = await callers(true);
  await measure('SIP INFO', calls, (call) => press(call, 'SIP INFO', '1'), 0);
  await measure('RFC 4733', calls, (call) => call.sound.sendDigits('1', pressMs), pressMs);
  const tones = await callers(false);
  await measure('in-band', tones, (call) => press(call, 'in-band', '1'), toneMs);
  for (const call of [...calls, ...tones]) call.hangUp();
} finally {
  host.close();
  await product.dispose();
}

async function measure(
  name: string,
  calls: readonly PhoneCall[],
  press: (call: PhoneCall) => void,
  pressedMs: number,
): Promise<void> {
  const taken: number[] = [];
  const keys = Math.ceil(samples / calls.length);
  const presses = calls.map(async (call, index) => {
    await setTimeout((wordMs * index) / calls.length);
    for (let key = -warmUpKeys; key < keys; key++) {
      const before = performance.now();
      press(call);
      // Only what comes after the key is heard, and it is the very first of it.
      await call.sound.ear.hears('sound', { forMs: 20 });
      if (key >= 0) taken.push(performance.now() - before - pressedMs);
      await setTimeout(wordMs);
    }
  });
  await Promise.all(presses);
  const what = `from key (${name}) to the next prompt`;
  printFigure(`${what}, p50`, percentile(taken, 0.5), 'ms');
  printFigure(`${what}, p99`, percentile(taken, 0.99), 'ms', 'wanted: under 60');
  printFigure(`${what}, worst`, Math.max(...taken), 'ms');
}
