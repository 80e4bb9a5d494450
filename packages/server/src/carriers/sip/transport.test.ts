import { once } from 'node:events';
import { connect } from 'node:net';
import type { Protocol } from '@crosspoint/sip';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Line, openLine, openWorld, Phone, realm, type World } from './transport-testing.ts';

const kinds: { name: string; protocol: Protocol; bound: string; host: string }[] = [
  { name: 'UDP', protocol: 'udp', bound: '127.0.0.1', host: '127.0.0.1' },
  { name: 'TCP', protocol: 'tcp', bound: '127.0.0.1', host: '127.0.0.1' },
  { name: 'TLS', protocol: 'tls', bound: '127.0.0.1', host: '127.0.0.1' },
  { name: 'WebSocket', protocol: 'ws', bound: '127.0.0.1', host: '127.0.0.1' },
  { name: 'UDP over IPv6', protocol: 'udp', bound: '::1', host: '::1' },
  { name: 'TCP over IPv6', protocol: 'tcp', bound: '::1', host: '::1' },
  { name: 'TLS over IPv6', protocol: 'tls', bound: '::1', host: '::1' },
  { name: 'WebSocket over IPv6', protocol: 'ws', bound: '::1', host: '::1' },
  { name: 'UDP over IPv4 to both families', protocol: 'udp', bound: '::', host: '127.0.0.1' },
  { name: 'UDP over IPv6 to both families', protocol: 'udp', bound: '::', host: '::1' },
  { name: 'TCP over IPv4 to both families', protocol: 'tcp', bound: '::', host: '127.0.0.1' },
];

describe.each(kinds)('SIP over $name', ({ protocol, bound, host }) => {
  const isStream = protocol === 'tcp' || protocol === 'tls';
  const lines: Line[] = [];
  let world: World;

  beforeAll(async () => {
    world = await openWorld({ host: bound });
  });
  afterEach(() => {
    for (const line of lines.splice(0)) line.close();
  });
  afterAll(async () => {
    await world.close();
    expect(world.shell.transport.connections).toBe(0);
  });

  async function phone(name: string): Promise<Phone> {
    const line = await openLine(world, protocol, host);
    lines.push(line);
    return new Phone(line, name);
  }

  async function registered(name: string) {
    const it = await phone(name);
    expect(await it.register()).toEqual([401, 200]);
    const [binding] = world.shell.stack.bindings(name);
    if (binding === undefined) throw new Error('There is no binding.');
    return { it, binding };
  }

  test('[CAR-01] a phone registers, and is known by the path that it came on', async () => {
    const { binding } = await registered('alice');
    expect(binding.flow).toMatchObject({ protocol, remoteAddress: host });
    expect(binding.contact).toContain(`transport=${protocol}`);
  });

  test('[CAR-01] a phone calls, is answered, and hangs up', async () => {
    const it = await phone('caller');
    const uri = `sip:700@${realm}`;
    const command = { uri, flow: it.line.flow, from: `sip:caller@${realm}`, to: uri, body: 'v=0\r\n' };
    it.run((stack, now) => stack.invite({ sessionId: 'a', ...command }, now));
    const { sessionId, flow } = await world.events.next('invite');
    expect(flow).toMatchObject({ protocol, remoteAddress: host });
    world.shell.run((stack, now) => stack.accept({ sessionId, body: 'v=0\r\n' }, now));
    const { response } = await it.events.next('accepted');
    await world.events.next('confirmed');
    const contact = response.header('Contact') ?? '';
    expect(contact.includes(`transport=${protocol}`)).toBe(protocol !== 'udp');
    it.run((stack, now) => stack.bye({ sessionId: 'a' }, now));
    expect(await world.events.next('ended')).toMatchObject({ by: 'remote' });
  });

  test('[CAR-01] a registered phone is called on its own path, and the server hangs up', async () => {
    const { it, binding } = await registered('bob');
    const { contact: uri, flow, aor: to } = binding;
    const before = world.shell.transport.connections;
    world.shell.run((stack, now) =>
      stack.invite({ sessionId: 'out', uri, flow, from: `sip:x@${realm}`, to, body: 'v=0\r\n' }, now),
    );
    const invite = await it.events.next('invite');
    expect(invite.request.via).toMatchObject({ transport: protocol.toUpperCase() });
    it.run((stack, now) => stack.accept({ sessionId: invite.sessionId, body: 'v=0\r\n' }, now));
    await world.events.next('accepted');
    await it.events.next('confirmed');
    expect(world.shell.transport.connections).toBe(before);
    world.shell.run((stack, now) => stack.bye({ sessionId: 'out' }, now));
    expect(await it.events.next('ended')).toMatchObject({ by: 'remote' });
    await world.events.next('ended');
  });

  test('[CAR-01] a message of 40,000 bytes arrives whole, and is answered by one', async () => {
    const it = await phone('caller');
    const body = 'x'.repeat(40_000);
    const uri = `sip:700@${realm}`;
    const command = { uri, flow: it.line.flow, from: `sip:caller@${realm}`, to: uri, body };
    it.run((stack, now) => stack.invite({ sessionId: 'large', ...command }, now));
    const { sessionId, body: received } = await world.events.next('invite');
    expect(String(Buffer.from(received ?? []))).toBe(body);
    world.shell.run((stack, now) => stack.accept({ sessionId, body }, now));
    expect((await it.events.next('accepted')).body).toHaveLength(body.length);
    await world.events.next('confirmed');
  });

  test('[RFC3261 §18.3] pieces make a message only on a stream', async () => {
    const it = await phone('carol');
    const text = it.request('OPTIONS');
    for (const piece of text.match(/[^]{1,40}/g) ?? []) it.line.write(piece);
    if (isStream) {
      expect((await it.response()).status).toBe(200);
      it.line.write(it.request('OPTIONS') + it.request('OPTIONS'));
      expect([(await it.response()).status, (await it.response()).status]).toEqual([200, 200]);
    } else {
      it.line.write(it.request('OPTIONS'));
      expect((await it.response()).status).toBe(200);
    }
  });

  test('[RFC5626 §4.4.1] a double CRLF is answered by one CRLF, where there is a connection', async () => {
    const it = await phone('dave');
    const { promise: pong, resolve } = Promise.withResolvers<string>();
    it.line.onBytes((bytes) => resolve(String(Buffer.from(bytes))));
    it.line.write('\r\n\r\n');
    if (protocol === 'udp') it.line.write(it.request('OPTIONS'));
    expect((await pong).slice(0, 7)).toBe(protocol === 'udp' ? 'SIP/2.0' : '\r\n');
  });

  test('[CAR-01] bad bytes stop nothing', async () => {
    const bad = await phone('mallory');
    bad.line.write(Buffer.from([0, 255, 254, 13, 10, 200, 13, 10, 13, 10]));
    if (isStream) await bad.line.closed;
    else {
      bad.line.write(bad.request('OPTIONS'));
      expect((await bad.response()).status).toBe(200);
    }
    const good = await phone('alice');
    good.line.write(good.request('OPTIONS'));
    expect((await good.response()).status).toBe(200);
  });

  test('[CAR-01] with its connection a phone goes; one on datagrams stays', async () => {
    const { it, binding } = await registered('erin');
    it.line.close();
    await it.line.closed;
    const registration = await world.events.next('registration-changed');
    expect(registration).toMatchObject({ user: 'erin', cause: 'registered' });
    const { contact: uri, flow, aor: to } = binding;
    if (protocol === 'udp') {
      expect(world.shell.stack.bindings('erin')).toHaveLength(1);
      return;
    }
    const change = await world.events.next('registration-changed');
    expect(change).toMatchObject({ user: 'erin', cause: 'flow-closed', bindings: [] });
    world.shell.run((stack, now) =>
      stack.invite({ sessionId: 'late', uri, flow, from: `sip:x@${realm}`, to }, now),
    );
    expect(await world.events.next('rejected')).toMatchObject({ sessionId: 'late', cause: 'transport' });
  });
});

