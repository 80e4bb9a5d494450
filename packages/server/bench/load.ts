/**
 * Load generator of `media.ts`, a process of its own so that its work is not counted as the media process's.
 * It opens as many sockets as its first argument says and prints their ports as JSON. Then it reads one line, the
 * ports to send to, prints `ready`, and sends a G.711 packet every 20 ms on each socket, spread evenly over the
 * 20 ms, until its standard input ends.
 */
import { createInterface } from 'node:readline';
import { rtpHeaderBytes, writeRtpHeader } from '@crosspoint/media';
import { AddressBook } from '../src/media/process/addresses.ts';
import { openPacketPath } from '../src/media/process/open-packets.ts';
import type { PacketPath } from '../src/media/process/packets.ts';

const loopback = 0x7f00_0001;
const payloadBytes = 160;
const slotsPerPacket = 20;
const catchUpMs = 100;
const count = Number(process.argv[2]);
const portMin = Number(process.argv[3]);

/** Opens the sockets on ports that nobody uses. */
async function openSockets(path: PacketPath): Promise<number[]> {
  const ports: number[] = [];
  for (let port = portMin; ports.length < count; port++) {
    if (port > 65_535) throw new Error(`only ${ports.length} of ${count} ports are free above ${portMin}`);
    if ((await path.open(ports.length, '127.0.0.1', port)) === 'ok') ports.push(port);
  }
  return ports;
}

function startSending(path: PacketPath): void {
  path.sendBuffer.bytes.fill(0x55, rtpHeaderBytes, rtpHeaderBytes + payloadBytes);
  let startedAtMs = performance.now();
  let slot = 0;
  // What is due is sent; a late timer is made up for, so that the rate is exact, but a long pause is skipped.
  const run = (): void => {
    const nowMs = performance.now();
    if (nowMs - startedAtMs - slot > catchUpMs) startedAtMs = nowMs - slot;
    const due = Math.floor(nowMs - startedAtMs);
    for (; slot < due; slot++) {
      const sequence = Math.floor(slot / slotsPerPacket);
      for (let channel = slot % slotsPerPacket; channel < count; channel += slotsPerPacket) {
        writeRtpHeader(path.sendBuffer.bytes, 0, false, 0, sequence, sequence * payloadBytes, channel + 1);
        path.send(channel, path.sendBuffer, 0, rtpHeaderBytes + payloadBytes);
      }
    }
    setTimeout(run, 1);
  };
  run();
}

const path = await openPacketPath('auto', count, new AddressBook(() => []), () => undefined, console.error);
process.stdout.write(`${JSON.stringify(await openSockets(path))}\n`);
const input = createInterface({ input: process.stdin });
input.once('line', (line) => {
  for (const [channel, port] of (JSON.parse(line) as number[]).entries())
    path.setDestination(channel, loopback, port);
  process.stdout.write('ready\n');
  startSending(path);
});
input.once('close', () => process.exit(0));
