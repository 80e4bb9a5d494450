import { join } from 'node:path';
import { amplitudeOf, dtmfFrequenciesHz, levelDbm0 } from '@crosspoint/media';
import { expect } from 'vitest';
import type { Codec } from './protocol.ts';
import {
  type ContractTest,
  contractTest,
  expectContinuous,
  expectHears,
  expectRecorded,
  expectTones,
  half,
  loud,
  readRecording,
  refusal,
  typicalLevelDbm0,
} from './testing/contract.ts';
import type { TestPhone } from './testing/phone.ts';

/** Tones that were encoded, mixed or both, which costs some of their level. */
const expectMix = (phone: TestPhone, heardHz: number[], unheardHz: number[]): Promise<void> =>
  expectTones(phone, heardHz, unheardHz, loud - 4);

function transcodingTests(test: ContractTest): void {
  const pairs: [Codec, Codec][] = [
    ['G722', 'PCMA'],
    ['opus', 'PCMU'],
    ['opus', 'G722'],
    ['opus', 'opus'],
  ];
  for (const [a, b] of pairs) {
    test(`[CAR-02] bridges ${a} with ${b} and records both`, async (world) => {
      const customer = await world.leg('customer', a);
      const agent = await world.leg('agent', b);
      await world.client.bridge('customer', 'agent');
      const path = join(world.directory, 'call.wav');
      await world.client.startRecording({ recordingId: 'r', path, left: 'customer', right: 'agent' });
      customer.speak(400);
      agent.speak(1000);
      await Promise.all([customer.hears(20), agent.hears(20)]);
      await Promise.all([expectMix(customer, [1000], [400]), expectMix(agent, [400], [1000])]);
      // What the network loses stays lost in a relay; where sound is encoded anew the stream has no gap.
      if (a !== b) for (const phone of [customer, agent]) expectContinuous(phone);
      // Long enough for the recording to have half a second in which nobody stumbled.
      await Promise.all([customer.hears(75), agent.hears(75)]);
      await world.client.stopRecording('r');
      const { left, right } = readRecording(path);
      expectRecorded(left, 400, 1000);
      expectRecorded(right, 1000, 400);
      expect((await world.client.stats()).bridges).toBe(1);
    });
  }

  test('[CAR-02] plays music and sends digits to a leg that speaks Opus', async (world) => {
    const customer = await world.leg('customer', 'opus', { telephoneEventPayloadType: 110 });
    await world.client.play({ legId: 'customer', playId: 'm', source: { kind: 'music' } });
    await customer.hears(60);
    expect(levelDbm0(customer.lastSamples(half))).toBeGreaterThan(-40);
    const sent = world.client.once('digits-sent');
    await world.client.sendDigits({ legId: 'customer', digits: '5' });
    await sent;
    const events = () => customer.packets.filter(({ payloadType }) => payloadType === 110);
    // 100 ms at 48,000 Hz, in the packets that end the event.
    const lengths = () => events().map(({ payload: [, , high = 0, low = 0] }) => (high << 8) | low);
    await customer.until('the end of the digit', () => lengths().filter((it) => it === 4_800).length >= 3);
    expect(events().length).toBeGreaterThan(4);
    expect(Math.max(...lengths())).toBe(4_800);
  });

  test('[CAR-02] changes to transcoding and back when a re-INVITE changes the codec', async (world) => {
    const customer = await world.leg('customer', 'PCMU');
    const agent = await world.leg('agent', 'PCMU');
    await world.client.bridge('customer', 'agent');
    agent.speak(1000);
    await expectHears(customer, 1000, 400);
    const remote = { legId: 'customer', address: '127.0.0.1', port: customer.port, rtcpMux: false } as const;
    const agreed = { ...remote, direction: 'sendrecv', ptimeMs: 20, rtcpPort: customer.rtcpPort } as const;
    await world.client.setRemote({ ...agreed, codec: 'G722', payloadType: 9 });
    await customer.until('G.722', () => customer.packets.at(-1)?.payloadType === 9);
    await world.client.setRemote({ ...agreed, codec: 'PCMU', payloadType: 0 });
    await customer.until('G.711', () => customer.packets.at(-1)?.payloadType === 0);
    await expectHears(customer, 1000, 400);
    expectContinuous(customer);
  });

  test('[CAR-02] sends packets of the length that the far end asks for', async (world) => {
    const caller = await world.leg('caller', 'PCMU', { ptimeMs: 30 });
    await world.client.play({ legId: 'caller', playId: 'm', source: { kind: 'music' } });
    await caller.hears(10);
    expect(caller.packets.every(({ payload }) => payload.length === 240)).toBe(true);
    const steps = caller.packets.map(
      ({ timestamp }, i) => timestamp - (caller.packets[i - 1]?.timestamp ?? timestamp),
    );
    expect(new Set(steps.slice(1).map((step) => step >>> 0))).toEqual(new Set([240]));
  });

  test('[CAR-02] hears digits in the sound of a leg that has no telephone events', async (world) => {
    const caller = await world.leg('caller', 'PCMA');
    const [low = 0, high = 0] = dtmfFrequenciesHz('7') ?? [];
    const amplitude = amplitudeOf(-12);
    const digit = world.client.once('digit');
    caller.speakSamples((at) => {
      if (at < 1_600 || at >= 2_400) return 0;
      const angle = (2 * Math.PI * at) / 8_000;
      return amplitude * (Math.sin(low * angle) + Math.sin(high * angle));
    });
    const { digit: key, durationMs } = await digit;
    expect(key).toBe('7');
    expect(Math.abs(durationMs - 100)).toBeLessThan(25);
  });
}

