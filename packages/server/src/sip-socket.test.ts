import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SdpSession } from '@crosspoint/sip';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { startServer } from './app.ts';
import { openLine, password, type Peer, Phone } from './carriers/sip/transport-testing.ts';
import { ensureAdmin, loadSettings, type RunningServer } from './platform/index.ts';

const adminPassword = 'an-admin-password';
const configuration = `
agents:
  - { username: alice, name: Alice, password: a-console-password, sip: { password: ${password} } }
queues:
  - { name: support, agents: [alice], wrapUp: { mode: timed, seconds: 0 } }
numbers:
  - { number: "700", target: { queue: support } }
`;

let dataDir: string;
let testDatabase: TestDatabase;
let server: RunningServer;
let peer: Peer;
const sockets: Socket[] = [];
/** What the server has written into its log at level `warn` and above. */
const logged: string[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { database } = testDatabase;
  dataDir = mkdtempSync(join(tmpdir(), 'crosspoint-sip-socket-'));
  const flags = { dataDir, 'http.port': '0', 'sip.port': '0', 'sip.tlsPort': '0', 'media.processes': '1' };
  const rtp = { 'rtp.portMin': '18500', 'rtp.portMax': '18599' };
  const { settings } = loadSettings({ env: {}, flags: { ...flags, ...rtp } });
  await ensureAdmin(database, adminPassword);
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  server = await startServer({ settings, log, database });
  const { console: origin, sip, sipTls = '' } = server.addresses;
  await apply(origin);
  const portOf = (address: string) => Number(address.split(':').at(-1));
  peer = {
    host: '127.0.0.1',
    httpPort: portOf(origin),
    trusted: readFileSync(join(dataDir, 'keys', 'sip-tls.pem'), 'utf8'),
    shell: { transport: { port: portOf(sip), tlsPort: portOf(sipTls) } },
  };
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await server.stop();
  await testDatabase.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function apply(origin: string): Promise<void> {
  const login = await fetch(`${origin}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: adminPassword }),
  });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const applied = await fetch(`${origin}/api/v1/configuration`, {
    method: 'POST',
    headers: { 'content-type': 'application/yaml', cookie },
    body: configuration,
  });
  expect([applied.status, await applied.text()]).toEqual([200, expect.any(String)]);
}

/** A socket for sound, and what a phone says of it in SDP. */
async function openSound(sessionNumber: number) {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const address = '127.0.0.1';
  const codecs = [{ name: 'PCMA', payloadType: 8, clockRateHz: 8000 }];
  const local = { address, port: socket.address().port, codecs };
  return { socket, local, sdp: new SdpSession({ sessionNumber, address }) };
}

/** Sends 20 ms packets of one octet to the far end until the other socket hears them. */
async function isHeard(from: Socket, port: number, to: Socket, octet: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const listener = (packet: Buffer) => {
    if (packet.length === 172 && packet.subarray(12).every((byte) => byte === octet)) resolve(true);
  };
  to.on('message', listener);
  const packet = Buffer.alloc(172, octet);
  let sequence = 0;
  const speaking = setInterval(() => {
    packet.writeUInt16BE(0x8008, 0);
    packet.writeUInt16BE(++sequence, 2);
    packet.writeUInt32BE(sequence * 160, 4);
    packet.writeUInt32BE(octet, 8);
    from.send(packet, port, '127.0.0.1');
  }, 20);
  const heard = await promise;
  clearInterval(speaking);
  to.off('message', listener);
  return heard;
}

// Who is called over a WebSocket is taken for a browser and offered WebRTC; who calls says what sound it wants.
test('[CAR-01] a caller over a WebSocket waits in a queue and talks to an agent whose phone is on TLS', async () => {
  const agent = new Phone(await openLine(peer, 'tls'), 'alice');
  expect(await agent.register()).toEqual([401, 200]);

  const caller = new Phone(await openLine(peer, 'ws'), 'caller');
  const [callerSound, agentSound] = [await openSound(1), await openSound(2)];
  caller.run((stack, now) => {
    const offer = { body: callerSound.sdp.createOffer(callerSound.local) };
    const uri = 'sip:700@127.0.0.1';
    const command = { uri, to: uri, from: 'sip:+420111@caller.example', flow: caller.line.flow, ...offer };
    return stack.invite({ sessionId: 'call', ...command }, now);
  });
  const waiting = await caller.events.next('accepted');
  const callerSide = callerSound.sdp.acceptAnswer(waiting.body ?? '');

  const ringing = await agent.events.next('invite');
  expect(ringing.request.via).toMatchObject({ transport: 'TLS' });
  const agentSide = agentSound.sdp.answerOffer(ringing.body ?? '', agentSound.local);
  if (!agentSide.ok || !callerSide.ok) throw new Error('No sound was agreed.');
  const { sessionId } = ringing;
  agent.run((stack, now) => stack.accept({ sessionId, body: agentSide.answer }, now));
  await agent.events.next('confirmed');

  const { socket: fromCaller } = callerSound;
  const { socket: fromAgent } = agentSound;
  expect(await isHeard(fromCaller, callerSide.audio.remotePort, fromAgent, 0x31)).toBe(true);
  expect(await isHeard(fromAgent, agentSide.audio.remotePort, fromCaller, 0x57)).toBe(true);

  caller.run((stack, now) => stack.bye({ sessionId: 'call' }, now));
  expect(await agent.events.next('ended')).toMatchObject({ by: 'remote' });
  agent.line.close();
  caller.line.close();
});

test('[OPS-05] [RFC6455 §8.1] a WebSocket on which somebody breaks the protocol is closed, and the log is not filled with it', async () => {
  const before = logged.length;
  const text = { binary: false };
  const invalid = { utf8: Buffer.from([0xc3, 0x28]), tooLong: Buffer.alloc(65_536, 'a') };
  for (const bytes of Object.values(invalid)) {
    const socket = new WebSocket(`ws://127.0.0.1:${peer.httpPort}/sip`, 'sip');
    await once(socket, 'open');
    socket.send(bytes, text);
    await once(socket, 'close');
  }
  expect(logged.slice(before)).toEqual([]);
});
