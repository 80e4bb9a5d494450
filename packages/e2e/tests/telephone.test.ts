import type { Page, Prompt, Recording, RecordingCode, Voicemail, VoicemailBox } from '@crosspoint/contracts';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { flowPath, type Scene, speech, until, useWorld } from '../src/index.ts';

const world = useWorld();
const customerHz = 400;
const agentHz = 700;
const beepHz = 1_000;
const pin = '2580';

/** A box of the agent of a scene, a number at which callers leave a message in it, and the number at which it is heard. */
async function boxOf(scene: Scene, menu: string): Promise<VoicemailBox> {
  const { api } = world();
  const number = world().freshExtension();
  const name = `box ${number}`;
  await api.apply({
    voicemailBoxes: [{ name, number, language: 'cs', silenceSeconds: 20, agents: [scene.agent(1).username] }],
    flows: [
      {
        ...{ name: `leave ${number}`, start: 'leave' },
        nodes: {
          leave: { kind: 'voicemail', box: name, silenceSeconds: 20, next: 'bye', failed: 'bye' },
          bye: { kind: 'end' },
        },
      },
    ],
    numbers: [
      { number: `5${number}`, target: { flow: `leave ${number}` } },
      { number: menu, target: { voicemailMenu: 'en' } },
    ],
  });
  const { items } = await api.get<Page<VoicemailBox>>(`/voicemail-boxes?search=${number}`);
  const [box] = items;
  if (box === undefined) throw new Error(`box ${number} is not there`);
  await api.request('PUT', `/voicemail-boxes/${box.id}/pin`, { pin });
  return box;
}

const messagesOf = async ({ id }: VoicemailBox) =>
  (await world().api.get<Page<Voicemail>>(`/voicemails?boxId=${id}&sort=at`)).items;

async function leaveMessage(scene: Scene, box: VoicemailBox, hz = customerHz): Promise<void> {
  const before = (await messagesOf(box)).length;
  const customer = await (await scene.caller({ says: hz })).call(`5${box.number}`);
  await customer.sound.ear.hears(beepHz, { forMs: 200 });
  customer.sound.say(speech(hz));
  await isRecorded(`5${box.number}`);
  customer.hangUp();
  await until('the message to be there', async () => (await messagesOf(box)).length > before);
}

/** Until four seconds of what the caller of that number says are recorded. */
async function isRecorded(number: string): Promise<void> {
  await until('four seconds to be recorded', async () => {
    const { items } = await world().api.get<Page<Recording>>('/recordings?status=recording');
    const recording = items.find((each) => each.number === number);
    return recording !== undefined && Date.now() - Date.parse(recording.startedAt) > 4_000;
  });
}

/** What the newest call to that number has gone through, `node:exit` each. */
async function stepsOf(number: string): Promise<string[]> {
  const newest = await world().api.newestContact(number);
  return newest === undefined ? [] : flowPath(newest);
}

const isWrong = (step: string): boolean => step.startsWith('open:wrong');

/** Until the newest call to that number has just gone through these nodes by these ways. */
async function passes(number: string, ...wanted: string[]): Promise<void> {
  let seen: string[] = [];
  await until(
    `the menu to pass ${wanted.join(', ')}`,
    async () => {
      seen = await stepsOf(number);
      return seen.slice(-wanted.length).join() === wanted.join();
    },
    { seen: () => seen },
  );
}

/** Keys at the end of what is said now. */
async function key(call: PhoneCall, digits: string): Promise<void> {
  await call.sound.ear.hears('sound', { forMs: 200 });
  call.sound.sendDigits(digits);
}

