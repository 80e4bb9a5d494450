import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Contact, MadeCall } from '@crosspoint/contracts';
import type { Phone } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { decodeAudio, temporaryFolder, useWorld } from '../src/index.ts';

const world = useWorld();
const rateHz = 8_000;

const greetings = {
  person: 'Hello?',
  machine: `Hello, you have reached the mailbox of Crosspoint. We cannot take your call at the moment. Please leave your
    name and your number after the tone, and we will call you back.`,
};

/** Speech of eSpeak NG at the rate of the telephone. */
function spoken(text: string): Int16Array {
  const file = join(temporaryFolder(), 'greeting.wav');
  execFileSync('espeak-ng', ['-v', 'en', '-s', '150', '-w', file, text.replaceAll(/\s+/g, ' ')]);
  const { sampleRateHz, channels } = decodeAudio(file);
  const [samples = new Float32Array()] = channels;
  const length = Math.floor((samples.length * rateHz) / sampleRateHz);
  return Int16Array.from(
    { length },
    (_, i) => (samples[Math.floor((i * sampleRateHz) / rateHz)] ?? 0) * 32_767,
  );
}

function beep(durationMs: number): Int16Array {
  const length = (durationMs * rateHz) / 1_000;
  return Int16Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * 1_000 * i) / rateHz) * 12_000);
}

/** Pieces with pauses in milliseconds between them, and a long silence behind. */
function sequence(...pieces: (Int16Array | number)[]): Int16Array {
  const sound = new Int16Array(90 * rateHz);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      at += (piece * rateHz) / 1_000;
      continue;
    }
    sound.set(piece, at);
    at += piece.length;
  }
  return sound;
}

let trunks = 0;
async function outside(): Promise<Phone> {
  trunks += 1;
  const number = `+4670000000${trunks}`;
  const phone = await world().phone({ username: number });
  const { port } = phone.options.host.local;
  await world().api.apply({
    trunks: [{ name: `machines-${trunks}`, host: '127.0.0.1', port, outgoing: { prefixes: [number] } }],
  });
  return phone;
}

/** Calls somebody who answers with this sound; gives the contact once a fact of that type is in its timeline. */
async function callWith(sound: Int16Array, amd: string, type: string): Promise<Contact> {
  const scene = await world().scene();
  const phone = await outside();
  const { id: agentId } = await world().api.liveAgent(scene.agent(1).username);
  const to = phone.options.username;
  const { contactId, callId } = await world().api.request<MadeCall>('POST', '/calls', { agentId, to, amd });
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  const called = await phone.nextCall();
  called.answer();
  await called.answered();
  called.sound.say(sound);
  const isTold = ({ timeline }: Contact) => timeline.some((fact) => fact.type === type);
  const contact = await world().api.contactWhen(contactId, `at ${type}`, isTold);
  await world().api.request('POST', `/calls/${callId}/hangup`);
  await Promise.all([called.ended(), agent.ended()]);
  return contact;
}

test('[CTL-05] a person who answers a call is told from an answering machine', async () => {
  const contact = await callWith(sequence(400, spoken(greetings.person)), 'detect', 'answer.detected');
  const fact = contact.timeline.find(({ type }) => type === 'answer.detected');
  expect(fact?.data).toMatchObject({ verdict: 'human', reason: 'greeting-short' });
});

test('[CTL-05] a machine is found out by its greeting, and the beep says when a message can be left', async () => {
  const greeting = spoken(greetings.machine);
  const sound = sequence(300, greeting, 600, beep(500));
  const contact = await callWith(sound, 'detect-and-wait-for-beep', 'message.ready');
  const detected = contact.timeline.find(({ type }) => type === 'answer.detected');
  expect(detected?.data).toMatchObject({ verdict: 'machine' });
  const ready = contact.timeline.find((fact) => fact.type === 'message.ready');
  expect(ready?.data).toMatchObject({ reason: 'beep' });
  const beepAtMs = 300 + (greeting.length / rateHz) * 1_000 + 600;
  const said = ready?.type === 'message.ready' ? ready.data.atMs : 0;
  // The sound begins a moment after the answer.
  expect(said).toBeGreaterThan(beepAtMs);
});
