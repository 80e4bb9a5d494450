import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openWorld, type World } from './transport-testing.ts';

let world: World;
let url: string;
beforeAll(async () => {
  world = await openWorld();
  url = `ws://127.0.0.1:${world.httpPort}/sip`;
});
afterAll(() => world.close());

function options(id: string, method = 'OPTIONS'): string {
  return [
    `${method} sip:transport.test SIP/2.0`,
    `Via: SIP/2.0/WS abc.invalid;branch=z9hG4bK${id}`,
    'Max-Forwards: 70',
    `From: <sip:a@abc.invalid>;tag=${id}`,
    'To: <sip:transport.test>',
    `Call-ID: ${id}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:a@abc.invalid;transport=ws>',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

async function opened(protocols: string | string[] = 'sip', headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, protocols, { headers });
  await once(socket, 'open');
  return socket;
}

async function closed(socket: WebSocket): Promise<void> {
  const gone = once(socket, 'close');
  socket.close();
  await gone;
}

/** The problem with which an upgrade is refused. */
async function refusal(protocols: string[], headers: Record<string, string>) {
  const socket = new WebSocket(url, protocols, { headers });
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return JSON.parse(text) as { status: number; code: string; detail: string };
}

describe('a connection to /sip', () => {
  test('[RFC7118 §4.1] must offer the subprotocol sip, and gets it', async () => {
    const socket = await opened(['chat', 'sip']);
    expect(socket.protocol).toBe('sip');
    await closed(socket);
    for (const protocols of [[], ['chat']]) {
      const problem = await refusal(protocols, {});
      expect(problem).toMatchObject({ status: 400, code: 'validation-failed' });
      expect(problem.detail).toContain('subprotocol sip');
    }
  });

  test('[OPS-05] is refused to a page of another site, with or without a cookie', async () => {
    expect(await refusal(['sip'], { origin: 'https://evil.example' })).toMatchObject({
      status: 403,
      code: 'origin-refused',
    });
    await closed(await opened('sip', { origin: `http://127.0.0.1:${world.httpPort}` }));
  });

  test('[RFC7118 §5] takes text and binary messages, and answers in text with the transport of the Via', async () => {
    const socket = await opened();
    for (const [id, data] of [
      ['text', options('text')],
      ['binary', Buffer.from(options('binary'))],
    ] as const) {
      socket.send(data);
      const [answer, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
      expect(isBinary).toBe(false);
      expect(String(answer)).toMatch(/^SIP\/2\.0 200 OK\r\nVia: SIP\/2\.0\/WS abc\.invalid/);
      expect(String(answer)).toContain(`Call-ID: ${id}`);
    }
    await closed(socket);
  });

  test('[RFC7118 §5.2] a message that is not UTF-8 goes out as binary', async () => {
    const socket = await opened();
    const answers: boolean[] = [];
    socket.send(options('body', 'INVITE'));
    const { sessionId } = await world.events.next('invite');
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('message', (_data, isBinary) => {
      answers.push(isBinary);
      if (answers.length === 2) resolve();
    });
    const body = Uint8Array.of(255, 254);
    world.shell.run((stack, now) => stack.accept({ sessionId, body, contentType: 'application/x' }, now));
    await promise;
    expect(answers).toEqual([false, true]);
    await closed(socket);
  });

  test('[RFC7118 §5.2] through a proxy that speaks TLS the transport is wss', async () => {
    const socket = await opened('sip', { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.44' });
    socket.send(options('secure', 'INVITE'));
    const { flow } = await world.events.next('invite');
    expect(flow).toMatchObject({ protocol: 'wss', remoteAddress: '192.0.2.44' });
    await closed(socket);
  });

  test('[OPS-05] a message that is too long closes it', async () => {
    const socket = await opened();
    socket.send('x'.repeat(65_536));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
  });
});
