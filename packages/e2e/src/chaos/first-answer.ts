import { createSocket, type Socket } from 'node:dgram';
import type { SocketAddress } from '../product/product.ts';

const askEveryMs = 50;
const giveUpMs = 180_000;
/** Nobody has it: what decides about new calls has to answer, and nothing is left behind. */
const numberOfNobody = '999000999';

/** How long from now until a new call is answered there over UDP, in milliseconds; one is tried all the time. */
export function firstAnswerMs(server: SocketAddress): Promise<number> {
  const socket = createSocket('udp4');
  const beganAtMs = performance.now();
  const name = `first-answer-${process.pid}-${Math.round(beganAtMs)}`;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let asked = 0;
  const send = (text: string) => socket.send(text, server.port, server.address);
  const ask = () => send(request('INVITE', server, socket, `${name}-${++asked}`));
  socket.on('message', (data) => {
    const response = data.toString();
    const callId = /^Call-ID: *(\S+)/im.exec(response)?.[1];
    const status = Number(response.split(' ')[1]);
    if (callId === undefined || !(status >= 200)) return;
    send(request('ACK', server, socket, callId, /^To: *(.*)$/im.exec(response)?.[1]));
    if (status === 404) resolve(Math.round(performance.now() - beganAtMs));
    else reject(new Error(`A call to a number of nobody was answered: ${response.split('\r\n')[0]}`));
  });
  // Nobody listens there while the server is away.
  socket.on('error', () => undefined);
  const timer = setInterval(ask, askEveryMs);
  const impatience = setTimeout(() => reject(new Error(`SIP did not answer for ${giveUpMs} ms.`)), giveUpMs);
  socket.bind(0, server.address, ask);
  return promise.finally(() => {
    clearInterval(timer);
    clearTimeout(impatience);
    socket.close();
  });
}

/** @param to the header field of the response that an ACK is for. */
function request(
  method: 'INVITE' | 'ACK',
  { address, port }: SocketAddress,
  socket: Socket,
  callId: string,
  to = `<sip:${numberOfNobody}@${address}:${port}>`,
): string {
  const ownPort = socket.address().port;
  const lines = [
    `${method} sip:${numberOfNobody}@${address}:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${address}:${ownPort};rport;branch=z9hG4bK-${callId}`,
    'Max-Forwards: 70',
    `From: <sip:chaos@${address}>;tag=${callId}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:chaos@${address}:${ownPort}>`,
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
