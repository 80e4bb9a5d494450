import { join } from 'node:path';
import { writeTelephoneEvent } from '@crosspoint/media';
import { expect } from 'vitest';
import type { DtlsParameters } from './protocol.ts';
import { TestBrowser } from './testing/browser.ts';
import { IceChecker } from './testing/ice-check.ts';
import { MovingNetwork } from './testing/moving-network.ts';
import {
  type ContractTest,
  contractTest,
  expectHears,
  half,
  loud,
  readRecording,
  refusal,
  typicalLevelDbm0,
} from './testing/contract.ts';
import type { MediaWorld } from './testing/world.ts';

const patienceMs = 60_000;
let ssrc = 0x2000;

/** What SIP says of a browser beside its ICE and DTLS. */
const remoteOf = (legId: string) =>
  ({
    legId,
    address: '0.0.0.0',
    port: 9,
    codec: 'PCMU',
    payloadType: 0,
    direction: 'sendrecv',
    ptimeMs: 20,
    rtcpMux: true,
  }) as const;

async function newBrowser(world: MediaWorld, legId: string): Promise<TestBrowser> {
  const { dtls } = await world.client.allocateLeg({ legId, transport: 'webrtc' });
  if (dtls === undefined) throw new Error('no DTLS parameters');
  return new TestBrowser(++ssrc, dtls);
}

/** A leg whose far end is a browser. */
async function browserLeg(world: MediaWorld, legId: string): Promise<TestBrowser> {
  const browser = await newBrowser(world, legId);
  const connected = world.client.once('transport-connected', (event) => event.legId === legId);
  await world.client.setRemote({
    ...remoteOf(legId),
    telephoneEventPayloadType: 126,
    dtls: { ...(await browser.parameters()), setup: 'active' },
  });
  expect((await connected).address).toBe('127.0.0.1');
  await browser.until('the connection', () => browser.isConnected);
  return browser;
}

