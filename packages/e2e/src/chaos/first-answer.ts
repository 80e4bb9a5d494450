import { createSocket } from 'node:dgram';
import type { SocketAddress } from '../product/product.ts';

const askEveryMs = 50;
const giveUpMs = 180_000;

/** How long from now until SIP over UDP answers there, in milliseconds; it is asked by OPTIONS all the time. */
export function firstAnswerMs({ address, port }: SocketAddress): Promise<number> {
  const socket = createSocket('udp4');
  const beganAtMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let asked = 0;
  const ask = () => {
    const name = `first-answer-${process.pid}-${Math.round(beganAtMs)}-${++asked}`;
    const lines = [
      `OPTIONS sip:${address}:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:${socket.address().port};rport;branch=z9hG4bK-${name}`,
      'Max-Forwards: 70',
      `From: <sip:chaos@${address}>;tag=${name}`,
      `To: <sip:${address}:${port}>`,
      `Call-ID: ${name}`,
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, address);
  };
  socket.on('message', () => resolve(Math.round(performance.now() - beganAtMs)));
  // Nobody listens there while the server is away.
  socket.on('error', () => undefined);
  const timer = setInterval(ask, askEveryMs);
  const impatience = setTimeout(() => reject(new Error(`SIP did not answer for ${giveUpMs} ms.`)), giveUpMs);
  socket.bind(0, address, ask);
  return promise.finally(() => {
    clearInterval(timer);
    clearTimeout(impatience);
    socket.close();
  });
}
