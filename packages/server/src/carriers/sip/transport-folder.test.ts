import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Flow } from '@crosspoint/sip';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSelfSigned } from './transport-certificate.ts';
import { readCredentialsFolder } from './transport-credentials-folder.ts';
import type { TlsCredentials } from './transport-credentials.ts';
import { SipTransport } from './transport.ts';
import type { TlsPeer } from './transport-tls.ts';

const dayMs = 86_400_000;
const nowMs = Date.now();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-tls-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Pair = { certificate: string; key: string };
const make = (names: string[], days = 90): Promise<Pair> =>
  createSelfSigned({
    names,
    notBefore: new Date(nowMs - dayMs),
    notAfter: new Date(nowMs + days * dayMs),
  });
function store(name: string, ...parts: string[]): void {
  writeFileSync(join(folder, `${name}.pem`), parts.join(''));
}

/** A transport with TLS alone of interest, and what it received and complained about. */
class Side {
  readonly faults: string[] = [];
  readonly flows: Flow[] = [];
  peer: TlsPeer | undefined;
  readonly transport: SipTransport;
  #heard: () => void = () => undefined;

  constructor(credentials: () => Promise<TlsCredentials>) {
    const options = { host: '127.0.0.1', port: 0, connectionsMax: 9, connectionsPerAddressMax: 9 };
    this.transport = new SipTransport(
      { ...options, tls: { port: 0, credentials, peerAt: () => this.peer } },
      {
        received: (_bytes, flow) => {
          this.flows.push(flow);
          this.#heard();
        },
        closed: () => this.#heard(),
        fault: (_what, detail) => void this.faults.push(detail),
        waits: () => undefined,
      },
    );
  }
  /** The path on which something arrives next; the one that was closed when nothing did. */
  async next(): Promise<Flow | undefined> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#heard = resolve;
    await promise;
    return this.flows.pop();
  }
  sendTo(other: Side): void {
    const remotePort = other.transport.tlsPort ?? 0;
    const ends = { localAddress: '127.0.0.1', localPort: 9, remoteAddress: '127.0.0.1', remotePort };
    this.transport.send(Buffer.from('x'), { protocol: 'tls', ...ends });
  }
  async greet(options: ConnectionOptions): Promise<TLSSocket> {
    const given = { host: '127.0.0.1', port: this.transport.tlsPort ?? 0, rejectUnauthorized: false };
    const socket = connect({ ...given, ...options });
    await once(socket, 'secureConnect');
    return socket;
  }
}

describe('a folder of certificates', () => {
  test('[OPS-05] is read file by file: with a key ours, without one an authority, and what is unusable is told', async () => {
    const [one, two, old] = [
      await make(['one.example']),
      await make(['two.example']),
      await make(['old.example'], -0.5),
    ];
    store('one', one.certificate, one.key);
    store('provider', two.certificate);
    store('old', old.certificate, old.key);
    store('mixed', one.certificate, two.key);
    store('nonsense', 'no certificate');
    const read = await readCredentialsFolder(folder, nowMs);
    expect([[...read.credentials.keys()], [...read.authorities.keys()]]).toEqual([
      ['old', 'one'],
      ['provider'],
    ]);
    expect(read.problems).toEqual([
      expect.stringMatching(/mixed\.pem cannot be used: .*does not belong/),
      expect.stringMatching(/nonsense\.pem cannot be used: .*no certificate/),
      expect.stringMatching(/old\.pem has expired/),
    ]);
    const missing = await readCredentialsFolder(join(folder, 'missing'), nowMs);
    expect(missing.problems).toEqual([expect.stringMatching(/missing cannot be read: ENOENT/)]);
  });
});

