/**
 * Time from a key to the next prompt, at the caller's phone: from the last packet of the RFC 4733 event, or the INFO request, to the first
 * 20 ms of sound. `npm run bench -- flow-digit [--samples 100]`
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Product } from '@crosspoint/e2e';
import { Phone, type PhoneCall, PhoneHost } from '@crosspoint/sim/phones';
import { percentile, printFigure } from './figures.ts';

const { values } = parseArgs({ options: { samples: { type: 'string', default: '100' } } });
const samples = Number(values.samples);
const number = '700';
/** A spoken word and the quiet after it. */
const wordMs = 900;
/** As the phone presses a key. */
const pressMs = 100;

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
  const caller = new Phone({ host, server: product.sip, username: 'caller' });
  const call = await caller.call(number);
  await call.answered();
  // Only what comes after the key is heard, and it is the very first of it.
  await measure('SIP INFO', call, () => call.sendInfoDigit('1'), 0);
  await measure('RFC 4733', call, () => call.sound.sendDigits('1', pressMs), pressMs);
  call.hangUp();
} finally {
  host.close();
  await product.dispose();
}

async function measure(name: string, call: PhoneCall, press: () => void, pressedMs: number): Promise<void> {
  const taken: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const before = performance.now();
    press();
    await call.sound.ear.hears('sound', { forMs: 20 });
    taken.push(performance.now() - before - pressedMs);
    await setTimeout(wordMs);
  }
  printFigure(`from key (${name}) to the next prompt, p50`, percentile(taken, 0.5), 'ms');
  printFigure(
    `from key (${name}) to the next prompt, p99`,
    percentile(taken, 0.99),
    'ms',
    'wanted: under 60',
  );
}
