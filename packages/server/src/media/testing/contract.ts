import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  levelDbm0,
  parseWavHeader,
  sampleRateHz,
  toneLevelDbm0,
  type WavInfo,
  writeRtcp,
  writeWavHeader,
} from '@crosspoint/media';
import { expect, it } from 'vitest';
import type { MediaError } from '../client.ts';
import type { MediaSettings } from '../process/settings.ts';
import type { Digit, MediaErrorCode } from '../protocol.ts';
import type { TestPhone } from './phone.ts';
import { MediaWorld } from './world.ts';

/** Half a second of sound: long enough to tell 440 from 1,000 Hz with 2 Hz resolution. */
const half = 25;
const loud = -14;
const quiet = -40;

/** One telephone hears one frequency clearly and the other not at all. */
async function expectHears(phone: TestPhone, frequencyHz: number, notHz: number): Promise<void> {
  await phone.hears(half + 2);
  const samples = phone.lastSamples(half);
  expect(toneLevelDbm0(samples, frequencyHz)).toBeGreaterThan(loud);
  expect(toneLevelDbm0(samples, notHz)).toBeLessThan(quiet);
}

async function refusal(promise: Promise<unknown>): Promise<MediaErrorCode> {
  return promise.then(
    () => {
      throw new Error('the request was accepted');
    },
    (error: MediaError) => error.code,
  );
}

interface Channels {
  info: WavInfo;
  left: Int16Array;
  right: Int16Array;
}

function readRecording(path: string): Channels {
  const bytes = readFileSync(path);
  const info = parseWavHeader(bytes);
  if ('problem' in info) throw new Error(info.problem);
  const frames = info.dataBytes / 4;
  const at = (frame: number, channel: number): number =>
    bytes.readInt16LE(info.dataStart + frame * 4 + channel * 2);
  return {
    info,
    left: Int16Array.from({ length: frames }, (_, frame) => at(frame, 0)),
    right: Int16Array.from({ length: frames }, (_, frame) => at(frame, 1)),
  };
}

/** Every packet carries the next sequence number, and timestamps never go back. */
function expectContinuous(phone: TestPhone): void {
  expect(new Set(phone.packets.map((packet) => packet.ssrc)).size).toBe(1);
  for (const [index, packet] of phone.packets.entries()) {
    const former = phone.packets[index - 1];
    if (former === undefined) continue;
    expect(packet.sequence).toBe((former.sequence + 1) & 0xffff);
    expect((packet.timestamp - former.timestamp) | 0).toBeGreaterThanOrEqual(0);
  }
}

type Body = (world: MediaWorld) => Promise<void>;

