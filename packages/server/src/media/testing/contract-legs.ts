import { levelDbm0 } from '@crosspoint/media';
import { expect } from 'vitest';
import { type ContractTest, expectContinuous, expectHears, half, refusal } from './contract.ts';

/** Bridges, directions and who may speak: what every packet path must do. */
export function contractLegs(test: ContractTest): void {
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

  test('[MED-17] carries sound over IPv6, and between the address families', async (world) => {
    const customer = await world.leg('customer', 'PCMU', {}, 'sendrecv', '::1');
    const agent = await world.leg('agent');
    await world.client.bridge('customer', 'agent');
    const started = world.client.once('rtp-started', (event) => event.legId === 'customer');
    customer.speak(440);
    agent.speak(1000);
    expect(await started).toMatchObject({ address: '::1', port: customer.port });
    await Promise.all([expectHears(customer, 1000, 440), expectHears(agent, 440, 1000)]);
    // The guard of a settled source comes within a tenth of a second; a stranger of the same host is refused anyway.
    const stranger = await world.phone('PCMU', customer.ssrc, '::1');
    stranger.callTo('::1', customer.target.port);
    stranger.sequence = customer.sequence;
    stranger.speak(2000);
    await expectHears(agent, 440, 2000);
    expectContinuous(customer);
    const remote = {
      codec: 'PCMU',
      payloadType: 0,
      direction: 'sendrecv',
      ptimeMs: 20,
      rtcpMux: false,
    } as const;
    const other = world.client.setRemote({ legId: 'agent', address: '::1', port: 9, ...remote });
    expect(await refusal(other)).toBe('invalid-request');
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
    const before = (await world.client.stats()).packetsReceived;
    while ((await world.client.stats()).packetsReceived === before) await behindNat.hears(1);
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
    await world.client.request('leg.direction', { legId: 'customer', direction: 'sendrecv' });
    await Promise.all([customer.hears(10), agent.hears(10)]);
    // A hold is a pause of the stream: a telephone that counts losses finds none.
    for (const phone of [customer, agent]) expectContinuous(phone);
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

  test('[MED-16] outlives a telephone that vanishes, and connects the other one elsewhere', async (world) => {
    const customer = await world.leg('customer');
    const vanishing = await world.leg('vanishing');
    const other = await world.leg('other');
    await world.client.bridge('customer', 'vanishing');
    customer.speak(440);
    vanishing.speak(1000);
    await customer.hears(20);
    vanishing.close();
    const before = (await world.client.stats()).packetsReceived;
    // What is sent to a closed port comes back as ICMP; fifty packets give it time to do harm.
    await world.client.play({ legId: 'other', playId: 'm', source: { kind: 'music' } });
    await other.hears(50);
    while ((await world.client.stats()).packetsReceived - before <= 40) await other.hears(5);
    const { cpuUserMicroseconds } = await world.client.stats();
    await world.client.stopPlaying({ legId: 'other' });
    await world.client.bridge('customer', 'other');
    await expectHears(other, 440, 1000);
    // A socket whose error is never taken would make the loop spin.
    const after = (await world.client.stats()).cpuUserMicroseconds;
    expect(after - cpuUserMicroseconds).toBeLessThan(300_000);
  });
}
