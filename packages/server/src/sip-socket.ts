import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { WebSocketPath } from './carriers/sip/index.ts';
import { type Api, HttpProblem, requireOwnOrigin } from './http/index.ts';

const PATH = '/sip';

/** `WS /sip`: phones that speak SIP over WebSocket (RFC 7118). They prove who they are by SIP, not by a session. */
export function registerSipSocket(api: Api, adopt: (socket: WebSocket, path: WebSocketPath) => void): void {
  api.get(
    PATH,
    {
      websocket: true,
      // After a restart a whole office comes back at once, from behind one address.
      config: { permission: 'public', rateLimit: { max: 1_000, timeWindow: 10_000 } },
      // Without a cookie too: a foreign page could otherwise ring our numbers from inside of the network.
      preValidation: async (request) => {
        requireOwnOrigin(request);
        requireSubprotocol(request);
      },
    },
    (socket, request) => adopt(socket, pathOf(request)),
  );
}

/** RFC 7118 §4.1: a client must offer `sip`, and gets no connection without it. */
function requireSubprotocol(request: FastifyRequest): void {
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  if (request.headers.upgrade === undefined || offered.includes('sip')) return;
  const value = offered.join(', ');
  throw new HttpProblem(
    'validation-failed',
    `${PATH} speaks SIP only: offer the WebSocket subprotocol sip.`,
    {
      errors: [
        {
          path: 'headers.sec-websocket-protocol',
          value,
          message: 'does not offer sip',
          remedy: 'Connect with the subprotocol sip: new WebSocket(url, "sip").',
        },
      ],
    },
  );
}

/** Behind a proxy on this machine the addresses are those that it tells. */
function pathOf({ ip, protocol, socket }: FastifyRequest): WebSocketPath {
  return {
    isSecure: protocol === 'https',
    remoteAddress: ip,
    remotePort: socket.remotePort ?? 0,
    localAddress: socket.localAddress ?? '',
    localPort: socket.localPort ?? 0,
  };
}