function browserTests(test: ContractTest): void {
  test('[CAR-03] bridges a browser with a telephone, digits and reports included, and records both', async (world) => {
    const customer = await world.leg('customer', 'PCMA', { telephoneEventPayloadType: 101 });
    const browser = await browserLeg(world, 'agent');
    try {
      await world.client.bridge('customer', 'agent');
      const path = join(world.directory, 'call.wav');
      await world.client.startRecording({ recordingId: 'r', path, left: 'customer', right: 'agent' });
      customer.speak(440);
      browser.speak(1000);
      await Promise.all([expectHears(customer, 1000, 440), expectHears(browser, 440, 1000)]);

      const digit = world.client.once('digit');
      const payload = new Uint8Array(4);
      writeTelephoneEvent(payload, 0, 5, true, 10, 800);
      browser.send(126, payload, 1234, true);
      expect(await digit).toMatchObject({ legId: 'agent', digit: '5', durationMs: 100 });
      await customer.until('the digit', () =>
        customer.packets.some(({ payloadType }) => payloadType === 101),
      );

      await browser.until('a report', () => browser.reportCount > 0);
      await world.client.stopRecording('r');
      const { left, right } = readRecording(path);
      expect(typicalLevelDbm0(left, 440, left.length - 8_000, left.length)).toBeGreaterThan(loud);
      expect(typicalLevelDbm0(right, 1000, right.length - 8_000, right.length)).toBeGreaterThan(loud);
      const { stats } = await world.client.releaseLeg('agent');
      expect(stats.packetsReceived).toBeGreaterThan(half);
      expect(stats.packetsDropped).toBe(0);
    } finally {
      browser.close();
    }
  });

  test('[CAR-03] plays music to a browser, and gives its ports back', async (world) => {
    const { portsFree } = await world.client.stats();
    const browser = await browserLeg(world, 'caller');
    await world.client.play({ legId: 'caller', playId: 'm', source: { kind: 'music' } });
    await browser.hears(20);
    await world.client.releaseLeg('caller');
    expect((await world.client.stats()).portsFree).toBe(portsFree);
    browser.close();
  });

  test('[CAR-03] [RFC8445 §2.4] follows a browser that restarts its ICE to another network, with the same keys', async (world) => {
    const { portsFree } = await world.client.stats();
    const customer = await world.leg('customer', 'PCMU');
    const { port, dtls } = await world.client.allocateLeg({ legId: 'agent', transport: 'webrtc' });
    const first = dtls as DtlsParameters;
    const network = await MovingNetwork.open(port);
    const browser = new TestBrowser(++ssrc, network.describe(first));
    try {
      const said = { ...(await browser.parameters()), setup: 'active' as const, candidates: [] };
      expect(await refusal(world.client.restartIce('agent'))).toBe('invalid-request');
      const connected = world.client.once('transport-connected');
      await world.client.setRemote({ ...remoteOf('agent'), dtls: said });
      const before = await connected;
      await world.client.bridge('customer', 'agent');
      customer.speak(440);
      browser.speak(1000);
      await Promise.all([expectHears(customer, 1000, 440), expectHears(browser, 440, 1000)]);

      const ports = [];
      for (const ufrag of ['second', 'third']) {
        const restarted = await world.client.restartIce('agent');
        const moved = world.client.once('transport-connected');
        const now = restarted.dtls as DtlsParameters;
        expect(now.fingerprint).toEqual(first.fingerprint);
        expect([now.iceUfrag, now.icePwd]).not.toContain(first.iceUfrag);
        await world.client.setRemote({ ...remoteOf('agent'), dtls: { ...said, iceUfrag: ufrag } });
        await network.move(now, restarted.port, ufrag);
        expect((await moved).port).not.toBe(before.port);
        ports.push(restarted.port);
        // Everything else is dropped on the way.
        await Promise.all([expectHears(customer, 1000, 440), expectHears(browser, 440, 1000)]);
      }
      expect(new Set([port, ...ports]).size).toBe(2);
      const [formerly = 0, , lately = 0] = network.soundOver;
      await browser.hears(50);
      expect(network.soundOver[0]).toBe(formerly);
      expect(network.soundOver[2]).toBeGreaterThan(lately);

      const stranger = { ...said, fingerprint: { algorithm: 'sha-256', value: 'AA:BB' }, iceUfrag: 'fourth' };
      expect(await refusal(world.client.setRemote({ ...remoteOf('agent'), dtls: stranger }))).toBe(
        'invalid-request',
      );
      await world.client.releaseLeg('agent');
      await world.client.releaseLeg('customer');
      expect((await world.client.stats()).portsFree).toBe(portsFree);
    } finally {
      browser.close();
      network.close();
    }
  });

  test('[CAR-03] passes over ports that others use', async (world) => {
    const { portsFree } = await world.client.stats();
    const { port } = await world.client.allocateLeg({ legId: 'first' });
    await world.client.releaseLeg('first');
    // Every pair of the range but two has one port that somebody else sits on.
    const phones = [];
    for (let pair = 1; pair < portsFree - 1; pair++)
      phones.push(await world.phoneOn(port + 2 * pair + (pair % 2)));
    const browser = await newBrowser(world, 'caller');
    expect((await world.client.stats()).portsFree).toBe(portsFree - 1);
    browser.close();
    expect(phones).toHaveLength(portsFree - 2);
  });

  test('[CAR-03] says when a browser is not the one that the signalling announced', async (world) => {
    const browser = await newBrowser(world, 'caller');
    const parameters = await browser.parameters();
    const { algorithm, value } = parameters.fingerprint;
    const fingerprint = { algorithm, value: value.replace(/^../, (byte) => (byte === '00' ? '01' : '00')) };
    const failed = world.client.once('transport-failed');
    const remote = remoteOf('caller');
    expect(await refusal(world.client.setRemote(remote))).toBe('invalid-request');
    await world.client.setRemote({ ...remote, dtls: { ...parameters, fingerprint, setup: 'active' } });
    expect(await failed).toMatchObject({ legId: 'caller', reason: 'webrtc-failed' });
    browser.close();
  });

  test('[CAR-03] is reached by nobody before it knows whose fingerprint to accept', async (world) => {
    const { dtls } = await world.client.allocateLeg({ legId: 'caller', transport: 'webrtc' });
    const checker = await IceChecker.open(dtls as DtlsParameters);
    try {
      const early = Array.from({ length: 20 }, () => checker.check());
      // Each command is answered after what the process found in its sockets before.
      for (const _ of early) await world.client.stats();
      const { fingerprint, icePwd } = dtls as DtlsParameters;
      const own = { fingerprint, icePwd, iceUfrag: checker.ufrag, candidates: [] };
      await world.client.setRemote({ ...remoteOf('caller'), dtls: { ...own, setup: 'active' } });
      await checker.untilAnswered(patienceMs);
      expect(early.filter((transaction) => checker.answered.has(transaction))).toEqual([]);
      expect((await world.client.releaseLeg('caller')).stats.packetsDropped).toBe(0);
    } finally {
      checker.close();
    }
  });
}

browserTests(contractTest('koffi', 18_800));
browserTests(contractTest('dgram', 19_000));
