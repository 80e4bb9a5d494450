import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { DnsResolver } from './resolver.ts';

const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

const types: Record<number, string> = { 1: 'A', 28: 'AAAA', 33: 'SRV', 35: 'NAPTR' };
const u16 = (value: number) => [value >> 8, value & 255];
const label = (text: string) => [text.length, ...Buffer.from(text)];
const domain = (name: string) => [...name.split('.').flatMap(label), 0];
const a = (address: string) => address.split('.').map(Number);
const aaaa = (address: string) =>
  Array.from({ length: 8 }, (_, i) => u16(Number.parseInt(address.split(':')[i] ?? '0', 16))).flat();
const srv = (priority: number, port: number, target: string) => [
  ...u16(priority),
  ...u16(0),
  ...u16(port),
  ...domain(target),
];
const naptr = (order: number, service: string, replacement: string) => [
  ...u16(order),
  ...u16(0),
  ...label('s'),
  ...label(service),
  ...label(''),
  ...domain(replacement),
];

/** A name server (RFC 1035) that knows these records by `TYPE name`, and keeps quiet about `silent` names. */
async function nameServer(
  records: Record<string, number[][]>,
  silent: readonly string[] = [],
  lookUpTimeoutMs = 60_000,
) {
  const asked: string[] = [];
  const socket: Socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + length).toString());
      at += length + 1;
    }
    const type = query.readUInt16BE(at + 1);
    const name = labels.join('.');
    const key = `${types[type]} ${name}`;
    asked.push(key);
    if (silent.includes(name)) return;
    const found = records[key] ?? [];
    const isKnown = Object.keys(records).some((each) => each.endsWith(` ${name}`));
    const question = [...query.subarray(12, at + 5)];
    const answers = found.flatMap((data) => [
      ...[0xc0, 12, ...u16(type), ...u16(1), 0, 0, 0, 60, ...u16(data.length)],
      ...data,
    ]);
    const flags = [0x81, isKnown ? 0x80 : 0x83];
    const head = [...query.subarray(0, 2), ...flags, ...u16(1), ...u16(found.length), 0, 0, 0, 0];
    socket.send(Buffer.from([...head, ...question, ...answers]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closings.push(() => socket.close());
  const { port } = socket.address();
  const resolver = new DnsResolver({
    servers: [`127.0.0.1:${port}`],
    now: () => performance.now(),
    lookUpTimeoutMs,
  });
  closings.push(() => resolver.close());
  return { resolver, asked };
}

describe('the servers of a provider', () => {
  test('[RFC3263 §4.1] come from NAPTR, SRV and addresses, in their order', async () => {
    const { resolver, asked } = await nameServer({
      'NAPTR provider.test': [
        naptr(20, 'SIP+D2U', '_sip._udp.provider.test'),
        naptr(10, 'SIP+D2T', '_sip._tcp.provider.test'),
      ],
      'SRV _sip._tcp.provider.test': [srv(2, 5080, 'b.provider.test'), srv(1, 5070, 'a.provider.test')],
      'SRV _sip._udp.provider.test': [srv(1, 5060, 'a.provider.test')],
      'A a.provider.test': [a('192.0.2.1')],
      'AAAA a.provider.test': [aaaa('2001:db8:0:0:0:0:0:1')],
      'A b.provider.test': [a('192.0.2.2')],
    });
    const targets = await resolver.resolve({ host: 'provider.test', transport: 'auto' });
    expect(targets.map(({ protocol, address, port }) => `${protocol} ${address} ${port}`)).toEqual([
      'tcp 192.0.2.1 5070',
      'tcp 2001:db8::1 5070',
      'tcp 192.0.2.2 5080',
    ]);
    expect(targets[0]?.host).toBe('provider.test');
    const questions = asked.length;
    await resolver.resolve({ host: 'provider.test', transport: 'auto' });
    expect(asked.length).toBe(questions);
  });

  test('[RFC3263 §4.2] with a port need addresses only; with a transport, that one’s SRV', async () => {
    const { resolver, asked } = await nameServer({
      'A provider.test': [a('192.0.2.9'), a('192.0.2.10')],
      'SRV _sips._tcp.provider.test': [srv(1, 5099, 'provider.test')],
    });
    const withPort = await resolver.resolve({ host: 'provider.test', port: 5066, transport: 'tcp' });
    expect(withPort.map(({ address, port }) => `${address}:${port}`)).toEqual([
      '192.0.2.9:5066',
      '192.0.2.10:5066',
    ]);
    expect(asked.some((key) => key.startsWith('SRV'))).toBe(false);
    const [secure] = await resolver.resolve({ host: 'provider.test', transport: 'tls' });
    expect(secure).toMatchObject({ protocol: 'tls', port: 5099 });
  });

  test('[RFC3263 §4.3] that failed come after the others for a time', async () => {
    const { resolver } = await nameServer({ 'A provider.test': [a('192.0.2.9'), a('192.0.2.10')] });
    const server = { host: 'provider.test', port: 5060, transport: 'udp' } as const;
    const [first] = await resolver.resolve(server);
    if (first === undefined) throw new Error('no server was found');
    resolver.failed(first);
    expect((await resolver.resolve(server)).at(-1)).toEqual(first);
  });

  test('[CAR-01] that cannot be found are explained', async () => {
    const { resolver } = await nameServer({ 'A provider.test': [] });
    await expect(resolver.resolve({ host: 'nothing.test', transport: 'udp' })).rejects.toThrow(
      'host nothing.test has no address',
    );
    const { resolver: waiting } = await nameServer({}, ['silent.test'], 400);
    await expect(waiting.resolve({ host: 'silent.test', port: 5060, transport: 'udp' })).rejects.toThrow(
      'the name servers do not answer for silent.test',
    );
  });

  test('[CAR-01] that only this host’s own file names are found there', async () => {
    const { resolver } = await nameServer({});
    const targets = await resolver.resolve({ host: 'localhost', port: 5060, transport: 'udp' });
    expect(targets.map(({ address }) => address)).toContain('127.0.0.1');
  });
});
