import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  encodeToUlaw,
  levelDbm0,
  synthesizeTone,
  telephoneEventBytes,
  toneLevelDbm0,
  writeRtcp,
  writeRtpHeader,
  writeTelephoneEvent,
  writeWavHeader,
} from '@crosspoint/media';
import { expect } from 'vitest';
import type { Digit, PlaySource } from '../protocol.ts';
import type { TestPhone } from './phone.ts';
import { type ContractTest, expectContinuous, expectHears, half, loud, refusal } from './contract.ts';

/** Packets of each half in which a drift is looked for: 2 s. */
const driftPackets = 100;
/** Between the halves: two per cent. */
const driftMaxMs = 40;

/** Digits, generated sound and reports: what every packet path must do. */
export function contractKeys(test: ContractTest): void {
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

  test('[MED-04] also hears a telephone that sends by the number of its own answer instead of that of our offer', async (world) => {
    const customer = await world.leg('customer', 'PCMU', {
      telephoneEventPayloadType: 110,
      receiveTelephoneEventPayloadType: 101,
    });
    const digits: Digit[] = [];
    world.client.on('digit', ({ digit }) => digits.push(digit));
    const last = world.client.once('digit', ({ digit }) => digit === '#');
    customer.pressDigit(110, 5);
    customer.pressDigit(101, 11);
    await last;
    expect(digits).toEqual(['5', '#']);
  });

  test('[MED-04] hears keys that come beside the sound from a source of their own, and lets the other side hear each once', async (world) => {
    const customer = await world.leg('customer', 'PCMU', { telephoneEventPayloadType: 101 });
    const agent = await world.leg('agent', 'PCMU', { telephoneEventPayloadType: 96 });
    await world.client.bridge('customer', 'agent');
    const digits: Digit[] = [];
    world.client.on('digit', ({ digit }) => digits.push(digit));
    const last = world.client.once('digit', ({ digit }) => digit === '#');
    const sent: string[] = [];
    world.client.on('digits-sent', ({ digits: some }) => sent.push(some));
    const sound = new Uint8Array(160).fill(0xff);
    const gateway = new KeySource(customer);
    customer.sendSound(sound);
    for (const event of [5, 11]) gateway.press(101, event, () => customer.sendSound(sound));
    await last;
    expect(digits).toEqual(['5', '#']);
    await agent.until('both keys to be sent on', () => sent.join('') === '5#');
    const events = agent.packets.filter(({ payloadType }) => payloadType === 96);
    expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(2);
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

  test('[QUE-01] plays a file as music over and over, and the own music where the file is not there', async (world) => {
    const customer = await world.leg('customer');
    const path = join(world.directory, 'own-music.ulaw');
    writeFileSync(path, encodeToUlaw(synthesizeTone({ frequenciesHz: [700], levelDbm0: -10, onMs: 60 })));
    const source: PlaySource = { kind: 'music', path };
    const { durationSeconds } = await world.client.play({ legId: 'customer', playId: 'm', source });
    expect(durationSeconds).toBeNull();
    await customer.hears(half);
    await expectHears(customer, 700, 440);
    const absent: PlaySource = { kind: 'music', path: `${path}.gone` };
    await world.client.play({ legId: 'customer', playId: 'm', source: absent });
    await customer.hears(half + 5);
    expect(levelDbm0(customer.lastSamples(half))).toBeGreaterThan(-30);
    expect(toneLevelDbm0(customer.lastSamples(half), 700)).toBeLessThan(-30);
    expectContinuous(customer);
  });

  test('[MED-19] speaks over the music, which steps back and returns', async (world) => {
    const caller = await world.leg('caller', 'PCMA');
    const music: PlaySource = { kind: 'tone', frequenciesHz: [440], onMs: 1_000, levelDbm0: -10 };
    await world.client.play({ legId: 'caller', playId: 'music', source: music, loop: true });
    await expectHears(caller, 440, 1000);
    const prompt: PlaySource = { kind: 'tone', frequenciesHz: [1000], onMs: 1_500, levelDbm0: -10 };
    const ended = world.client.once('play-ended');
    await world.client.play({ legId: 'caller', playId: 'prompt', source: prompt, over: true });
    await caller.hears(half + 15);
    const both = caller.lastSamples(half);
    expect(toneLevelDbm0(both, 1000)).toBeGreaterThan(loud);
    expect(toneLevelDbm0(both, 440)).toBeGreaterThan(-30);
    expect(toneLevelDbm0(both, 440)).toBeLessThan(-20);
    expect(await ended).toMatchObject({ playId: 'prompt', reason: 'finished' });
    // 0.4 s until the music believes that the prompt is over, 0.6 s to come back.
    await caller.hears(60);
    await expectHears(caller, 440, 1000);
    expectContinuous(caller);
  });

  test('[MED-07] sends generated sound every 20 ms without drift', async (world) => {
    const phone = await world.leg('phone');
    await world.client.play({ legId: 'phone', playId: 'm', source: { kind: 'ringback' } });
    await phone.hears(2 * driftPackets);
    // What is late on a busy machine is made good; a drift would not be. So of each half the most punctual packet counts.
    const latenessMs = phone.packets.map(({ atMs }, i) => atMs - i * 20);
    const firstMs = Math.min(...latenessMs.slice(0, driftPackets));
    const secondMs = Math.min(...latenessMs.slice(driftPackets, 2 * driftPackets));
    expect(Math.abs(secondMs - firstMs)).toBeLessThan(driftMaxMs);
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

  test('[MED-08] plays a sentence made of pieces without a gap, or none of it', async (world) => {
    const paths = [600, 900].map((frequencyHz) => {
      const path = join(world.directory, `piece-${frequencyHz}.wav`);
      const rateHz = 8_000;
      const samples = rateHz / 5;
      const tone = Int16Array.from(
        { length: samples },
        (_, i) => 8000 * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz),
      );
      const bytes = new Uint8Array(44 + tone.byteLength);
      writeWavHeader(bytes, { encoding: 'pcm16', channels: 1, rateHz }, tone.byteLength);
      bytes.set(new Uint8Array(tone.buffer), 44);
      writeFileSync(path, bytes);
      return path;
    });
    const phone = await world.leg('phone');
    const ended = world.client.once('play-ended', ({ playId }) => playId === 'sentence');
    const { durationSeconds } = await world.client.play({
      legId: 'phone',
      playId: 'sentence',
      source: { kind: 'sequence', paths },
    });
    expect(durationSeconds).toBeCloseTo(0.4, 3);
    expect((await ended).reason).toBe('finished');
    await phone.until('the whole sentence', () => phone.packets.length >= 20);
    expect(toneLevelDbm0(phone.lastSamples(9), 900)).toBeGreaterThan(loud);
    const broken = { kind: 'sequence', paths: [...paths, join(world.directory, 'nothing.wav')] } as const;
    const refused = refusal(
      world.client.play({ legId: 'phone', playId: 'x', source: { ...broken, paths: [...broken.paths] } }),
    );
    expect(await refused).toBe('file-unreadable');
  });

  test('[MED-11] exchanges reports: loss, jitter and round trip of both directions', async (world) => {
    const phone = await world.leg('phone');
    await world.client.play({ legId: 'phone', playId: 'm', source: { kind: 'music' } });
    phone.speak(440);
    await phone.until('a sender report', () => phone.reports.length > 0);
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
    // A telephone of a busy machine stumbles, and its jitter is rightly reported: it dies down within some packets.
    const figures = await world.client.once(
      'leg-stats',
      ({ legs: [leg] }) => leg?.remotePacketsLost === 7 && (leg.jitterMs ?? 1_000) < 20,
      30_000,
    );
    expect(figures.legs[0]?.remoteJitterMs).toBe(10);
    expect(figures.legs[0]?.roundTripMs).toBeGreaterThanOrEqual(0);
    expect(figures.legs[0]?.roundTripMs).toBeLessThan(1000);
    const { stats } = await world.client.releaseLeg('phone');
    expect(stats.final).toBe(true);
    await phone.until('good-bye', () => phone.reports.at(-1)?.bye === true);
  });
}

/** A gateway's own stream of keys, from the address of a telephone whose sound goes on. */
class KeySource {
  readonly #phone: TestPhone;
  readonly #ssrc = 0x1234;
  #sequence = 9_000;
  #timestamp = 70_000;

  constructor(phone: TestPhone) {
    this.#phone = phone;
  }

  /** Three updates and three ends, with a packet of sound behind each. */
  press(payloadType: number, event: number, sound: () => void): void {
    for (let i = 1; i <= 6; i++) {
      const bytes = new Uint8Array(12 + telephoneEventBytes);
      this.#sequence++;
      writeRtpHeader(bytes, 0, i === 1, payloadType, this.#sequence, this.#timestamp, this.#ssrc);
      writeTelephoneEvent(bytes, 12, event, i > 3, 10, Math.min(i, 4) * 160);
      this.#phone.sendBytes(bytes);
      sound();
    }
    this.#timestamp += 960;
  }
}
