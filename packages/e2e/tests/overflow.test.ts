import type { Callback, Page, Recording, Voicemail, VoicemailBox } from '@crosspoint/contracts';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { expect, onTestFinished, test } from 'vitest';
import { type Scene, speech, stopDatabase, until, useWorld, writeToneFile } from '../src/index.ts';
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
  await world().api.apply({ voicemailBoxes: [{ name, greeting, maxSeconds: 60, silenceSeconds: 20 }] });
}

function messageIn(box: string): Promise<Voicemail> {
  return until(`a message in ${box}`, async () => {
    const { items } = await world().api.get<Page<Voicemail>>('/voicemails');
    return items.find((message) => message.box === box);
  });
}

/** A caller who speaks into that box for four seconds, because the queue is closed, and is still there. */
async function leaveMessage(box: string): Promise<{ scene: Scene; customer: PhoneCall }> {
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
  const overflow = [{ condition: { when: 'closed' as const }, target: { voicemail: box } }];
  const scene = await world().scene({ agents: 1, queue: { calendar: 'never today', overflow } });
  const caller = await scene.caller({ says: customerHz });
  const customer = await caller.call(scene.number);
  await customer.sound.ear.hears(greetingHz, { forMs: 500 });
  await customer.sound.ear.hears(beepHz, { forMs: 200 });
  customer.sound.say(speech(customerHz));
  await until('four seconds of the message', async () => {
    const { items } = await world().api.get<Page<Recording>>('/recordings?status=recording');
    const recording = items.find(({ number }) => number === scene.number);
    return recording !== undefined && Date.now() - Date.parse(recording.startedAt) > 4_000;
  });
  return { scene, customer };
}

test('[QUE-07] a queue that is closed lets the caller leave a message, which is kept although the caller hangs up', async () => {
  const box = world().freshName('after hours');
  await boxNamed(box);
  const { customer, scene } = await leaveMessage(box);
  customer.hangUp();
  const message = await messageIn(box);
  expect(message.durationSeconds).toBeGreaterThan(1.5);
  expect(message).toMatchObject({ number: scene.number, heardAt: null });
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('deflected');
  expect(contact.timeline.map(({ type }) => type)).toContain('flow.started');
  const sound = await world().api.downloadRecording(message.recordingId);
  expect(sound.byteLength).toBeGreaterThan(16_000);
  const boxes = await world().api.get<Page<VoicemailBox>>(
    `/voicemail-boxes?search=${encodeURIComponent(box)}`,
  );
  expect(boxes.items).toMatchObject([{ unheard: 1, messages: 1 }]);
});

test('[VM-02] [OPS-03] a message that is left while the database is away is kept, once, and stands in the timeline', async () => {
  const box = world().freshName('outage');
  await boxNamed(box);
  const { customer, scene } = await leaveMessage(box);
  const goOn = stopDatabase(world().product);
  onTestFinished(goOn);
  await until('the product to notice', async () => !(await world().product.isReady()));
  customer.hangUp();
  await until('the message to be on disk', async () => {
    const metrics = await (await fetch(`${world().product.httpUrl}/metrics`)).text();
    return (
      !/^crosspoint_facts_spooled_bytes 0$/m.test(metrics) &&
      /^crosspoint_facts_waiting_rows 0$/m.test(metrics)
    );
  });
  goOn();
  const message = await messageIn(box);
  const contact = await scene.lastContact();
  expect(contact.timeline.find(({ type }) => type === 'voicemail.left')?.data).toMatchObject({
    ...{ voicemailId: message.id, box, recordingId: message.recordingId },
  });
  const { items } = await world().api.get<Page<Voicemail>>('/voicemails');
  expect(items.filter((each) => each.box === box)).toHaveLength(1);
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

test('[QUE-07] a chain: the next queue is full and sends a waiting caller on, who is promised a callback and keeps the place', async () => {
  const last = await world().scene({
    staffed: false,
    queue: { overflow: [{ condition: { when: 'waited', afterSeconds: 1 }, target: 'callback' }] },
  });
  const full = await world().scene({
    staffed: false,
    queue: { maxSize: 1, overflow: [{ condition: { when: 'full' }, target: { queue: last.queueName } }] },
  });
  const first = await world().scene({
    staffed: false,
    queue: {
      overflow: [{ condition: { when: 'waited', afterSeconds: 1 }, target: { queue: full.queueName } }],
    },
  });
  const phone = await first.caller({ says: customerHz });
  const number = phone.username;
  const { port } = phone.options.host.local;
  const outgoing = { prefixes: [number] };
  await world().api.apply({
    trunks: [{ name: `to-${number.slice(1)}`, host: '127.0.0.1', port, keepAliveSeconds: 0, outgoing }],
  });
  await (await (await full.caller()).call(full.number)).answered();
  const before = Date.now();
  const customer = await phone.call(first.number);
  await customer.ended();
  const made = await until('the callback', async () => {
    const { items } = await world().api.get<Page<Callback>>('/callbacks?state=open');
    return items.find((each) => each.number === number);
  });
  expect(made).toMatchObject({ queueName: last.queueName, state: 'waiting' });
  // The place is that of the first queue, although two were waited in.
  expect(Date.parse(made.createdAt) - Date.parse(made.agedSince)).toBeGreaterThan(1_900);
  expect(Date.parse(made.agedSince)).toBeGreaterThan(before - 1_000);
  await first.statsAre({ offered: 1, overflowed: 1, waiting: 0 });
  await full.statsAre({ offered: 1, deflected: 1, waiting: 1 });
  await last.statsAre({ overflowed: 1, abandoned: 0 });
  await world().api.request('POST', `/callbacks/${made.id}`, { action: 'cancel' });
});

test('[QUE-07] who cannot be called back is led on to the next of the chain', async () => {
  const box = world().freshName('instead');
  await boxNamed(box);
  const condition = { when: 'waited' as const, afterSeconds: 1 };
  const overflow = [
    { condition, target: 'callback' as const },
    { condition, target: { voicemail: box } },
  ];
  const scene = await world().scene({ staffed: false, queue: { overflow } });
  // No trunk leads there.
  const caller = await scene.caller({ username: '112', says: customerHz });
  const customer = await caller.call(scene.number);
  await customer.sound.ear.hears(greetingHz, { forMs: 500 });
  await customer.sound.ear.hears(beepHz, { forMs: 200 });
  customer.sound.say(speech(customerHz));
  customer.hangUp();
  await scene.statsAre({ offered: 1, overflowed: 1, abandoned: 0, callbacks: 0, waiting: 0 });
});
