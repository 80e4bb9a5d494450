import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { writeRtpHeader } from '@crosspoint/media';
import { Phone, PhoneHost } from '@crosspoint/sim/phones';
import type { Page, Refusal } from '@crosspoint/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { callerToneHz, flood, processInfo, Stranger, until, useWorld } from '../src/index.ts';

const world = useWorld();
const sip = () => world().product.sip;
const agentToneHz = 700;
const mebibyte = 1 << 20;

async function stranger(address: string): Promise<Stranger> {
  const opened = await Stranger.open(address, sip());
  onTestFinished(() => opened.close());
  return opened;
}

const residentBytes = () => processInfo(world().product.pid)?.residentBytes ?? 0;

/**
 * Asks every 50 ms, as a busy monitor would, while something else goes on; returns how many got no answer though they
 * asked again. How soon answers come is measured by `npm run bench -- hostile`.
 */
async function unanswered(asker: Stranger, during: Promise<unknown>): Promise<number> {
  const answers: Promise<string | undefined>[] = [];
  const ask = () => void answers.push(asker.ask({ method: 'OPTIONS' }, 20_000, [500, 1_500, 3_500, 7_500]));
  // At once as well: on a fast machine it is over before the first turn.
  ask();
  const timer = setInterval(ask, 50);
  await during.finally(() => clearInterval(timer));
  const all = await Promise.all(answers);
  expect(all.length).toBeGreaterThan(0);
  return all.filter((answer) => answer === undefined).length;
}

test('[OPS-05] a flood over UDP neither keeps an OPTIONS from its answer nor disturbs a call, and leaves no memory behind', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  const floods = await Promise.all([70, 71, 72, 73].map((last) => stranger(`127.0.0.${last}`)));
  const bystander = await stranger('127.0.0.90');
  const own = await stranger('127.0.0.1');
  const texts = floods.map((from, index) => [
    from.request({ method: 'REGISTER', user: 'agent-1-1' }),
    from.request({ method: 'OPTIONS' }),
    from.request({ method: 'INVITE', number: '900442012345678', ...(index % 2 ? { agent: 'sipcli' } : {}) }),
    from.request({ method: 'BYE' }),
    `INVITE sip:x SIP/2.0\r\nVia: ${'x'.repeat(1_000)}\r\n\r\n`,
    '\u0000\u0001\u0002 garbage',
  ]);
  const send = (index: number) => {
    const from = floods[index % floods.length];
    const kinds = texts[index % floods.length];
    from?.send(kinds?.[Math.floor(index / floods.length) % kinds.length] ?? '');
  };
  await flood(send, { perSecond: 1_000, forMs: 500 });
  const before = residentBytes();
  customer.sound.ear.forgetRecording();
  agent.sound.ear.forgetRecording();
  const lostBefore = customer.sound.statistics.packetsLost + agent.sound.statistics.packetsLost;
  const flooding = flood(send, { perSecond: 8_000, forMs: 6_000 });
  const [ownUnanswered, bystanderUnanswered] = await Promise.all([
    unanswered(own, flooding),
    unanswered(bystander, flooding),
    customer.sound.ear.hears(agentToneHz, { forMs: 2_000, timeoutMs: 20_000 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 2_000, timeoutMs: 20_000 }),
  ]);
  expect(await flooding).toBeGreaterThan(3_000);
  expect({ ownUnanswered, bystanderUnanswered }).toEqual({ ownUnanswered: 0, bystanderUnanswered: 0 });
  const lost = customer.sound.statistics.packetsLost + agent.sound.statistics.packetsLost - lostBefore;
  // The phones share their process, and this machine, with the flood.
  expect(lost).toBeLessThan(100);
  await until('memory to return', () => residentBytes() < before + 60 * mebibyte, {
    timeoutMs: 40_000,
    seen: () => Math.round((residentBytes() - before) / mebibyte),
  });
  const refusals = await world().api.get<Page<Refusal>>('/security/refusals');
  expect(new Set(refusals.items.map(({ source }) => source))).toContain('127.0.0.70');
  customer.hangUp();
  await agent.ended();
});

/** A TCP connection from that address, with what becomes of it. */
async function connection(localAddress: string): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const { address: host, port } = sip();
  const socket = connect({ host, port, localAddress });
  onTestFinished(() => void socket.destroy());
  // How it ends does not matter here, only that it does.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').catch(() => undefined);
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  return { socket, closed };
}

test('[OPS-05] one source gets only so many connections, and the others still theirs', async () => {
  const greedy = await Promise.all(Array.from({ length: 260 }, () => connection('127.0.0.74')));
  for (const { socket } of greedy) socket.write('INVITE sip:x SIP/2.0\r\nVia: half of a message');
  await until('those above the limit to be closed', () => {
    return greedy.filter(({ socket }) => socket.destroyed || socket.closed).length >= 60;
  });
  expect(greedy.filter(({ socket }) => !socket.destroyed)).toHaveLength(200);
  const other = await connection('127.0.0.75');
  const answer = once(other.socket, 'data');
  const asker = await stranger('127.0.0.75');
  other.socket.write(asker.request({ method: 'OPTIONS' }).replace('SIP/2.0/UDP', 'SIP/2.0/TCP'));
  expect(String((await answer)[0])).toMatch(/^SIP\/2\.0 200 /);
  for (const { socket } of greedy) socket.destroy();
});

