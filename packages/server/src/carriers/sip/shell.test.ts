import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SipEvent } from '@crosspoint/sip';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestShell } from './shell-testing.ts';

const opened: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function startShell(onEvent: (event: SipEvent) => void) {
  const faults: string[] = [];
  const shell = await openTestShell({
    stack: {
      random32: () => 7,
      secret: new Uint8Array(32),
      sentBy: () => ({ host: '127.0.0.1', port: 5060 }),
    },
    onEvent,
    onFault: (what, detail) => faults.push(`${what}: ${detail}`),
  });
  opened.push(() => shell.close());
  const phone = createSocket('udp4');
  phone.bind(0, '127.0.0.1');
  await once(phone, 'listening');
  opened.push(async () => phone.close());
  return { shell, faults, phone };
}

function message(method: string, via: string, id: string): string {
  return [
    `${method} sip:700@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP ${via};branch=z9hG4bK${id}`,
    `From: <sip:a@test>;tag=${id}`,
    'To: <sip:700@test>',
    `Call-ID: ${id}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:a@127.0.0.1>',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** Whether OPTIONS is still answered. */
async function isAlive(phone: Socket, port: number, id: string): Promise<boolean> {
  const answered = once(phone, 'message', { signal: AbortSignal.timeout(60_000) });
  phone.send(message('OPTIONS', '127.0.0.1:9;rport', id), port, '127.0.0.1');
  const [bytes] = await answered;
  return String(bytes).startsWith('SIP/2.0 200');
}

describe('the SIP shell', () => {
  it('[UA-34] survives a request that asks for its response at port 0', async () => {
    const { shell, phone, faults } = await startShell(() => undefined);
    const { port } = shell.transport;
    phone.send(message('OPTIONS', '127.0.0.1:0', 'zero'), port, '127.0.0.1');
    expect(await isAlive(phone, port, 'after')).toBe(true);
    expect(faults).toEqual([]);
  });

  it('sends nothing to port 0, where forged datagrams come from, and does not throw', async () => {
    const { shell, faults } = await startShell(() => undefined);
    const { port } = shell.transport;
    const flow = { protocol: 'udp', localAddress: '127.0.0.1', localPort: port } as const;
    const forged = { ...flow, remoteAddress: '127.0.0.1', remotePort: 0 };
    const bytes = new TextEncoder().encode(message('OPTIONS', '127.0.0.1:9;rport', 'forged'));
    shell.run((stack, now) => stack.receive(bytes, forged, now));
    expect([faults, shell.stack.statistics().serverTransactions]).toEqual([[], 1]);
  });

  it('a defect met by one message costs that message and is told; the next one is served', async () => {
    const { shell, phone, faults } = await startShell((event) => {
      if (event.type === 'invite') throw new Error('a defect of the consumer');
    });
    const { port } = shell.transport;
    phone.send(message('INVITE', '127.0.0.1:9', 'broken'), port, '127.0.0.1');
    expect(await isAlive(phone, port, 'after')).toBe(true);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('defect: Error: a defect of the consumer');
  });
});
