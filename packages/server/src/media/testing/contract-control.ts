import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { writeRtcp } from '@crosspoint/media';
import { expect } from 'vitest';
import { type ContractTest, expectHears, refusal } from './contract.ts';

/** The control connection, ports and time-outs: what every packet path must do. */
export function contractControl(test: ContractTest, packets: 'koffi' | 'dgram', portBase: number): void {
  test('[MED-01] takes the packet path that it was told, on a socket that only its user may enter', async (world) => {
    expect(world.client.hello?.packetPath).toBe(packets);
    expect(statSync(world.socketPath).mode & 0o777).toBe(0o600);
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

  test(
    '[MED-18] says that the sound of a leg is lost, again and again, unless reports come or it is on hold',
    async (world) => {
      const gone = await world.leg('gone');
      const reporting = await world.leg('reporting');
      await world.leg('held', 'PCMU', {}, 'sendonly');
      for (const phone of [gone, reporting]) phone.speak(440);
      await world.client.once('rtp-started', (event) => event.legId === 'reporting');
      for (const phone of [gone, reporting]) phone.silent();
      const report = new Uint8Array(28);
      const length = writeRtcp(report, { ssrc: reporting.ssrc, cname: 'telephone' });
      const timer = setInterval(() => reporting.sendReport(report.subarray(0, length)), 200);
      const lost: string[] = [];
      world.client.on('sound-lost', ({ legId }) => lost.push(legId));
      const isLong = (event: { silentForMs: number }): boolean => event.silentForMs >= 4_000;
      expect((await world.client.once('sound-lost', isLong)).legId).toBe('gone');
      clearInterval(timer);
      expect(lost).toEqual(['gone', 'gone']);
    },
    { rtpTimeoutSeconds: 1, soundTimeoutSeconds: 2 },
  );

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
      expect([first.port, second.port].toSorted((a, b) => a - b)).toEqual([portBase + 904, portBase + 906]);
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
