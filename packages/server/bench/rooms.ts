/**
 * What linear sound and browsers cost in a media process: `node packages/server/bench/rooms.ts [options]`.
 *
 * One media process serves the legs of telephones and browsers in this process; only its own CPU time is counted.
 *
 *   --kind=conference|opus|g722|browser|srtp   --legs=10 (parties, or calls)   --seconds=5   --packets=auto
 *   --conferences=1 (at once, each of so many parties: one alone pays for all that a process does which has anything to do)
 */
import { parseArgs } from 'node:util';
import { openSrtp, srtpMasterBytes, srtpMasterToBase64 } from '@crosspoint/media';
import { srtpCrypto } from '../src/media/process/srtp-crypto.ts';
import type { Codec } from '../src/media/protocol.ts';
import { TestBrowser } from '../src/media/testing/browser.ts';
import type { TestPhone } from '../src/media/testing/phone.ts';
import { MediaWorld } from '../src/media/testing/world.ts';

const { values: options } = parseArgs({
  options: {
    kind: { type: 'string', default: 'conference' },
    legs: { type: 'string', default: '10' },
    conferences: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '5' },
    packets: { type: 'string', default: 'auto' },
  },
});
const count = Number(options.legs);
const conferences = Number(options.conferences);
const seconds = Number(options.seconds);
const warmUpSeconds = 3;
const packetsPerSecond = 50;
const suite = 'AES_CM_128_HMAC_SHA1_80';
const world = await MediaWorld.open({
  packets: options.packets as 'auto',
  rtpPortMin: 45_000,
  rtpPortMax: 49_999,
});

/** Whose sound tells how much time has passed for the calls: the telephone that came last. */
let listener: TestPhone | undefined;

/** Resolves when the listener has heard so much more sound. */
async function heardFor(soundSeconds: number): Promise<void> {
  if (listener === undefined) throw new Error('--legs: at least 1');
  const { heardCount } = listener;
  const enough = heardCount + soundSeconds * packetsPerSecond;
  const phone = listener;
  const patienceMs = (soundSeconds + 30) * 1_000;
  await phone.until(`${soundSeconds} s of sound`, () => phone.heardCount >= enough, patienceMs);
}

async function conference(conferenceId: string): Promise<void> {
  await world.client.createConference(conferenceId);
  for (let i = 0; i < count; i++) {
    const legId = `${conferenceId}-${i}`;
    const phone = await world.leg(legId, i % 2 === 0 ? 'PCMU' : 'PCMA', { telephoneEventPayloadType: 101 });
    phone.speak(300 + i * 50, -20);
    listener = phone;
    await world.client.joinConference({ conferenceId, legId });
  }
}

async function allConferences(): Promise<void> {
  for (let i = 0; i < conferences; i++) await conference(`conference-${i}`);
}

async function calls(codec: Codec): Promise<void> {
  for (let i = 0; i < count; i++) {
    const customer = await world.leg(`a-${i}`, codec, { telephoneEventPayloadType: 101 });
    const agent = await world.leg(`b-${i}`, 'PCMU', { telephoneEventPayloadType: 101 });
    customer.speak(440, -20);
    agent.speak(660, -20);
    listener = agent;
    await world.client.bridge(`a-${i}`, `b-${i}`);
  }
}

async function encryptedCalls(): Promise<void> {
  const master = Uint8Array.from({ length: srtpMasterBytes(suite) }, (_, i) => i);
  const key = srtpMasterToBase64(master);
  for (let i = 0; i < count; i++) {
    const srtp = { suite, sendKey: key, receiveKey: key };
    const customer = await world.leg(`a-${i}`, 'PCMU', { srtp, telephoneEventPayloadType: 101 });
    customer.encrypt(openSrtp(suite, master, srtpCrypto), openSrtp(suite, master, srtpCrypto));
    const agent = await world.leg(`b-${i}`, 'PCMU', { telephoneEventPayloadType: 101 });
    customer.speak(440, -20);
    agent.speak(660, -20);
    listener = agent;
    await world.client.bridge(`a-${i}`, `b-${i}`);
  }
}

async function browserCalls(): Promise<void> {
  for (let i = 0; i < count; i++) {
    const legId = `a-${i}`;
    const { dtls } = await world.client.allocateLeg({ legId, transport: 'webrtc' });
    if (dtls === undefined) throw new Error('no WebRTC parameters');
    const browser = new TestBrowser(10_000 + i, dtls);
    await world.client.setRemote({
      legId,
      address: '0.0.0.0',
      port: 9,
      codec: 'PCMU',
      payloadType: 0,
      telephoneEventPayloadType: 101,
      direction: 'sendrecv',
      ptimeMs: 20,
      rtcpMux: true,
      dtls: { ...(await browser.parameters()), setup: 'active' },
    });
    const agent = await world.leg(`b-${i}`, 'PCMU', { telephoneEventPayloadType: 101 });
    await world.client.bridge(legId, `b-${i}`);
    browser.speak(440, -20);
    agent.speak(660, -20);
    listener = agent;
    await browser.until('the connection', () => browser.isConnected, 30_000);
  }
}

const kinds: Record<string, () => Promise<void>> = {
  conference: allConferences,
  opus: () => calls('opus'),
  g722: () => calls('G722'),
  browser: browserCalls,
  srtp: encryptedCalls,
};
const prepare = kinds[options.kind];
if (prepare === undefined) throw new Error(`--kind: one of ${Object.keys(kinds).join(', ')}`);
await prepare();
await heardFor(warmUpSeconds);
const before = await world.client.stats();
const startedAtMs = performance.now();
await heardFor(seconds);
const after = await world.client.stats();
const elapsedMicroseconds = (performance.now() - startedAtMs) * 1_000;
const userShare = (after.cpuUserMicroseconds - before.cpuUserMicroseconds) / elapsedMicroseconds;
const cpu =
  after.cpuUserMicroseconds +
  after.cpuSystemMicroseconds -
  before.cpuUserMicroseconds -
  before.cpuSystemMicroseconds;
const received = after.packetsReceived - before.packetsReceived;
const isConference = options.kind === 'conference';
const expected = ((isConference ? count * conferences : count * 2) * elapsedMicroseconds) / 20_000;
// What the load generator did not manage to send costs nothing, so the share is told per packet that came.
const share = (cpu / elapsedMicroseconds) * (expected / Math.max(1, received));
const perUnit = share / (isConference ? conferences : count);
process.stdout.write(
  `${options.kind} ${count} (user ${(userShare * 100).toFixed(1)} %): ${(perUnit * 100).toFixed(2)} % of a core per ${isConference ? 'conference' : 'call'}` +
    `, ${Math.floor(1 / perUnit)} per core; ${((received / expected) * 100).toFixed(0)} % of the packets came, ` +
    `${(after.residentBytes / 1_048_576).toFixed(0)} MB resident\n`,
);
await world.close();
process.exit(0);