describe('connections', () => {
  /** Asks another world for its capabilities, on a path without a connection yet. */
  function ask(a: World, b: World, protocol: 'tcp' | 'tls', key: string) {
    const { port, tlsPort = 0 } = b.shell.transport;
    const remotePort = protocol === 'tls' ? tlsPort : port;
    const ends = { localAddress: a.host, localPort: 9, remoteAddress: b.host, remotePort };
    const command = { key, uri: `sip:${realm}`, flow: { protocol, ...ends } };
    a.shell.run((stack, now) => stack.options(command, now));
  }

  test.each(['tcp', 'tls'] as const)(
    '[RFC5923 §5] requests to one address share one %s connection',
    async (protocol) => {
      const a = await openWorld();
      const b = await openWorld({ credentials: a.credentials });
      for (const key of ['first', 'second']) ask(a, b, protocol, key);
      const answers = [await a.events.next('options-result'), await a.events.next('options-result')];
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect([a.shell.transport.connections, b.shell.transport.connections]).toEqual([1, 1]);
      await a.close();
      await b.close();
      expect([a.shell.transport.connections, b.shell.transport.connections]).toEqual([0, 0]);
    },
  );

  test('[OPS-05] a peer whose certificate nobody vouches for is not talked to', async () => {
    const [a, b] = [await openWorld(), await openWorld()];
    ask(a, b, 'tls', 'key');
    expect(await a.events.next('fault')).toMatchObject({ detail: expect.stringContaining('self-signed') });
    expect(await a.events.next('options-result')).toMatchObject({ status: 503 });
    await a.close();
    await b.close();
  });

  test('a peer that cannot be reached is told to the stack at once', async () => {
    const [a, b] = [await openWorld(), await openWorld()];
    const gone = { ...b, shell: { transport: { port: b.shell.transport.port } } } as World;
    await b.close();
    ask(a, gone, 'tcp', 'key');
    expect(await a.events.next('fault')).toMatchObject({ detail: expect.stringContaining('ECONNREFUSED') });
    expect(await a.events.next('options-result')).toMatchObject({ status: 503 });
    await a.close();
  });

  test.each(['tcp', 'tls', 'ws'] as const)(
    '[OPS-05] one address gets only so many over %s',
    async (protocol) => {
      const world = await openWorld({ connectionsPerAddressMax: 2 });
      const kept = [await openLine(world, protocol), await openLine(world, protocol)];
      const { shell } = world;
      const third = openLine(world, protocol).then(
        ({ closed }) => closed,
        () => 'refused',
      );
      expect(await world.events.next('fault')).toMatchObject({
        detail: expect.stringContaining('2 connections'),
      });
      await third;
      expect(shell.transport.connections).toBe(2);
      for (const line of kept) line.close();
      await world.close();
      expect(shell.transport.connections).toBe(0);
    },
  );

  test('[OPS-05] closing does not wait for a handshake that never comes', async () => {
    const world = await openWorld();
    const socket = connect(world.shell.transport.tlsPort ?? 0, world.host);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    await world.close();
    await closed;
    expect(world.shell.transport.connections).toBe(0);
  });
});