/** What every packet path must do; each test has a media process of its own. */
export function mediaContract(packets: 'koffi' | 'dgram', portBase: number): void {
  const test = (title: string, body: Body, settings: Partial<MediaSettings> = {}): void => {
    it.concurrent(`${title} (${packets})`, async () => {
      const world = await MediaWorld.open({
        packets,
        rtpPortMin: portBase,
        rtpPortMax: portBase + 999,
        ...settings,
      });
      try {
        await body(world);
      } finally {
        await world.close();
      }
    }, 30_000);
  };

  test('[MED-01] takes the packet path that it was told, on a socket that only its user may enter', async (world) => {
    expect(world.client.hello?.packetPath).toBe(packets);
    expect(statSync(world.socketPath).mode & 0o777).toBe(0o600);
  });

  test('[MED-02] carries two tones between two legs, one stream each, without a gap', async (world) => {
    const customer = await world.leg('customer');
    const agent = await world.leg('agent');
    await world.client.bridge('customer', 'agent');
    customer.speak(440);
    agent.speak(1000);
    await Promise.all([expectHears(customer, 1000, 440), expectHears(agent, 440, 1000)]);
    expect(customer.packets[0]?.marker).toBe(true);
    expect(customer.packets[0]?.ssrc).not.toBe(agent.ssrc);
    expectContinuous(customer);
    expectContinuous(agent);
    await world.client.unbridge('agent');
    const { bridges } = await world.client.stats();
    expect(bridges).toBe(0);
  });

  test('[MED-03] transcodes between µ-law and A-law in both directions', async (world) => {
    const customer = await world.leg('customer', 'PCMU');
    const agent = await world.leg('agent', 'PCMA');
    await world.client.bridge('customer', 'agent');
    customer.speak(440);
    agent.speak(1000);
    await Promise.all([expectHears(customer, 1000, 440), expectHears(agent, 440, 1000)]);
    expect(new Set(customer.packets.map((packet) => packet.payloadType))).toEqual(new Set([0]));
    expect(new Set(agent.packets.map((packet) => packet.payloadType))).toEqual(new Set([8]));
  });

  test('[MED-04] reports a digit once, and passes it on under the payload type of the other side', async (world) => {
    const customer = await world.leg('customer', 'PCMU', { telephoneEventPayloadType: 101 });
    const agent = await world.leg('agent', 'PCMU', { telephoneEventPayloadType: 96 });
    await world.client.bridge('customer', 'agent');
    const digits: Digit[] = [];
    world.client.on('digit', ({ legId, digit }) => {
      expect(legId).toBe('customer');
      digits.push(digit);
    });
    const last = world.client.once('digit', ({ digit }) => digit === '#');
    customer.pressDigit(101, 5);
    customer.pressDigit(101, 11);
    expect((await last).durationMs).toBe(80);
    expect(digits).toEqual(['5', '#']);
    await agent.until('twelve event packets', () => agent.packets.length === 12);
    expect(new Set(agent.packets.map((packet) => packet.payloadType))).toEqual(new Set([96]));
    expect(new Set(agent.packets.map((packet) => packet.timestamp)).size).toBe(2);
    expectContinuous(agent);
  });

  test('[MED-05] sends digits as events with three ends, and as tones to a leg that knows no events', async (world) => {
    const modern = await world.leg('modern', 'PCMU', { telephoneEventPayloadType: 101 });
    const sent = world.client.once('digits-sent', ({ legId }) => legId === 'modern');
    await world.client.sendDigits({ legId: 'modern', digits: '7' });
    await sent;
    await modern.until(
      'three ends',
      () => modern.packets.filter((p) => (p.payload[1] as number) >= 128).length === 3,
    );
    expect(new Set(modern.packets.map((packet) => packet.payload[0]))).toEqual(new Set([7]));
    expect(new Set(modern.packets.map((packet) => packet.timestamp)).size).toBe(1);
    expect(modern.packets.map((packet) => packet.marker).indexOf(true, 1)).toBe(-1);

    const old = await world.leg('old', 'PCMA');
    await world.client.sendDigits({ legId: 'old', digits: '7', durationMs: 200 });
    await old.hears(9);
    const samples = old.lastSamples(8);
    expect(toneLevelDbm0(samples, 852)).toBeGreaterThan(loud);
    expect(toneLevelDbm0(samples, 1209)).toBeGreaterThan(loud);
  });

  test('[MED-06] plays music to a held leg, returns to the bridge, and keeps its stream continuous', async (world) => {
    const customer = await world.leg('customer');
    const agent = await world.leg('agent', 'PCMA');
    await world.client.bridge('customer', 'agent');
    agent.speak(1000);
    await expectHears(customer, 1000, 440);
    const held = await world.client.play({ legId: 'customer', playId: 'hold', source: { kind: 'music' } });
    expect(held.durationSeconds).toBeNull();
    await customer.hears(half + 5);
    const music = customer.lastSamples(half);
    expect(toneLevelDbm0(music, 1000)).toBeLessThan(-30);
    expect(levelDbm0(music)).toBeGreaterThan(-30);
    const ended = world.client.once('play-ended');
    await world.client.stopPlaying({ legId: 'customer', playId: 'hold' });
    expect((await ended).reason).toBe('stopped');
    await expectHears(customer, 1000, 440);
    expectContinuous(customer);
    // Music, and then the agent again, begin with the marker bit.
    expect(customer.packets.filter((packet) => packet.marker)).toHaveLength(3);
  });

  test('[MED-07] sends generated sound every 20 ms without drift', async (world) => {
    const phone = await world.leg('phone');
    await world.client.play({ legId: 'phone', playId: 'm', source: { kind: 'ringback' } });
    await phone.hears(1);
    const startedAtMs = performance.now();
    await phone.hears(100);
    expect(performance.now() - startedAtMs).toBeGreaterThan(1960);
    expect(performance.now() - startedAtMs).toBeLessThan(2300);
    const steps = phone.packets
      .slice(1)
      .map((packet, i) => (packet.timestamp - (phone.packets[i]?.timestamp ?? 0)) | 0);
    expect(new Set(steps)).toEqual(new Set([160]));
  });

  test('[MED-08] plays a prompt of another rate to its end, and a second time when asked to loop', async (world) => {
    const path = join(world.directory, 'prompt.wav');
    const rateHz = 16_000;
    const tone = Int16Array.from(
      { length: rateHz / 2 },
      (_, i) => 8000 * Math.sin((2 * Math.PI * 600 * i) / rateHz),
    );
    const bytes = new Uint8Array(44 + tone.byteLength);
    writeWavHeader(bytes, { encoding: 'pcm16', channels: 1, rateHz }, tone.byteLength);
    bytes.set(new Uint8Array(tone.buffer), 44);
    writeFileSync(path, bytes);
    const phone = await world.leg('phone', 'PCMA');
    const ended = world.client.once('play-ended', ({ playId }) => playId === 'prompt');
    const { durationSeconds } = await world.client.play({
      legId: 'phone',
      playId: 'prompt',
      source: { kind: 'file', path },
    });
    expect(durationSeconds).toBeCloseTo(0.5, 2);
    expect((await ended).reason).toBe('finished');
    await phone.until('the whole prompt', () => phone.packets.length >= 25);
    expect(toneLevelDbm0(phone.lastSamples(20), 600)).toBeGreaterThan(loud);
    const count = phone.packets.length;
    await world.client.play({ legId: 'phone', playId: 'again', source: { kind: 'file', path }, loop: true });
    await phone.until('more than one pass', () => phone.packets.length > count + 30);
    await world.client.stopPlaying({ legId: 'phone' });
    const missing = { kind: 'file', path: join(world.directory, 'nothing.wav') } as const;
    expect(await refusal(world.client.play({ legId: 'phone', playId: 'x', source: missing }))).toBe(
      'file-unreadable',
    );
    const wrong = { kind: 'file', path: world.socketPath } as const;
    expect(await refusal(world.client.play({ legId: 'phone', playId: 'x', source: wrong }))).toBe(
      'file-unsupported',
    );
  });

  test('[LOCK-04] refuses a stranger who sends into a running stream', async (world) => {
    const customer = await world.leg('customer');
    const agent = await world.leg('agent');
    await world.client.bridge('customer', 'agent');
    customer.speak(440);
    await agent.hears(5);
    const stranger = await world.phone('PCMU', customer.ssrc);
    stranger.callTo(customer.target.address, customer.target.port);
    stranger.sequence = customer.sequence;
    stranger.timestamp = customer.timestamp;
    stranger.speak(2000);
    await expectHears(agent, 440, 2000);
    await expectHears(agent, 440, 2000);
    customer.silent();
    const sentCount = customer.sentCount;
    await agent.until('all that the customer said', () => agent.heardCount === sentCount);
    const { stats } = await world.client.releaseLeg('customer');
    expect(stats.packetsReceived).toBe(sentCount);
    expect(stranger.packets).toHaveLength(0);
  });

  test('[LOCK-02] follows a telephone behind a NAT, and the announced address when that one speaks', async (world) => {
    const behindNat = await world.leg('customer', 'PCMU', { address: '127.0.0.9', port: 9 });
    await world.client.play({ legId: 'customer', playId: 'm', source: { kind: 'music' } });
    const started = world.client.once('rtp-started');
    behindNat.speak(440);
    expect((await started).port).toBe(behindNat.port);
    await behindNat.hears(5);
    const announced = await world.phone();
    await world.client.setRemote({
      legId: 'customer',
      address: '127.0.0.1',
      port: announced.port,
      codec: 'PCMU',
      payloadType: 0,
      direction: 'sendrecv',
      ptimeMs: 20,
      rtcpMux: false,
    });
    // The lock is open again; the announced one takes it, even when the other was faster.
    await behindNat.hears(2);
    const changed = world.client.once('source-changed', (event) => event.port === announced.port);
    announced.callTo(behindNat.target.address, behindNat.target.port);
    announced.speak(440);
    await changed;
    await announced.hears(5);
  });

  test('[MED-09] keeps silent towards a leg that only sends, and ignores one that only receives', async (world) => {
    const customer = await world.leg('customer');
    const agent = await world.leg('agent');
    await world.client.bridge('customer', 'agent');
    customer.speak(440);
    agent.speak(1000);
    await Promise.all([customer.hears(3), agent.hears(3)]);
    await world.client.request('leg.direction', { legId: 'customer', direction: 'recvonly' });
    const atHold = customer.heardCount;
    await agent.hears(20);
    expect(customer.heardCount).toBeLessThanOrEqual(atHold + 1);
    await world.client.request('leg.direction', { legId: 'customer', direction: 'sendonly' });
    await customer.hears(3);
    const atSendOnly = agent.heardCount;
    await customer.hears(20);
    expect(agent.heardCount).toBeLessThanOrEqual(atSendOnly + 1);
  });

  test('[MED-10] lets the peer of a muted leg hear silence in an unbroken stream', async (world) => {
    const customer = await world.leg('customer');
    const agent = await world.leg('agent', 'PCMA');
    await world.client.bridge('customer', 'agent');
    customer.speak(440);
    await expectHears(agent, 440, 1000);
    await world.client.mute('customer', true);
    await agent.hears(half + 3);
    expect(levelDbm0(agent.lastSamples(half))).toBeLessThan(-60);
    await world.client.mute('customer', false);
    await expectHears(agent, 440, 1000);
    expectContinuous(agent);
  });

  test('[REC-01] records the customer left and the agent right, with silence of the true length in a pause', async (world) => {
    const customer = await world.leg('customer', 'PCMU');
    const agent = await world.leg('agent', 'PCMA');
    await world.client.bridge('customer', 'agent');
    customer.speak(440);
    agent.speak(1000);
    await Promise.all([customer.hears(3), agent.hears(3)]);
    const path = join(world.directory, 'recordings', 'one.wav');
    await world.client.startRecording({ recordingId: 'r', path, left: 'customer', right: 'agent' });
    expect(statSync(join(world.directory, 'recordings')).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await agent.hears(50);
    await world.client.pauseRecording('r');
    await agent.hears(50);
    await world.client.resumeRecording('r');
    await agent.hears(50);
    const closed = world.client.once('recording-closed');
    const summary = await world.client.stopRecording('r');
    expect((await closed).complete).toBe(true);
    const { info, left, right } = readRecording(path);
    expect(info).toMatchObject({ encoding: 'pcm16', channels: 2, rateHz: 8000 });
    expect(summary.durationSeconds).toBeCloseTo(left.length / sampleRateHz, 3);
    expect(summary.durationSeconds).toBeGreaterThan(2.9);
    expect(summary.durationSeconds).toBeLessThan(3.5);
    expect(summary.bytes).toBe(statSync(path).size);
    for (const from of [2_000, left.length - 6_000]) {
      expect(toneLevelDbm0(left, 440, sampleRateHz, from, from + 4_000)).toBeGreaterThan(loud);
      expect(toneLevelDbm0(left, 1000, sampleRateHz, from, from + 4_000)).toBeLessThan(quiet);
      expect(toneLevelDbm0(right, 1000, sampleRateHz, from, from + 4_000)).toBeGreaterThan(loud);
      expect(toneLevelDbm0(right, 440, sampleRateHz, from, from + 4_000)).toBeLessThan(quiet);
    }
    const middle = Math.floor(left.length / 2);
    expect(levelDbm0(left, middle - 2_000, middle + 2_000)).toBe(Number.NEGATIVE_INFINITY);
    expect(levelDbm0(right, middle - 2_000, middle + 2_000)).toBe(Number.NEGATIVE_INFINITY);
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
    expect(toneLevelDbm0(right, 1000, sampleRateHz, 2_000, 6_000)).toBeGreaterThan(loud);
    expect(
      toneLevelDbm0(right, 1500, sampleRateHz, right.length - 6_000, right.length - 2_000),
    ).toBeGreaterThan(loud);
    expect(toneLevelDbm0(left, 440, sampleRateHz, 2_000, left.length - 2_000)).toBeGreaterThan(loud);
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
    await world.client.once('recording-progress', () => true, 8_000);
    await world.kill();
    const elapsedSeconds = (performance.now() - startedAtMs) / 1000;
    const before = readRecording(path);
    expect(before.left.length / sampleRateHz).toBeGreaterThan(elapsedSeconds - 1.1);
    await world.spawn({ packets });
    const recovered = await world.client.recoverRecording(path);
    expect(recovered.durationSeconds).toBeGreaterThan(elapsedSeconds - 1.1);
    const { left } = readRecording(path);
    expect(toneLevelDbm0(left, 440, sampleRateHz, left.length - 8_000, left.length)).toBeGreaterThan(loud);
    expect((await world.client.recoverRecording(path)).repaired).toBe(false);
  });

  test('[CTL-01] goes on without a control process, and is adopted by the next one', async (world) => {
    const customer = await world.leg('customer', 'PCMU', { telephoneEventPayloadType: 101 });
    const agent = await world.leg('agent');
    await world.client.bridge('customer', 'agent');
    customer.speak(440);
    await agent.hears(3);
    const path = join(world.directory, 'adopted.wav');
    await world.client.startRecording({ recordingId: 'r', path, left: 'customer', right: 'agent' });
    const lastSequence = world.client.hello?.lastSequence ?? 0;
    world.client.close();
    customer.pressDigit(101, 3);
    await expectHears(agent, 440, 1000);
    const next = world.newClient();
    const repeated = next.once('digit');
    const hello = await next.connect();
    expect(hello.legs.map((leg) => leg.legId)).toEqual(['customer', 'agent']);
    expect(hello.legs[0]).toMatchObject({
      bridgedWith: 'agent',
      source: { port: customer.port },
      playing: null,
    });
    expect(hello.recordings).toMatchObject([
      { recordingId: 'r', state: 'recording', left: 'customer', right: 'agent' },
    ]);
    expect(hello.lastSequence).toBeGreaterThan(lastSequence);
    // The new client asked for new events only; it presses again to see one.
    customer.pressDigit(101, 4);
    expect((await repeated).digit).toBe('4');
    await next.stopRecording('r');
    expect(existsSync(path)).toBe(true);
  });

  test('[CTL-02] repeats what a returning client has missed, and shows a former one the door', async (world) => {
    const phone = await world.leg('phone', 'PCMU', { telephoneEventPayloadType: 101 });
    const other = world.newClient();
    const superseded = new Promise<void>((resolve) => world.client.on('disconnected', () => resolve()));
    await other.connect();
    await superseded;
    expect(world.client.isSuperseded).toBe(true);
    const seen = other.once('digit');
    phone.pressDigit(101, 9);
    await seen;
    const missed = world.client.once('digit');
    await world.client.connect();
    expect((await missed).digit).toBe('9');
  });

  test('[CTL-03] refuses what it does not understand and stays alive', async (world) => {
    const { client } = world;
    await client.allocateLeg({ legId: 'a' });
    expect(await refusal(client.allocateLeg({ legId: 'a' }))).toBe('already-exists');
    expect(await refusal(client.allocateLeg({ legId: 'b', address: '192.0.2.1' }))).toBe(
      'address-unavailable',
    );
    expect(await refusal(client.allocateLeg({ legId: 'not allowed' }))).toBe('invalid-request');
    expect(await refusal(client.bridge('a', 'nobody'))).toBe('unknown-leg');
    expect(await refusal(client.bridge('a', 'a'))).toBe('invalid-request');
    expect(await refusal(client.request('leg.direction', { legId: 'a', direction: 'inactive' }))).toBe(
      'remote-missing',
    );
    expect(await refusal(client.stopRecording('nobody'))).toBe('unknown-recording');
    expect(await refusal(client.request('nonsense' as 'stats', {}))).toBe('unknown-method');
    const raw = connect(world.socketPath);
    await once(raw, 'connect');
    const answers: string[] = [];
    raw.on('data', (chunk: Buffer) => answers.push(...chunk.toString().trim().split('\n')));
    raw.write(
      '{"id":1,"method":"stats","params":{}}\nno json\n{"id":2,"method":"hello","params":{"protocolVersion":99,"client":"x","resumeAfterSequence":null}}\n',
    );
    while (answers.length < 3) await once(raw, 'data');
    const codes = answers.map((line) => (JSON.parse(line) as { error: { code: string } }).error.code);
    expect(codes).toEqual(['not-introduced', 'internal', 'protocol-version']);
    raw.destroy();
    expect((await client.stats()).legs).toBe(1);
  });

  test('[MED-11] exchanges reports: loss, jitter and round trip of both directions', async (world) => {
    const phone = await world.leg('phone');
    await world.client.play({ legId: 'phone', playId: 'm', source: { kind: 'music' } });
    phone.speak(440);
    await phone.until('a sender report', () => phone.reports.length > 0, 8_000);
    const report = phone.reports[0];
    expect(report?.sender?.packetCount).toBeGreaterThan(0);
    expect(report?.reports[0]?.ssrc).toBe(phone.ssrc);
    expect(report?.reports[0]?.cumulativeLost).toBe(0);
    expect(report?.cname).toBeDefined();
    const { ntpSeconds = 0, ntpFraction = 0 } = report?.sender ?? {};
    const answer = new Uint8Array(512);
    const length = writeRtcp(answer, {
      ssrc: phone.ssrc,
      cname: 'phone',
      report: {
        ssrc: report?.senderSsrc ?? 0,
        fractionLost: 0,
        cumulativeLost: 7,
        extendedHighestSequence: 1,
        jitter: 80,
        lastSenderReport: (((ntpSeconds & 0xffff) << 16) | (ntpFraction >>> 16)) >>> 0,
        delaySinceLastSenderReport: 0,
      },
    });
    phone.sendReport(answer.subarray(0, length));
    const figures = await world.client.once(
      'leg-stats',
      ({ legs: [leg] }) => leg?.remotePacketsLost === 7,
      8_000,
    );
    expect(figures.legs[0]?.remoteJitterMs).toBe(10);
    expect(figures.legs[0]?.roundTripMs).toBeGreaterThanOrEqual(0);
    expect(figures.legs[0]?.roundTripMs).toBeLessThan(1000);
    expect(figures.legs[0]?.jitterMs).toBeLessThan(20);
    const { stats } = await world.client.releaseLeg('phone');
    expect(stats.final).toBe(true);
    await phone.until('good-bye', () => phone.reports.at(-1)?.bye === true);
  });

  test(
    '[MED-12] raises a time-out once for a leg that fell silent, and a start when it returns',
    async (world) => {
      const phone = await world.leg('phone');
      const never = await world.client.once('rtp-timeout');
      expect(never.silentForMs).toBeGreaterThanOrEqual(1000);
      const returned = world.client.once('rtp-started');
      phone.speak(440);
      await returned;
      const again = world.client.once('rtp-timeout');
      phone.silent();
      expect((await again).legId).toBe('phone');
    },
    { rtpTimeoutSeconds: 1 },
  );

  test(
    '[MED-13] skips ports that others use, and says clearly when none is left',
    async (world) => {
      const others = [createSocket('udp4'), createSocket('udp4')];
      others[0]?.bind(portBase + 900, '127.0.0.1');
      others[1]?.bind(portBase + 903, '127.0.0.1');
      await Promise.all(others.map((socket) => once(socket, 'listening')));
      const first = await world.client.allocateLeg({ legId: 'a' });
      const second = await world.client.allocateLeg({ legId: 'b' });
      expect([first.port, second.port].toSorted()).toEqual([portBase + 904, portBase + 906]);
      expect(await refusal(world.client.allocateLeg({ legId: 'c' }))).toBe('ports-exhausted');
      await world.client.releaseLeg('a');
      expect((await world.client.allocateLeg({ legId: 'c' })).port).toBe(portBase + 904);
      for (const socket of others) socket.close();
    },
    { rtpPortMin: portBase + 900, rtpPortMax: portBase + 907 },
  );

  test(
    '[CTL-04] ends by itself when nobody has asked for it and no call is left',
    async (world) => {
      await world.leg('forgotten');
      const { processId } = world;
      world.client.close();
      await world.exited();
      expect(() => process.kill(processId, 0)).toThrow();
    },
    { orphanExitSeconds: 1, orphanLegSilenceSeconds: 1 },
  );
}
