import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowDocumentInput } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { flowPath, until, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;

async function killAndStart(): Promise<void> {
  await world().product.kill();
  await world().product.start();
  await world().login();
}

/** It lasts longer than a start on a busy machine. */
const longMenu = Array.from({ length: 12 }, () => 'For help with your account or your cards, press 4.').join(
  ' ',
);

/** A number that must be known, and a menu after it. */
const bank = (queue: string): FlowDocumentInput => ({
  name: `bank of ${queue}`,
  start: 'pin',
  nodes: {
    pin: {
      kind: 'collect',
      prompt: [{ text: { en: 'Please enter your number of four digits.' } }],
      variable: 'pin',
      digitsMin: 4,
      digitsMax: 4,
      timeoutSeconds: 60,
      interDigitSeconds: 30,
      secret: true,
      next: 'known',
      otherwise: 'bye',
    },
    known: {
      kind: 'condition',
      cases: [{ when: 'pin == "4711"', next: 'menu' }],
      otherwise: 'bye',
    },
    menu: {
      kind: 'menu',
      prompt: [{ text: { en: longMenu } }],
      timeoutSeconds: 60,
      keys: { 4: 'help' },
      otherwise: 'bye',
    },
    help: { kind: 'queue', queue, refused: 'bye' },
    bye: { kind: 'end', prompt: [{ recording: 'callback-noted' }] },
  },
});

async function pathOf(number: string): Promise<string[]> {
  const contact = await world().api.closedContact(number);
  expect(contact.timeline.map(({ seq }) => seq)).toEqual(contact.timeline.map((_fact, index) => index + 1));
  return flowPath(contact);
}

async function numberTo(flow: FlowDocumentInput): Promise<string> {
  const number = world().freshNumber();
  await world().api.apply({ flows: [flow], numbers: [{ number, target: { flow: flow.name } }] });
  return number;
}

test('[OPS-03] [IVR-03] kill -9 amid the digits of a PIN: the flow goes on with those, and nobody can read them', async () => {
  const scene = await world().scene();
  const number = await numberTo(bank(scene.queueName));
  const customer = await (await scene.caller({ says: 'silence' })).call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sendInfoDigit('4');
  customer.sendInfoDigit('7');
  const journal = join(world().product.dataDir, 'journal');
  const read = () => readdirSync(journal).map((name) => readFileSync(join(journal, name), 'utf8'));
  // The beginning and its two digits, beside what was said before.
  await until('both digits to be kept', () => read().join().split('"f":').length > 4);
  expect(read().join()).not.toMatch(/"digit":"[47]"/);
  await world().product.kill();
  await world().product.start();
  // Before anything else: between two digits of a number there are only seconds.
  customer.sendInfoDigit('1');
  customer.sendInfoDigit('1');
  await world().login();
  // What is heard before may still be the question.
  await until('the menu to be reached', async () => {
    const contact = await world().api.newestContact(number);
    return contact !== undefined && flowPath(contact).join() === 'pin:next,known:case-1';
  });
  await customer.sound.ear.hears('sound', { forMs: 300 });
  await killAndStart();
  // The menu is said again from its beginning.
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sendInfoDigit('4');
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  expect(await pathOf(number)).toEqual(['pin:next', 'known:case-1', 'menu:key-4', 'help:queued']);
  await scene.statsAre({ offered: 1, answered: 1 });
});
