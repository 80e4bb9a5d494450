import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { freeTcpPort, until, useWorld } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosspoint-e2e-certificates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const tlsPort = await freeTcpPort();
const providerAddress = '127.0.0.42';

/** A certificate of its own for that address, made by OpenSSL. */
function makePair(name: string, address: string): { cert: string; key: string } {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${address}`];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...key, '-out', certFile, ...names], {
    stdio: 'pipe',
  });
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

const provider = makePair('provider', providerAddress);
const impostor = makePair('impostor', providerAddress);
// A certificate without a key in the folder is an authority.
const authorities = join(folder, 'sip');
execFileSync('mkdir', [authorities]);
writeFileSync(join(authorities, 'provider.pem'), provider.cert);

const world = useWorld({
  env: { CROSSPOINT_SIP_TLS_PORT: String(tlsPort), CROSSPOINT_SIP_TLS_DIR: authorities },
});
let calls = 0;

/** The status of the answer to a call that comes by TLS from the provider's address. */
async function callStatus(number: string, shown: { cert?: string; key?: string }): Promise<number> {
  const socket = connect({
    ...{
      host: '127.0.0.1',
      port: tlsPort,
      localAddress: providerAddress,
      rejectUnauthorized: false,
      ...shown,
    },
  });
  onTestFinished(() => void socket.destroy());
  let heard = '';
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString();
  });
  const id = `certificate-${++calls}`;
  const sdp =
    'v=0\r\no=- 1 1 IN IP4 127.0.0.42\r\ns=-\r\nc=IN IP4 127.0.0.42\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n';
  const invite = [
    `INVITE sip:${number}@127.0.0.1:${tlsPort};transport=tls SIP/2.0`,
    `Via: SIP/2.0/TLS ${providerAddress}:5061;rport;branch=z9hG4bK${id}`,
    ...['Max-Forwards: 70', `From: <sip:+420777@${providerAddress}>;tag=1`, `To: <sip:${number}@127.0.0.1>`],
    ...[`Call-ID: ${id}`, 'CSeq: 1 INVITE', `Contact: <sip:${providerAddress}:5061;transport=tls>`],
    ...['Content-Type: application/sdp', `Content-Length: ${sdp.length}`, '', sdp],
  ];
  socket.write(invite.join('\r\n'));
  const status = await until('a final answer', () => {
    const found = Number(/^SIP\/2\.0 ([2-6]\d\d) /m.exec(heard)?.[1]);
    return Number.isNaN(found) ? undefined : found;
  });
  if (status !== 200) return status;
  const to = /^To: .*;tag=.*$/m.exec(heard)?.[0].trim() ?? '';
  for (const [sequence, method] of [
    [1, 'ACK'],
    [2, 'BYE'],
  ] as const) {
    const request = invite
      .slice(0, 7)
      .join('\r\n')
      .replaceAll('INVITE', method)
      .replace('CSeq: 1', `CSeq: ${sequence}`);
    socket.write(
      `${request.replace(id, `${id}${method}`).replace(/^To: .*$/m, to)}\r\nContent-Length: 0\r\n\r\n`,
    );
  }
  return status;
}

test('[OPS-05] [CAR-01] a trunk that must prove itself is let in by its own certificate, and nobody else from its address', async () => {
  const scene = await world().scene({ staffed: false });
  await world().api.apply({
    trunks: [
      {
        ...{ name: 'proven', host: providerAddress, match: [`${providerAddress}/32`], keepAliveSeconds: 0 },
        tls: { authority: 'provider', requireCertificate: true },
      },
    ],
  });
  expect(await callStatus(scene.number, {})).toBe(403);
  expect(await callStatus(scene.number, impostor)).toBe(403);
  expect(await callStatus(scene.number, provider)).toBe(200);
});
