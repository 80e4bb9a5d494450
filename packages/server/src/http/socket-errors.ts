import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';

/** What `ws` calls breaches of the protocol, and what Node calls connections that break. */
const peersFault = /^(WS_ERR_|ECONNRESET$|EPIPE$|ETIMEDOUT$)/;

/**
 * An error on a WebSocket ends its connection. What its peer did amiss is nothing that an administrator can mend, and anybody may do
 * it a thousand times a second: it must not fill the log. Everything else is an error of ours.
 */
export function socketFailed(
  error: Error & { code?: string },
  socket: WebSocket,
  request: FastifyRequest,
): void {
  if (peersFault.test(error.code ?? '')) {
    request.log.debug({ code: error.code, from: request.ip, url: request.url }, 'a WebSocket broke off');
  } else request.log.error({ err: error, url: request.url }, 'a WebSocket failed');
  socket.terminate();
}
