import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSelfSigned } from './transport-certificate.ts';
import { SipTransport } from './transport.ts';
import { reportCertificates } from './transport-certificate-report.ts';
import { ownCredentials, ownNames, readCredentials } from './transport-credentials.ts';
import { openWorld, type World } from './transport-testing.ts';

const dayMs = 86_400_000;
const nowMs = Date.now();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-tls-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function pair(name: string, days: number, firstDay = -1) {
  const made = await createSelfSigned({
    names: ['phone.example', '192.0.2.7'],
    notBefore: new Date(nowMs + firstDay * dayMs),
    notAfter: new Date(nowMs + days * dayMs),
  });
  return { certificate: file(`${name}.crt`, made.certificate), key: file(`${name}.key`, made.key) };
}

describe('a self-signed certificate', () => {
  test('[CAR-01] is an X.509 certificate of its names, signed by its own key', async () => {
    const names = ['phone.example', '192.0.2.7', '2001:db8::7', '::1', 'fd00::ffff:1.2.3.4'];
    const notBefore = new Date('2026-11-21T08:00:00Z');
    const notAfter = new Date('2051-01-02T03:04:05Z');
    const { certificate, key } = await createSelfSigned({ names, notBefore, notAfter });
    const read = new X509Certificate(certificate);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(read.ca).toBe(false);
    expect([read.validFromDate, read.validToDate]).toEqual([notBefore, notAfter]);
    expect(read.checkHost('phone.example')).toBe('phone.example');
    expect(read.checkHost('other.example')).toBeUndefined();
    for (const address of names.slice(1)) expect(read.checkIP(address)).toBe(address);
    expect(() => createSecureContext({ cert: certificate, key })).not.toThrow();
  });

  test('[CAR-01] of the data directory is made once, for its owner alone, and anew before it ends', async () => {
    const dataDir = join(folder, 'data');
    const first = await ownCredentials(dataDir, ownNames('127.0.0.1', '203.0.113.7'), nowMs);
    const path = join(dataDir, 'keys', 'sip-tls.pem');
    expect(statSync(path).mode & 0o077).toBe(0);
    const read = (pem: string) => new X509Certificate(pem);
    expect(read(first.certificate).checkIP('203.0.113.7')).toBe('203.0.113.7');
    const again = await ownCredentials(dataDir, ['other.example'], nowMs + 790 * dayMs);
    expect(read(again.certificate).fingerprint256).toBe(read(first.certificate).fingerprint256);
    const renewed = await ownCredentials(dataDir, ['other.example'], nowMs + 800 * dayMs);
    expect(read(renewed.certificate).checkHost('other.example')).toBe('other.example');
    expect(readFileSync(path, 'utf8')).toContain(renewed.certificate);
  });

  test('[CAR-01] that is damaged stops the start and names its file', async () => {
    const dataDir = join(folder, 'damaged');
    await ownCredentials(dataDir, ['a.example'], nowMs);
    writeFileSync(join(dataDir, 'keys', 'sip-tls.pem'), 'half of it');
    await expect(ownCredentials(dataDir, ['a.example'], nowMs)).rejects.toMatchObject({
      code: 'certificate-unusable',
      message: expect.stringContaining('sip-tls.pem'),
    });
  });
});

describe('a given certificate', () => {
  test('[CAR-01] is read with its key', async () => {
    const credentials = await readCredentials(await pair('good', 90), nowMs);
    expect(credentials.warning).toBeUndefined();
    expect(credentials.certificate).toContain('BEGIN CERTIFICATE');
  });

  test.each([
    ['ends soon', 29, -1, /expires on/],
    ['has ended', -1, -9, /has expired/],
    ['has not begun', 90, 1, /not valid before/],
  ])('[CAR-01] that %s serves, with a warning that names it', async (name, days, firstDay, warning) => {
    const files = await pair(name, days, firstDay);
    const credentials = await readCredentials(files, nowMs);
    expect(credentials.warning).toMatch(warning);
    expect(credentials.warning).toContain(files.certificate);
  });

  test('[CAR-01] that cannot be used is refused with file, cause and remedy', async () => {
    const good = await pair('one', 90);
    const other = await pair('two', 90);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const sealed = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    const missing = join(folder, 'missing.pem');
    const cases = [
      [{ ...good, certificate: missing }, /missing\.pem \(CROSSPOINT_SIP_TLS_CERT\) cannot be read: ENOENT/],
      [{ ...good, key: missing }, /missing\.pem \(CROSSPOINT_SIP_TLS_KEY\) cannot be read: ENOENT/],
      [{ ...good, certificate: file('no.crt', 'no') }, /no\.crt is no certificate/],
      [{ ...good, key: file('no.key', 'no') }, /no\.key is no private key/],
      [{ ...good, key: file('sealed.key', String(privateKey.export(sealed))) }, /sealed\.key.*passphrase/],
      [{ ...good, key: other.key }, /two\.key does not belong to the certificate .*one\.crt/],
    ] as const;
    for (const [files, message] of cases) {
      await expect(readCredentials(files, nowMs)).rejects.toMatchObject({
        code: 'certificate-unusable',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(/\S/),
      });
    }
  });
});

