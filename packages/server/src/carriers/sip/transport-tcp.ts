import { connect, createServer } from 'node:net';
import { socketOptions, type StreamKind } from './transport-stream.ts';

/** SIP over plain TCP. */
export const tcp: StreamKind = {
  protocol: 'tcp',
  createServer: (onConnection) => createServer(socketOptions, onConnection),
  connect(host, port, whenReady) {
    return connect({ host, port, ...socketOptions }, whenReady);
  },
};
