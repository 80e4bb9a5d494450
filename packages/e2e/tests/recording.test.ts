import { expect, test } from 'vitest';
import { callerToneHz, secondsOf, type Scene, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;

const tones = [callerToneHz, agentToneHz];

/** So long both hear each other without a gap. */
const talkMs = 3_000;
/** That they did is in the recording, but for what begins or ends in between. */
const heardSecondsMin = talkMs / 1_000 - 0.5;

/** A caller and an agent hear each other, and the caller hangs up; their recording, and how long it can be, in seconds. */
async function talk(scene: Scene, caller?: { codecs: ['PCMU'] }) {
  const { customer, agent } = await scene.connect(caller && { caller });
  const connectedAtMs = performance.now();
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: talkMs }),
    agent.sound.ear.hears(callerToneHz, { forMs: talkMs }),
  ]);
  const shortest = (performance.now() - connectedAtMs) / 1000;
  customer.hangUp();
  await agent.ended();
  const found = await scene.lastRecording(tones);
  const longest = (performance.now() - (agent.at.answered ?? 0)) / 1000;
  return { ...found, shortest, longest };
}

test('[REC-01] the recording has the customer on the left and the agent on the right', async () => {
  const scene = await world().scene();
  const { recording, audio, heard, shortest, longest } = await talk(scene);
  expect(recording).toMatchObject({ channels: 2, channelParties: ['customer', 'agent'] });
  expect(audio.channels).toHaveLength(2);
  expect(audio.durationSeconds).toBeGreaterThan(shortest - 0.3);
  expect(audio.durationSeconds).toBeLessThan(longest + 0.3);
  expect(Math.abs(recording.durationSeconds - audio.durationSeconds)).toBeLessThan(0.1);
  const [left, right] = heard;
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(heardSecondsMin);
  expect(secondsOf(agentToneHz, right)).toBeGreaterThan(heardSecondsMin);
  expect(secondsOf(agentToneHz, left)).toBe(0);
  expect(secondsOf(callerToneHz, right)).toBe(0);
});

test('[REC-01] a queue may record as MP3, which plays with the channels apart and shows its waveform', async () => {
  const scene = await world().scene({ queue: { recordingFormat: 'mp3' } });
  const { recording, audio, heard, shortest, longest } = await talk(scene);
  expect(recording).toMatchObject({ format: 'mp3', channels: 2, channelParties: ['customer', 'agent'] });
  expect(recording.durationSeconds).toBeGreaterThan(shortest - 0.3);
  expect(recording.durationSeconds).toBeLessThan(longest + 0.3);
  // The encoder adds 0.14 s before the sound and fills the last frame.
  expect(audio.durationSeconds - recording.durationSeconds).toBeGreaterThan(0);
  expect(audio.durationSeconds - recording.durationSeconds).toBeLessThan(0.3);
  expect(Math.abs(recording.sizeBytes - 4_000 * audio.durationSeconds)).toBeLessThan(1_000);
  const [left, right] = heard;
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(heardSecondsMin);
  expect(secondsOf(agentToneHz, right)).toBeGreaterThan(heardSecondsMin);
  expect(secondsOf(agentToneHz, left)).toBe(0);
  expect(secondsOf(callerToneHz, right)).toBe(0);
  const { peaks } = await world().api.get<{ peaks: number[][] }>(`/recordings/${recording.id}/waveform`);
  expect(peaks).toHaveLength(2);
  for (const channel of peaks) expect(Math.max(...channel)).toBeGreaterThan(0.1);
});

test('[REC-01] both laws are recorded right: µ-law caller, A-law agent', async () => {
  const scene = await world().scene();
  const { heard } = await talk(scene, { codecs: ['PCMU'] });
  const [left, right] = heard;
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(heardSecondsMin);
  expect(secondsOf(agentToneHz, right)).toBeGreaterThan(heardSecondsMin);
  expect(secondsOf('other', left) + secondsOf('other', right)).toBeLessThan(0.2);
});

test('[REC-01] lost packets leave a gap of their length, so that the channels stay in step', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  customer.sound.impairment = { dropRatio: 0.2, duplicateRatio: 0 };
  await Promise.all([
    agent.sound.ear.hears('sound', { forMs: talkMs }),
    customer.sound.ear.hears(agentToneHz, { forMs: talkMs }),
  ]);
  customer.hangUp();
  await agent.ended();
  const { audio, heard } = await scene.lastRecording(tones);
  const [left, right] = heard;
  const silent = secondsOf('silence', left) + secondsOf('other', left);
  expect(silent / audio.durationSeconds).toBeGreaterThan(0.08);
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(audio.durationSeconds * 0.5);
  expect(secondsOf(agentToneHz, right)).toBeGreaterThan(heardSecondsMin);
});

test('[REC-08] the waveform shows sound on both channels', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(agentToneHz, { forMs: 1_500 });
  customer.hangUp();
  await agent.ended();
  const { recording } = await scene.lastRecording(tones);
  const waveform = await world().api.get<{ peaks: number[][] }>(`/recordings/${recording.id}/waveform`);
  expect(waveform.peaks).toHaveLength(2);
  for (const peaks of waveform.peaks) expect(Math.max(...peaks)).toBeGreaterThan(0.1);
});

test('[QUE-01] a queue that records nothing leaves no recording', async () => {
  const scene = await world().scene({ queue: { recording: 'never' } });
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(agentToneHz);
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();
  expect(contact.recordings).toEqual([]);
  expect((await world().api.recordings()).filter(({ contactId }) => contactId === contact.id)).toEqual([]);
});
