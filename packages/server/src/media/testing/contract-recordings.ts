import { statSync } from 'node:fs';
import { join } from 'node:path';
import { levelDbm0, sampleRateHz } from '@crosspoint/media';
import { expect } from 'vitest';
import {
  type ContractTest,
  longestSilence,
  loud,
  quiet,
  readRecording,
  refusal,
  typicalLevelDbm0,
} from './contract.ts';

/** Sound of 20 ms may fall on either side of a command. */
const tolerance = 0.05 * sampleRateHz;

/** What a command took: it was carried out at some moment between the two instants. */
async function timed<T>(command: Promise<T>): Promise<{ result: T; beganMs: number; endedMs: number }> {
  const beganMs = performance.now();
  const result = await command;
  return { result, beganMs, endedMs: performance.now() };
}

type Timed = Awaited<ReturnType<typeof timed>>;

/** The number of samples lies between the shortest and the longest time that may have passed between two commands. */
function expectPassed(samples: number, from: Timed, to: Timed): void {
  const perMs = sampleRateHz / 1000;
  expect(samples).toBeGreaterThan((to.beganMs - from.endedMs) * perMs - tolerance);
  expect(samples).toBeLessThan((to.endedMs - from.beganMs) * perMs + tolerance);
}

/** Recordings: what every packet path must do. */
export function contractRecordings(test: ContractTest, packets: 'koffi' | 'dgram'): void {
  test('[REC-01] records the customer left and the agent right, with silence of the true length in a pause', async (world) => {
    const customer = await world.leg('customer', 'PCMU');
    const agent = await world.leg('agent', 'PCMA');
    await world.client.bridge('customer', 'agent');
    customer.speak(440);
    agent.speak(1000);
    await Promise.all([customer.hears(3), agent.hears(3)]);
    const path = join(world.directory, 'recordings', 'one.wav');
    const started = await timed(
      world.client.startRecording({ recordingId: 'r', path, left: 'customer', right: 'agent' }),
    );
    expect(statSync(join(world.directory, 'recordings')).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await agent.hears(50);
    const paused = await timed(world.client.pauseRecording('r'));
    await agent.hears(50);
    const resumed = await timed(world.client.resumeRecording('r'));
    await agent.hears(50);
    const closed = world.client.once('recording-closed');
    const stopped = await timed(world.client.stopRecording('r'));
    const summary = stopped.result;
    expect((await closed).complete).toBe(true);
    const { info, left, right } = readRecording(path);
    expect(info).toMatchObject({ encoding: 'pcm16', channels: 2, rateHz: 8000 });
    expect(summary.durationSeconds).toBeCloseTo(left.length / sampleRateHz, 3);
    expectPassed(left.length, started, stopped);
    expect(summary.bytes).toBe(statSync(path).size);
    for (const from of [2_000, left.length - 6_000]) {
      expect(typicalLevelDbm0(left, 440, from, from + 4_000)).toBeGreaterThan(loud);
      expect(typicalLevelDbm0(left, 1000, from, from + 4_000)).toBeLessThan(quiet);
      expect(typicalLevelDbm0(right, 1000, from, from + 4_000)).toBeGreaterThan(loud);
      expect(typicalLevelDbm0(right, 440, from, from + 4_000)).toBeLessThan(quiet);
    }
    for (const silence of [longestSilence(left), longestSilence(right)]) {
      expectPassed(silence.to - silence.from, paused, resumed);
      expectPassed(silence.from, started, paused);
    }
  });

  test('[REC-02] goes on in the same file when the call moves to another agent', async (world) => {
    const customer = await world.leg('customer');
    const first = await world.leg('first');
    const second = await world.leg('second');
    customer.speak(440);
    first.speak(1000);
    second.speak(1500);
    await world.client.bridge('customer', 'first');
    const path = join(world.directory, 'two.wav');
    await world.client.startRecording({ recordingId: 'r', path, left: 'customer', right: 'first' });
    await customer.hears(50);
    await world.client.releaseLeg('first');
    await world.client.bridge('customer', 'second');
    await world.client.attachRecording({ recordingId: 'r', right: 'second' });
    await customer.hears(50);
    await world.client.stopRecording('r');
    const { left, right } = readRecording(path);
    expect(typicalLevelDbm0(right, 1000, 2_000, 6_000)).toBeGreaterThan(loud);
    expect(typicalLevelDbm0(right, 1500, right.length - 6_000, right.length - 2_000)).toBeGreaterThan(loud);
    expect(typicalLevelDbm0(left, 440, 2_000, left.length - 2_000)).toBeGreaterThan(loud);
    expect(await refusal(world.client.startRecording({ recordingId: 'r', path, left: 'customer' }))).toBe(
      'recording-unwritable',
    );
  });

  test('[REC-03] leaves a playable file when the process is killed, and repairs it to the last second', async (world) => {
    const customer = await world.leg('customer');
    customer.speak(440);
    await world.client.stats();
    const path = join(world.directory, 'crash.wav');
    await world.client.startRecording({ recordingId: 'r', path, left: 'customer' });
    const startedAtMs = performance.now();
    // Progress is reported every five seconds: by then several flushes are on the disk.
    await world.client.once('recording-progress');
    await world.kill();
    const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
    const before = readRecording(path);
    expect(before.left.length / sampleRateHz).toBeGreaterThan(elapsedSeconds - 1.1);
    await world.spawn({ packets });
    const recovered = await world.client.recoverRecording(path);
    expect(recovered.durationSeconds).toBeGreaterThan(elapsedSeconds - 1.1);
    const { left } = readRecording(path);
    expect(typicalLevelDbm0(left, 440, left.length - 8_000, left.length)).toBeGreaterThan(loud);
    expect((await world.client.recoverRecording(path)).repaired).toBe(false);
  });

  test('[REC-07] goes on in the file of a process that died, with silence of the true length in between', async (world) => {
    const customer = await world.leg('customer');
    customer.speak(440);
    for (const format of ['wav', 'mp3'] as const) {
      const path = join(world.directory, `crash.${format}`);
      await world.client.startRecording({ recordingId: format, path, format, left: 'customer' });
    }
    const startedAtMs = performance.now();
    await world.client.once('recording-progress');
    await world.kill();
    await world.spawn({ packets });
    const second = await world.leg('second');
    second.speak(1000);
    const continueAfterMs = Math.round(performance.now() - startedAtMs);
    for (const format of ['wav', 'mp3'] as const) {
      const path = join(world.directory, `crash.${format}`);
      await world.client.startRecording({
        ...{ recordingId: format, path, format, left: 'second', continueAfterMs },
      });
    }
    await world.client.once('recording-progress');
    const [wav, mp3] = [await world.client.stopRecording('wav'), await world.client.stopRecording('mp3')];
    const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
    for (const { durationSeconds } of [wav, mp3]) {
      expect(durationSeconds).toBeGreaterThan(elapsedSeconds - 0.7);
      expect(durationSeconds).toBeLessThan(elapsedSeconds + 0.3);
    }
    const { left } = readRecording(wav.path);
    expect(wav.durationSeconds).toBeCloseTo(left.length / sampleRateHz, 3);
    expect(wav.bytes).toBe(statSync(wav.path).size);
    const resumedAt = Math.round((continueAfterMs / 1000) * sampleRateHz);
    expect(typicalLevelDbm0(left, 440, 2_000, 20_000)).toBeGreaterThan(loud);
    expect(levelDbm0(left, resumedAt - 800, resumedAt - 100)).toBe(Number.NEGATIVE_INFINITY);
    expect(typicalLevelDbm0(left, 1000, left.length - 10_000, left.length - 2_000)).toBeGreaterThan(loud);
    const mp3Seconds = statSync(mp3.path).size / 4_000;
    expect(mp3Seconds).toBeGreaterThan(elapsedSeconds - 0.9);
    expect(mp3Seconds).toBeLessThan(elapsedSeconds + 0.6);
  });
}