describe('a report of certificates', () => {
  const sip = {
    host: '',
    port: 0,
    tlsPort: 0,
    tlsCert: undefined,
    tlsKey: undefined,
    tlsDir: undefined,
    qualifySeconds: 0,
  };
  const report = (more: object, dataDir = folder) =>
    reportCertificates({ dataDir, sip: { ...sip, ...more } }, nowMs);

  test('[OPS-05] names each file, until when it is valid, and what is wrong with it', async () => {
    const soon = await pair('soon', 3);
    const given = { tlsCert: soon.certificate, tlsKey: soon.key };
    expect(await report(given)).toMatchObject([
      { name: 'phone.example', file: soon.certificate, problem: expect.stringContaining('expires on') },
    ]);
    const other = await pair('other', 90);
    expect(await report({ ...given, tlsKey: other.key })).toMatchObject([
      { expiresAt: undefined, problem: expect.stringContaining('does not belong to') },
    ]);
    const dataDir = join(folder, 'reported');
    expect(await report({}, dataDir)).toEqual([]);
    await ownCredentials(dataDir, ['own.example'], nowMs);
    expect(await report({ tlsDir: join(folder, 'nowhere') }, dataDir)).toMatchObject([
      { name: 'own.example', problem: '' },
      { problem: expect.stringContaining('nowhere cannot be read') },
    ]);
    expect(await report({ tlsPort: undefined }, dataDir)).toEqual([]);
  });
});

describe('a handshake', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  async function shake(options: ConnectionOptions) {
    const port = world.shell.transport.tlsPort ?? 0;
    const socket = connect({ host: world.host, port, ca: world.trusted, ...options });
    const { promise, resolve } = Promise.withResolvers<string | null | undefined>();
    socket.once('secureConnect', () => resolve(socket.getProtocol()));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    const outcome = await promise;
    socket.destroy();
    return outcome;
  }

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('[CAR-01] of %s is taken', async (version) => {
    expect(await shake({ minVersion: version, maxVersion: version })).toBe(version);
  });

  test('[CAR-01] for any name gets the one certificate', async () => {
    const checkServerIdentity = () => undefined;
    expect(await shake({ servername: 'sip.elsewhere.example', checkServerIdentity })).toBe('TLSv1.3');
  });

  test('[OPS-05] of an older version is refused and told', async () => {
    const ciphers = 'ALL:@SECLEVEL=0';
    expect(await shake({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers })).toMatch(
      /ALERT_PROTOCOL_VERSION/,
    );
    let fault = await world.events.next('fault');
    // A client of the tests before may have left before the server was done with its handshake.
    while (fault.detail.includes('hang up')) fault = await world.events.next('fault');
    expect(fault.what).toBe('sip-tls');
    expect(fault.detail).toMatch(/^no handshake with 127\.0\.0\.1: .*unsupported protocol/);
  });

  test('[CAR-01] a port that is taken is named together with its setting', async () => {
    const port = world.shell.transport.tlsPort ?? 0;
    await expect(openWorld({ tlsPort: port })).rejects.toMatchObject({
      code: 'port-in-use',
      remedy: expect.stringContaining('CROSSPOINT_SIP_TLS_PORT'),
    });
  });
});

test('[CAR-01] a renewed certificate is taken up without a restart, and a broken one leaves the former', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const make = () =>
    createSelfSigned({ names: ['127.0.0.1'], notBefore: new Date(nowMs), notAfter: new Date(nowMs + dayMs) });
  const [first, second] = [await make(), await make()];
  let credentials: () => Promise<typeof first> = async () => first;
  const faults: string[] = [];
  const options = { host: '127.0.0.1', port: 0, connectionsMax: 9, connectionsPerAddressMax: 9 };
  const transport = new SipTransport(
    { ...options, tls: { port: 0, credentials: () => credentials() } },
    {
      received: () => undefined,
      closed: () => undefined,
      fault: (_what, detail) => faults.push(detail),
      waits: () => undefined,
    },
  );
  const trusts = async (ca: string) => {
    const socket = connect({
      host: '127.0.0.1',
      port: transport.tlsPort ?? 0,
      ca,
      rejectUnauthorized: false,
    });
    await once(socket, 'secureConnect');
    socket.destroy();
    return socket.authorized;
  };
  await transport.open();
  expect([await trusts(first.certificate), await trusts(second.certificate)]).toEqual([true, false]);
  credentials = async () => second;
  await vi.advanceTimersByTimeAsync(600_000);
  expect([await trusts(first.certificate), await trusts(second.certificate)]).toEqual([false, true]);
  credentials = () => Promise.reject(new Error('the disk is gone'));
  await vi.advanceTimersByTimeAsync(600_000);
  expect(faults).toContain('the disk is gone');
  expect(await trusts(second.certificate)).toBe(true);
  await transport.close();
  vi.useRealTimers();
});