test('[VM-05] an agent hears the own box from the own telephone, archives, deletes and takes back, and records a greeting', async () => {
  const menu = `*${world().freshExtension()}`;
  const scene = await world().scene({ staffed: false });
  const box = await boxOf(scene, menu);
  await leaveMessage(scene, box);
  await leaveMessage(scene, box, 550);
  const { phone } = scene.agent(1);
  await phone.register();
  const call = await phone.call(menu);
  await call.answered();
  const { ear } = call.sound;
  await key(call, '1111#');
  await passes(menu, 'open:wrong', 'wrong-pin:next');
  await key(call, `${pin}#`);
  await passes(menu, 'open:open', 'counts:told');
  await key(call, '1');
  await ear.hears(customerHz, { forMs: 700 });
  call.sound.sendDigits('3');
  await ear.hears(550, { forMs: 700 });
  expect(await messagesOf(box)).toMatchObject([
    { archivedAt: expect.any(String), heardBy: scene.agent(1).username },
    { archivedAt: null, heardAt: null },
  ]);
  call.sound.sendDigits('7');
  await passes(menu, 'delete:done', 'deleted:next');
  expect(await messagesOf(box)).toHaveLength(1);
  await key(call, '7');
  await passes(menu, 'restore:done', 'restored:next');
  expect(await messagesOf(box)).toHaveLength(2);
  await key(call, '*');
  await passes(menu, 'message:key-*', 'counts:told');
  await key(call, '8');
  await passes(menu, 'main:key-8');
  await key(call, '2');
  await ear.hears(beepHz, { forMs: 200 });
  call.sound.say(speech(agentHz));
  await isRecorded(menu);
  call.sound.sendDigits('#');
  await ear.hears(agentHz, { forMs: 700 });
  await key(call, '1');
  await passes(menu, 'ask-recorded:key-1', 'keep-greeting:done', 'greeting-kept:next');
  call.hangUp();
  const customer = await (await scene.caller()).call(`5${box.number}`);
  await customer.sound.ear.hears(agentHz, { forMs: 700 });
  customer.hangUp();
  const { items } = await world().api.get<Page<Prompt>>('/prompts?origin=own&search=greeting');
  const mine = items.filter(({ usedBy }) => usedBy.some(({ name }) => name === box.name));
  expect(mine).toMatchObject([{ source: 'telephone', language: 'cs' }]);
});

test('[VM-05] from elsewhere the number of the box and the PIN are asked for; the third wrong one ends the call', async () => {
  const menu = world().freshNumber();
  const scene = await world().scene({ staffed: false });
  const box = await boxOf(scene, menu);
  await leaveMessage(scene, box);
  const stranger = await scene.caller();
  const guessing = await stranger.call(menu);
  await guessing.answered();
  for (const [tried, wrong] of ['999#1234#', `${box.number}#1234#`, `${box.number}#4321#`].entries()) {
    // What is keyed while the former attempt is looked at is not heard.
    await until(
      `${tried} wrong attempts`,
      async () => (await stepsOf(menu)).filter(isWrong).length === tried,
      {},
    );
    await key(guessing, wrong);
  }
  expect((await guessing.ended()).by).toBe('remote');
  const call = await stranger.call(menu);
  await call.answered();
  await key(call, `${box.number}#${pin}#`);
  await passes(menu, 'open:open', 'counts:told');
  await key(call, '1');
  await passes(menu, 'main:key-1', 'new:message');
  await call.sound.ear.hears(customerHz, { forMs: 700 });
  call.hangUp();
  // Whoever hangs up before the end leaves the message new.
  expect(await messagesOf(box)).toMatchObject([{ heardAt: null }]);
});

test('[IVR-04] a recording is spoken by telephone with a code of the console', async () => {
  const { api } = world();
  const number = world().freshNumber();
  const name = world().freshName('by-telephone');
  await api.apply({ numbers: [{ number, target: { promptMenu: 'es' } }] });
  const body = { language: 'en', name };
  const code = await api.request<RecordingCode>('POST', '/prompts/recording-codes', body);
  expect(code).toMatchObject({
    code: expect.stringMatching(/^\d{6}$/),
    numbers: expect.arrayContaining([number]),
    usedAt: null,
  });
  const scene = await world().scene({ staffed: false });
  const call = await (await scene.caller({ says: customerHz })).call(number);
  await call.answered();
  const { ear } = call.sound;
  await key(call, code.code === '000000' ? '111111' : '000000');
  await passes(number, 'begin:wrong', 'wrong-code:next');
  await key(call, code.code);
  await ear.hears(beepHz, { forMs: 200 });
  call.sound.say(speech(customerHz));
  await isRecorded(number);
  call.sound.sendDigits('#');
  await ear.hears(customerHz, { forMs: 700 });
  await key(call, '1');
  await passes(number, 'keep:done', 'kept:end');
  call.hangUp();
  const used = await api.get<RecordingCode>(`/prompts/recording-codes/${code.id}`);
  expect(used.usedAt).toEqual(expect.any(String));
  const { items } = await api.get<Page<Prompt>>(`/prompts?origin=own&search=${name}`);
  expect(items).toMatchObject([{ id: `en.${name}`, source: 'telephone' }]);
  expect(items[0]?.durationSeconds).toBeGreaterThan(1.5);
});
