// `npm run bench -- jitter`: microseconds per packet through the jitter buffer (put and take), and its memory.
import { JitterBuffer } from '../src/index.ts';
import { fastestUs, print } from './measure.ts';

const packets = 5_000;
const payload = new Uint8Array(160);

function measure(name: string, delayMs: (packet: number) => number): void {
  const buffer = new JitterBuffer({ clockRateHz: 8_000 });
  let packet = 0;
  print(
    name,
    fastestUs(packets, () => {
      const nowMs = packet * 20;
      buffer.put(packet & 0xffff, (packet * 160) >>> 0, 160, payload, 0, 160, nowMs + delayMs(packet));
      buffer.take(nowMs + 15);
      packet++;
    }),
  );
}

measure('steady line', () => 0);
measure('jitter of 12 ms', (packet) => (packet * 7) % 13);

const buffers: JitterBuffer[] = [];
const before = process.memoryUsage();
for (let i = 0; i < 2_000; i++) {
  const buffer = new JitterBuffer({ clockRateHz: 8_000 });
  buffer.put(1, 160, 160, payload, 0, 160, 0);
  buffers.push(buffer);
}
const after = process.memoryUsage();
const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
console.log(
  `memory                               ${(bytes / buffers.length / 1024).toFixed(1).padStart(8)} kB per stream of G.711`,
);