test('[OPS-05] a message that says it is a gigabyte is answered and its connection closed at once', async () => {
  const { socket, closed } = await connection('127.0.0.76');
  const asker = await stranger('127.0.0.76');
  const head = asker
    .request({ method: 'OPTIONS' })
    .replace('Content-Length: 0', 'Content-Length: 1000000000');
  const answer = once(socket, 'data');
  socket.write(head);
  expect(String((await answer)[0])).toMatch(/^SIP\/2\.0 513 /);
  await closed;
});

test('[OPS-05] a connection that drips is closed, however many bytes it still sends', async () => {
  const { socket, closed } = await connection('127.0.0.77');
  const asker = await stranger('127.0.0.77');
  const text = asker.request({ method: 'OPTIONS', headers: [`X: ${'x'.repeat(500)}`] });
  let at = 0;
  const drip = setInterval(() => socket.write(text[at++ % text.length] ?? 'x'), 200);
  onTestFinished(() => clearInterval(drip));
  await closed;
  expect(socket.closed).toBe(true);
});

test('[OPS-05] a peer that sends too fast is slowed down on its own connection, and nobody else', async () => {
  const { socket } = await connection('127.0.0.78');
  const asker = await stranger('127.0.0.78');
  const bystander = await stranger('127.0.0.79');
  const one = asker.request({ method: 'OPTIONS' }).replace('SIP/2.0/UDP', 'SIP/2.0/TCP');
  let answers = 0;
  socket.on('data', (bytes: Buffer) => {
    answers += bytes.toString('latin1').split('SIP/2.0 200').length - 1;
  });
  socket.write(one.repeat(3_000));
  const listening = until('the burst to be answered', () => answers >= 400, { timeoutMs: 60_000 });
  const answersThen = listening.then(() => answers);
  expect(await unanswered(bystander, listening)).toBe(0);
  expect(await answersThen).toBeLessThan(3_000);
});

/** RTP with a tone of the stranger's own, as if it belonged to a call. */
function rtp(sequence: number, payload: Uint8Array): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  writeRtpHeader(packet, 0, false, 0, sequence, sequence * 160, 0x0bad_0bad);
  packet.set(payload, 12);
  return packet;
}

test('[OPS-05] sound that somebody else sends to the port of a call is not heard, and the call goes on', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(agentToneHz, { forMs: 200 });
  const remote = customer.sound.remote;
  if (remote === undefined) throw new Error('The call has no sound.');
  const injector = createSocket('udp4');
  injector.bind(0, '127.0.0.80');
  await once(injector, 'listening');
  onTestFinished(() => void injector.close());
  let bled = 0;
  injector.on('message', () => bled++);
  // Full-scale noise: one such packet that got through would break the tone.
  const noise = Uint8Array.from({ length: 160 }, (_, index) => (index % 2 === 0 ? 0x00 : 0x80));
  let sequence = 0;
  const injecting = flood(() => injector.send(rtp(sequence++, noise), remote.port, remote.address), {
    perSecond: 500,
    forMs: 3_000,
  });
  await Promise.all([
    injecting,
    agent.sound.ear.hears(callerToneHz, { forMs: 2_500, timeoutMs: 4_000 }),
    customer.sound.ear.hears(agentToneHz, { forMs: 2_500, timeoutMs: 4_000 }),
  ]);
  expect(await injecting).toBeGreaterThan(500);
  expect(bled).toBe(0);
  expect(agent.sound.statistics).toMatchObject({ packetsLost: 0, sourceChanges: 0 });
  customer.hangUp();
  await agent.ended();
});

test('[OPS-05] [LOCK-02] who sends no sound is not taken for a stranger who does: neither hears the other', async () => {
  const scene = await world().scene();
  const host = await PhoneHost.open({ isMute: true });
  onTestFinished(() => host.close());
  const silent = new Phone({ host, server: sip(), username: '+420777000444' });
  const customer = await silent.call(scene.number);
  await customer.answered();
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await agent.answered();
  const { remote } = customer.sound;
  if (remote === undefined) throw new Error('The call has no sound.');
  const injector = createSocket('udp4');
  injector.bind(0, '127.0.0.81');
  await once(injector, 'listening');
  onTestFinished(() => void injector.close());
  let bled = 0;
  injector.on('message', () => bled++);
  const tone = Uint8Array.from({ length: 160 }, (_, index) => (index % 2 === 0 ? 0x00 : 0x80));
  let sequence = 0;
  const heard = agent.sound.statistics.packetsReceived;
  await flood(() => injector.send(rtp(sequence++, tone), remote.port, remote.address), {
    perSecond: 50,
    forMs: 2_000,
  });
  expect(bled).toBe(0);
  expect(agent.sound.statistics.packetsReceived).toBe(heard);
  // What the agent says still goes to where the customer wants it.
  await customer.sound.ear.hears(agentToneHz, { forMs: 300 });
  customer.hangUp();
  await agent.ended();
});