describe('connections', () => {
  let main: Pair;
  let named: Pair;
  let provider: Pair;
  let stranger: Pair;
  const current = async (): Promise<TlsCredentials> => ({
    ...main,
    folder: await readCredentialsFolder(folder, nowMs),
  });

  beforeAll(async () => {
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'crosspoint-tls-'));
    main = await make(['127.0.0.1', 'main.example']);
    named = await make(['named.example']);
    provider = await make(['sip.provider.example', '127.0.0.1']);
    stranger = await make(['sip.provider.example', '127.0.0.1']);
    store('named', named.certificate, named.key);
    store('provider', provider.certificate);
  });

  test('[OPS-05] a client gets the certificate of the name that it asks for, else the first one', async () => {
    const server = new Side(current);
    await server.transport.open();
    for (const [servername, expected] of [
      ['named.example', named],
      ['main.example', main],
      ['other.example', main],
    ] as const) {
      const socket = await server.greet({ servername, ca: expected.certificate });
      const shown = socket.getPeerX509Certificate()?.subject;
      socket.destroy();
      expect(shown).toBe(`CN=${expected === named ? 'named.example' : '127.0.0.1'}`);
    }
    await server.transport.close();
  });

  test('[OPS-05] a trunk proves itself by a certificate of its own authority, nobody else can', async () => {
    const server = new Side(current);
    await server.transport.open();
    const proven = async (client: Pair | undefined, hosts: string[]) => {
      const own = client === undefined ? {} : { cert: client.certificate, key: client.key };
      const socket = await server.greet(own);
      const arrival = server.next();
      socket.write('x');
      const flow = await arrival;
      const result = flow !== undefined && server.transport.isPeer(flow, 'provider', hosts);
      socket.destroy();
      return result;
    };
    expect(await proven(provider, ['sip.provider.example'])).toBe(true);
    expect(await proven(provider, ['127.0.0.1'])).toBe(true);
    expect(await proven(provider, ['sip.other.example'])).toBe(false);
    expect(await proven(stranger, ['sip.provider.example'])).toBe(false);
    expect(await proven(undefined, ['sip.provider.example'])).toBe(false);
    await server.transport.close();
  });

  test('[OPS-05] we show a trunk its own certificate, and ask for its authority and its name', async () => {
    store('ours', named.certificate, named.key);
    const ours = new Side(current);
    const theirs = new Side(async () => ({
      ...provider,
      folder: await readCredentialsFolder(folder, nowMs),
    }));
    await ours.transport.open();
    await theirs.transport.open();
    ours.peer = { host: 'sip.provider.example', certificate: 'named', authority: 'provider' };
    let arrival = theirs.next();
    ours.sendTo(theirs);
    expect(await arrival).toMatchObject({ protocol: 'tls' });
    for (const [host, authority, fault] of [
      ['sip.other.example', 'provider', /does not match/],
      ['sip.provider.example', null, /self-signed/],
      ['sip.provider.example', 'absent', /there is no authority absent\.pem in/],
    ] as const) {
      const fresh = new Side(current);
      await fresh.transport.open();
      fresh.peer = { host, certificate: 'named', authority };
      arrival = fresh.next();
      fresh.sendTo(theirs);
      expect(await arrival).toBeUndefined();
      expect(fresh.faults.join('\n')).toMatch(fault);
      await fresh.transport.close();
    }
    await ours.transport.close();
    await theirs.transport.close();
  });

  test('[OPS-05] a file that is replaced is taken up within half a minute, and told of once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const server = new Side(current);
    await server.transport.open();
    const nameOf = async () => {
      const socket = await server.greet({ servername: 'fresh.example' });
      const { subject } = socket.getPeerX509Certificate() ?? { subject: '' };
      socket.destroy();
      return subject;
    };
    expect(await nameOf()).toBe('CN=127.0.0.1');
    const fresh = await make(['fresh.example'], 3);
    store('fresh', fresh.certificate, fresh.key);
    for (let n = 0; n < 3; n++) await vi.advanceTimersByTimeAsync(30_000);
    // A client that leaves before the server is done with the handshake is told of too.
    const told = () => server.faults.filter((fault) => fault.includes('fresh.pem'));
    const hasToldOnce = () => expect(told()).toEqual([expect.stringMatching(/fresh\.pem expires on/)]);
    await vi.waitFor(hasToldOnce, { timeout: 60_000 });
    expect(await nameOf()).toBe('CN=fresh.example');
    await server.transport.close();
    vi.useRealTimers();
  });
});
