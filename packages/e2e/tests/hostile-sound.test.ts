import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeRtpHeader } from '@crosspoint/media';
import { expect, onTestFinished, test } from 'vitest';
import { callerToneHz, flood, freeUdpPort, useWorld } from '../src/index.ts';

const agentToneHz = 700;
const ports = 40;
const portMin = 2 * Math.floor((await freeUdpPort()) / 2);

// So few ports that a call gets one on which others are still sending.
const world = useWorld({
  env: {
    CROSSPOINT_RTP_PORT_MIN: String(portMin),
    CROSSPOINT_RTP_PORT_MAX: String(portMin + ports - 1),
  },
});

/** Full-scale noise on every port of sound: one packet of it that got through would break a tone. */
async function noiseFrom(
  address: string,
  forMs: number,
): Promise<{ over: Promise<number>; heard: () => number }> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  let heard = 0;
  socket.on('message', () => heard++);
  onTestFinished(() => void socket.close());
  const packet = Buffer.alloc(172).fill(0x80, 12);
  for (let at = 13; at < packet.length; at += 2) packet[at] = 0x00;
  const send = (index: number) => {
    const sequence = Math.floor(index / ports);
    writeRtpHeader(packet, 0, false, 0, sequence & 0xffff, sequence * 160, 0x0bad_0bad);
    socket.send(Buffer.from(packet), portMin + (index % ports), '127.0.0.1');
  };
  return { over: flood(send, { perSecond: 2_000, forMs }), heard: () => heard };
}

test('[OPS-05] noise that is on the ports before a call comes does not get into it, nor the call out to it once its telephone speaks', async () => {
  const scene = await world().scene();
  const { over, heard } = await noiseFrom('127.0.0.81', 7_000);
  const { customer, agent } = await scene.connect();
  await Promise.all([
    agent.sound.ear.hears(callerToneHz, { forMs: 2_500, timeoutMs: 5_000 }),
    customer.sound.ear.hears(agentToneHz, { forMs: 2_500, timeoutMs: 5_000 }),
  ]);
  customer.hangUp();
  await agent.ended();
  await over;
  // Behind a NAT nobody knows where a telephone will speak from, so that who comes first is believed, but only until the
  // telephone itself speaks: within its first packets.
  expect(heard()).toBeLessThanOrEqual(5);
});

test('[OPS-05] a phone that goes on sending after its call is not heard in the next one', async () => {
  const scene = await world().scene();
  const first = await scene.connect();
  await first.agent.sound.ear.hears(callerToneHz, { forMs: 300 });
  // From the address of the telephones, as if the one of the call before had missed its end.
  first.customer.hangUp();
  await first.agent.ended();
  const { over } = await noiseFrom('127.0.0.1', 6_000);
  const second = await scene.connect();
  await Promise.all([
    second.agent.sound.ear.hears(callerToneHz, { forMs: 2_500, timeoutMs: 5_000 }),
    second.customer.sound.ear.hears(agentToneHz, { forMs: 2_500, timeoutMs: 5_000 }),
  ]);
  second.customer.hangUp();
  await second.agent.ended();
  await over;
});
