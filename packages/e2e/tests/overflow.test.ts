import type { Page, Recording, Voicemail, VoicemailBox } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { until, useWorld, writeToneFile } from '../src/index.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const world = useWorld();
const greetingHz = 1_100;
const beepHz = 1_000;
const customerHz = 1_900;

/** A box whose greeting is a tone, so that it can be heard apart from the one after which one speaks. */
async function boxNamed(name: string): Promise<void> {
  const folder = join(world().product.dataDir, 'prompts', 'en');
  mkdirSync(folder, { recursive: true });
  writeToneFile(join(folder, 'box-greeting.wav'), greetingHz, 1);
  const greeting = [{ recording: 'box-greeting' }];
  await world().api.apply({ voicemailBoxes: [{ name, greeting, maxSeconds: 20, silenceSeconds: 2 }] });
}

function messageIn(box: string): Promise<Voicemail> {
  return until(`a message in ${box}`, async () => {
    const { items } = await world().api.get<Page<Voicemail>>('/voicemails');
    return items.find((message) => message.box === box);
  });
}

test('[QUE-07] a queue that is closed lets the caller leave a message, which is kept although the caller hangs up', async () => {
  await boxNamed('after hours');
  const calendars = [
    {
      name: 'never today',
      hours: {
        timeZone: 'UTC',
        week: {},
        specialDays: [{ name: 'once', day: '2090-01-02', open: [{ from: '08:00', to: '09:00' }] }],
      },
    },
  ];
  await world().api.apply({ calendars });
  const overflow = [{ condition: { when: 'closed' as const }, target: { voicemail: 'after hours' } }];
  const scene = await world().scene({ agents: 1, queue: { calendar: 'never today', overflow } });
  const caller = await scene.caller({ says: customerHz });
  const customer = await caller.call(scene.number);
  await customer.sound.ear.hears(greetingHz, { forMs: 500 });
  await customer.sound.ear.hears(beepHz, { forMs: 200 });
  await until('two seconds of the message', async () => {
    const { items } = await world().api.get<Page<Recording>>('/recordings?status=recording');
    const recording = items.find(({ number }) => number === scene.number);
    return recording !== undefined && Date.now() - Date.parse(recording.startedAt) > 2_000;
  });
  customer.hangUp();
  const message = await messageIn('after hours');
  expect(message.durationSeconds).toBeGreaterThan(1.5);
  expect(message).toMatchObject({ number: scene.number, heardAt: null });
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('deflected');
  expect(contact.timeline.map(({ type }) => type)).toContain('flow.started');
  const sound = await world().api.downloadRecording(message.recordingId);
  expect(sound.byteLength).toBeGreaterThan(16_000);
  const boxes = await world().api.get<Page<VoicemailBox>>('/voicemail-boxes?search=after');
  expect(boxes.items).toMatchObject([{ unheard: 1, messages: 1 }]);
});

test('[QUE-07] who has waited long enough goes to a number outside, and counts as overflowed', async () => {
  const outside = await world().phone({ username: '+420777000444', says: 800 });
  const { port } = outside.options.host.local;
  const outgoing = { prefixes: ['+420777000444'] };
  await world().api.apply({
    trunks: [{ name: 'to-outside', host: '127.0.0.1', port, keepAliveSeconds: 0, outgoing }],
  });
  const overflow = [
    {
      condition: { when: 'waited' as const, afterSeconds: 1 },
      target: { outside: '+420777000444' },
    },
  ];
  const scene = await world().scene({ staffed: false, queue: { overflow } });
  const customer = await (await scene.caller({ says: customerHz })).call(scene.number);
  await customer.answered();
  const called = await outside.nextCall();
  called.answer();
  await Promise.all([
    customer.sound.ear.hears(800, { forMs: 500 }),
    called.sound.ear.hears(customerHz, { forMs: 500 }),
  ]);
  await scene.statsAre({ offered: 1, overflowed: 1, answered: 0, waiting: 0 });
  customer.hangUp();
  await called.ended();
});
