import { createSocket } from 'node:dgram';
import type { SocketAddress } from '../product/product.ts';

/**
 * A provider that passes on requests of a phone without the telephone events that it offers: its keys arrive as sound only. Answers go
 * back the same way; what follows in the dialog goes from the phone to the product directly.
 *
 * @returns where the phone is to send to, and what closes it
 */
export async function withoutEvents(
  server: SocketAddress,
): Promise<{ address: SocketAddress; close: () => void }> {
  const socket = createSocket('udp4');
  let phonePort = 0;
  socket.on('message', (bytes, { port }) => {
    if (port === server.port) return socket.send(bytes, phonePort, '127.0.0.1');
    phonePort = port;
    socket.send(withoutEventsIn(bytes.toString('latin1')), server.port, server.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { address: { address: '127.0.0.1', port: socket.address().port }, close: () => socket.close() };
}

function withoutEventsIn(message: string): Buffer {
  const [head = '', body = ''] = message.split('\r\n\r\n');
  const type = /a=rtpmap:(\d+) telephone-event/.exec(body)?.[1];
  if (type === undefined) return Buffer.from(message, 'latin1');
  const kept = body
    .split('\r\n')
    .filter((line) => !line.startsWith(`a=rtpmap:${type} `) && !line.startsWith(`a=fmtp:${type} `))
    .map((line) => (line.startsWith('m=audio') ? line.replace(` ${type}`, '') : line))
    .join('\r\n');
  const sized = head.replace(/Content-Length: *\d+/, `Content-Length: ${kept.length}`);
  return Buffer.from(`${sized}\r\n\r\n${kept}`, 'latin1');
}