function conferenceTests(test: ContractTest): void {
  test('[CTL-04] turns a call into a conference of three and back, in unbroken streams', async (world) => {
    const [a, b] = [await world.leg('a'), await world.leg('b', 'PCMA')];
    const c = await world.leg('c', 'G722');
    const tones = [400, 1000, 1600] as const;
    [a, b, c].forEach((phone, i) => phone.speak(tones[i] as number, -14));
    await world.client.bridge('a', 'b');
    await Promise.all([expectMix(a, [1000], [400, 1600]), expectMix(b, [400], [1000, 1600])]);
    await world.client.createConference('meeting');
    const path = join(world.directory, 'conference.wav');
    await world.client.startRecording({ recordingId: 'r', path, left: 'meeting' });
    for (const legId of ['a', 'b', 'c'])
      await world.client.joinConference({ conferenceId: 'meeting', legId });
    await Promise.all([
      expectMix(a, [1000, 1600], [400]),
      expectMix(b, [400, 1600], [1000]),
      expectMix(c, [400, 1000], [1600]),
    ]);
    await world.client.play({
      legId: 'meeting',
      playId: 't',
      source: { kind: 'tone', frequenciesHz: [2200], onMs: 9_000 },
    });
    await expectMix(a, [1000, 1600, 2200], [400]);
    await world.client.stopPlaying({ legId: 'meeting' });
    await world.client.bridge('a', 'b');
    await Promise.all([expectMix(a, [1000], [400, 1600]), expectMix(b, [400], [1000, 1600])]);
    expectContinuous(a);
    expectContinuous(b);
    await world.client.stopRecording('r');
    const { left } = readRecording(path);
    // For some half second everybody was heard.
    const starts = Array.from({ length: Math.floor(left.length / 4_000) }, (_, i) => i * 4_000);
    const isHeard = (from: number, hz: number): boolean =>
      typicalLevelDbm0(left, hz, from, from + 4_000) > loud - 8;
    expect(starts.some((from) => tones.every((hz) => isHeard(from, hz)))).toBe(true);
    await world.client.endConference('meeting');
    expect((await world.client.stats()).legs).toBe(3);
  });

  test('[SUP-02] lets a supervisor listen, whisper and barge in, in unbroken streams', async (world) => {
    const [customer, agent, boss] = [
      await world.leg('customer'),
      await world.leg('agent'),
      await world.leg('boss'),
    ];
    customer.speak(400, -14);
    agent.speak(1000, -14);
    boss.speak(1600, -14);
    await world.client.createConference('call');
    for (const legId of ['customer', 'agent'])
      await world.client.joinConference({ conferenceId: 'call', legId });
    const supervision = { mode: 'listen', legId: 'agent' } as const;
    await world.client.joinConference({ conferenceId: 'call', legId: 'boss', supervision });
    await Promise.all([
      expectMix(boss, [400, 1000], [1600]),
      expectMix(agent, [400], [1000, 1600]),
      expectMix(customer, [1000], [400, 1600]),
    ]);
    await world.client.setParty({ legId: 'boss', supervision: { mode: 'whisper', legId: 'agent' } });
    await Promise.all([expectMix(agent, [400, 1600], [1000]), expectMix(customer, [1000], [400, 1600])]);
    await world.client.setParty({ legId: 'boss', supervision: { mode: 'barge', legId: 'agent' } });
    await Promise.all([expectMix(agent, [400, 1600], [1000]), expectMix(customer, [1000, 1600], [400])]);
    await world.client.setParty({ legId: 'boss', muted: true });
    await Promise.all([expectMix(agent, [400], [1600]), expectMix(customer, [1000], [1600])]);
    await world.client.setParty({ legId: 'customer', gain: 0 });
    await expectMix(agent, [], [400, 1600]);
    for (const phone of [customer, agent, boss]) expectContinuous(phone);
    expect(await refusal(world.client.setParty({ legId: 'nobody', gain: 1 }))).toBe('unknown-leg');
    await world.client.leaveConference('boss');
    expect(await refusal(world.client.setParty({ legId: 'boss', gain: 1 }))).toBe('unknown-conference');
    expect(await refusal(world.client.joinConference({ conferenceId: 'agent', legId: 'boss' }))).toBe(
      'unknown-conference',
    );
  });
}

for (const [packets, portBase] of [
  ['koffi', 17_800],
  ['dgram', 18_400],
] as const) {
  const test = contractTest(packets, portBase);
  transcodingTests(test);
  conferenceTests(test);
}
