import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Recording, Voicemail, VoicemailBox } from '@crosspoint/contracts';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { secondsOf, soundOf, signal, speech, until, useWorld, writeToneFile } from '../src/index.ts';

const world = useWorld();
const greetingHz = 1_100;
const beepHz = 1_000;
const customerHz = 1_900;

interface Reception {
  box: string;
  number: string;
}

/** A number whose box greets by a tone that can be heard apart from the one after which one speaks. */
async function reception(silenceSeconds: number): Promise<Reception> {
  const [box, number] = [world().freshName('messages'), world().freshNumber()];
  const folder = join(world().product.dataDir, 'prompts', 'en');
  mkdirSync(folder, { recursive: true });
  writeToneFile(join(folder, 'long-greeting.wav'), greetingHz, 6);
  const greeting = [{ recording: 'long-greeting' }];
  const leave = { kind: 'voicemail' as const, box, prompt: greeting, maxSeconds: 180, silenceSeconds };
  await world().api.apply({
    voicemailBoxes: [{ name: box }],
    flows: [
      {
        name: box,
        start: 'leave',
        nodes: { leave: { ...leave, next: 'bye', failed: 'bye' }, bye: { kind: 'end' } },
      },
    ],
    numbers: [{ number, target: { flow: box } }],
  });
  return { box, number };
}

async function callOf({ number }: Reception): Promise<PhoneCall> {
  const scene = await world().scene({ staffed: false });
  const customer = await (await scene.caller({ says: 'silence' })).call(number);
  await customer.sound.ear.hears(greetingHz, { forMs: 300 });
  return customer;
}

/** The tone has come, and the caller speaks. */
async function speaks(box: Reception, customer: PhoneCall): Promise<void> {
  await customer.sound.ear.hears(beepHz, { forMs: 200 });
  await says(box, customer);
}

async function says({ number }: Reception, customer: PhoneCall): Promise<void> {
  customer.sound.say(speech(customerHz));
  await untilRecorded(number, 3);
}

async function untilRecorded(number: string, seconds: number): Promise<void> {
  await until(`${seconds} s of the message`, async () => {
    const { items } = await world().api.get<Page<Recording>>('/recordings?status=recording');
    const recording = items.find((each) => each.number === number);
    return recording !== undefined && Date.now() - Date.parse(recording.startedAt) > seconds * 1_000;
  });
}

async function start(): Promise<void> {
  await world().product.start();
  await world().login();
}

/**
 * The one message of that box, which counts as unheard; the caller was recorded once, the contact is closed, and its facts are
 * without a gap.
 */
async function onlyMessage({ box, number }: Reception): Promise<Voicemail> {
  const contact = await world().api.closedContact(number);
  expect(contact.timeline.map(({ seq }) => seq)).toEqual(contact.timeline.map((_fact, index) => index + 1));
  expect(contact.timeline.filter(({ type }) => type === 'recording.started')).toHaveLength(1);
  const search = encodeURIComponent(box);
  const { items } = await world().api.get<Page<VoicemailBox>>(`/voicemail-boxes?search=${search}`);
  expect(items).toMatchObject([{ unheard: 1, messages: 1 }]);
  const messages = await world().api.get<Page<Voicemail>>(`/voicemails?boxId=${items[0]?.id}`);
  const [message] = messages.items;
  expect(contact.timeline.filter(({ type }) => type === 'voicemail.left')).toMatchObject([
    { data: { voicemailId: message?.id, recordingId: message?.recordingId } },
  ]);
  return message as Voicemail;
}

/** Seconds in which the caller is heard in a message. */
async function spokenSeconds({ recordingId }: Voicemail): Promise<number> {
  const { heard } = await soundOf(world().api, { id: recordingId }, [customerHz]);
  return secondsOf(customerHz, heard[0]);
}

test('[OPS-03] [VM-02] kill -9 amid a message: it goes on and is in the box once, whole', async () => {
  const box = await reception(20);
  const customer = await callOf(box);
  await speaks(box, customer);
  const spokenFromMs = performance.now();
  await world().product.kill();
  await start();
  await untilRecorded(box.number, 8);
  const seconds = (performance.now() - spokenFromMs) / 1000;
  customer.hangUp();
  const message = await onlyMessage(box);
  expect(message.durationSeconds).toBeGreaterThan(seconds);
  // Of 1.26 s of this speech one is sound.
  expect(await spokenSeconds(message)).toBeGreaterThan(seconds * 0.7);
});

test('[OPS-03] [VM-02] kill -9 amid a message: a caller who hangs up before there is another process has left it', async () => {
  const box = await reception(20);
  const customer = await callOf(box);
  await speaks(box, customer);
  await world().product.kill();
  customer.hangUp();
  await start();
  const message = await onlyMessage(box);
  expect(message.durationSeconds).toBeGreaterThan(3);
  expect(await spokenSeconds(message)).toBeGreaterThan(2);
});

test('[OPS-03] [VM-02] kill -9 amid a message: afterwards a silence ends it, and the flow goes on', async () => {
  const box = await reception(4);
  const customer = await callOf(box);
  await speaks(box, customer);
  await world().product.kill();
  await start();
  customer.sound.say('silence');
  await customer.ended();
  const contact = await world().api.closedContact(box.number);
  expect(contact.timeline.at(-1)).toMatchObject({ type: 'contact.closed' });
  expect(await spokenSeconds(await onlyMessage(box))).toBeGreaterThan(2);
});

test('[OPS-02] [VM-02] a stop amid a message: what was said until then is in the box', async () => {
  const box = await reception(20);
  const customer = await callOf(box);
  await speaks(box, customer);
  const stopped = world().product.stop();
  await customer.ended();
  expect(await stopped).toBe(0);
  await start();
  const message = await onlyMessage(box);
  expect(message.durationSeconds).toBeGreaterThan(3);
  expect(await spokenSeconds(message)).toBeGreaterThan(2);
});

test('[OPS-03] [VM-02] kill -9 of the media process amid a message: it goes on and is in the box once', async () => {
  const box = await reception(20);
  const customer = await callOf(box);
  await speaks(box, customer);
  const [media] = world()
    .product.processes()
    .filter(({ commandLine }) => commandLine.includes('crosspoint-media'));
  signal(media?.pid ?? 0, 'SIGKILL');
  await untilRecorded(box.number, 8);
  customer.hangUp();
  const message = await onlyMessage(box);
  expect(message.durationSeconds).toBeGreaterThan(7);
  expect(await spokenSeconds(message)).toBeGreaterThan(2);
});

test('[OPS-03] [VM-02] kill -9 amid the greeting: the tone comes after it, and the message is taken as otherwise', async () => {
  const box = await reception(20);
  const customer = await callOf(box);
  await world().product.kill();
  // The greeting plays on, and is over when the next process takes long; else it begins anew.
  const invited = customer.sound.ear.hears(beepHz, { forMs: 200 });
  await start();
  await invited;
  await says(box, customer);
  customer.hangUp();
  expect(await spokenSeconds(await onlyMessage(box))).toBeGreaterThan(2);
});
