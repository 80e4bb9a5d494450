/**
 * Load generator of `media.ts`, a process of its own so that its work is not counted as the media process's.
 * Reads one line of JSON, `{"ports":[[local, remote], …]}`, from its standard input, prints `ready`, and then sends
 * a G.711 packet every 20 ms for each pair, spread evenly over the 20 ms, until its standard input ends.
 */
import { rtpHeaderBytes, writeRtpHeader } from '@crosspoint/media';
import { openPacketPath } from '../src/media/process/packets.ts';

const loopback = 0x7f00_0001;
const payloadBytes = 160;
const slotsPerPacket = 20;

process.stdin.setEncoding('utf8');
const firstLine = new Promise<[number, number][]>((resolve) => {
  let text = '';
  process.stdin.on('data', (chunk: string) => {
    text += chunk;
    if (text.endsWith('\n')) resolve((JSON.parse(text) as { ports: [number, number][] }).ports);
  });
});
process.stdin.on('end', () => process.exit(0));

const ports = await firstLine;
let received = 0;
const path = await openPacketPath('auto', ports.length, () => {
  received++;
});
for (const [channel, [local, remote]] of ports.entries()) {
  const result = await path.open(channel, '127.0.0.1', local);
  if (result !== 'ok') throw new Error(`port ${local}: ${result}`);
  path.setDestination(channel, loopback, remote);
}
path.sendBuffer.bytes.fill(0x55, rtpHeaderBytes, rtpHeaderBytes + payloadBytes);
process.stdout.write('ready\n');

const startedAtMs = performance.now();
let slot = 0;
let sent = 0;

/** Sends what is due; a late timer is made up for, so that the rate is exact. */
function run(): void {
  const due = Math.floor(performance.now() - startedAtMs);
  for (; slot < due; slot++) {
    const sequence = Math.floor(slot / slotsPerPacket);
    for (let channel = slot % slotsPerPacket; channel < ports.length; channel += slotsPerPacket) {
      writeRtpHeader(path.sendBuffer.bytes, 0, false, 0, sequence, sequence * payloadBytes, channel + 1);
      path.send(channel, path.sendBuffer, 0, rtpHeaderBytes + payloadBytes);
      sent++;
    }
  }
  setTimeout(run, 1);
}

run();
process.on('SIGUSR2', () =>
  process.stdout.write(`${JSON.stringify({ sent, received, failed: path.sendsFailed })}\n`),
);
