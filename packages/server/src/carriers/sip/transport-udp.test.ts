import { createSocket } from 'node:dgram';
import { expect, test, vi } from 'vitest';
import { UdpTransport } from './transport-udp.ts';

/** Blocks the process, as work for a message does. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test.each(['127.0.0.1', '0.0.0.0', '::'])(
  '[OPS-05] a socket on %s notices that it is read too late, and that it has caught up',
  async (address) => {
    let served = 0;
    const transport = new UdpTransport({
      received: () => {
        served++;
        if (served <= 80) work(30);
      },
      closed: () => undefined,
      fault: () => undefined,
    });
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    await transport.open(address, port);
    const peer = createSocket('udp4');
    try {
      expect(transport.isOverloaded).toBe(false);
      const message = Buffer.from('OPTIONS sip:a SIP/2.0\r\n');
      for (let i = 0; i < 80; i++) peer.send(message, port, '127.0.0.1');
      await vi.waitFor(() => expect(transport.isOverloaded).toBe(true), { timeout: 15_000, interval: 1 });
      await vi.waitFor(() => expect(transport.isOverloaded).toBe(false), { timeout: 15_000, interval: 10 });
      expect(served).toBe(80);
    } finally {
      peer.close();
      await transport.close();
    }
  },
  40_000,
);
