import { joinKey } from '../join-key.ts';
/** The transport protocols a Via can name (RFC 3261 §7.1, RFC 7118). */
export type Protocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/**
 * One path between this host and a peer: a datagram address pair or a stream connection.
 *
 * Addresses are IP literals without brackets; ports are 0–65535. `connectionId` names an open stream connection.
 * A stream flow without `connectionId` that appears in a `send` output asks the shell to open a connection to the
 * remote address, send the bytes there, and name the connection in what it later hands to `receive`.
 */
export type Flow = {
  protocol: Protocol;
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  connectionId?: number;
};

/** True for every protocol that keeps byte order and needs no retransmission (RFC 3261 §17). */
export function isReliable(protocol: Protocol): boolean {
  return protocol !== 'udp';
}

/** True when one received chunk is always one whole message (RFC 7118 §5 for WebSocket, datagrams otherwise). */
export function isMessageOriented(protocol: Protocol): boolean {
  return protocol === 'udp' || protocol === 'ws' || protocol === 'wss';
}

/** True for protocols whose messages carry `SIPS`-grade hop security. */
export function isSecure(protocol: Protocol): boolean {
  return protocol === 'tls' || protocol === 'wss';
}

/** A string that is equal for two flows exactly when they are the same path. */
export function flowKey(flow: Flow): string {
  if (flow.connectionId !== undefined) return joinKey(flow.protocol, flow.connectionId);
  return joinKey(flow.protocol, flow.localAddress, flow.localPort, flow.remoteAddress, flow.remotePort);
}

/**
 * Whether messages for `flow` travel on the path that `closed` names: the same path, or a connection that was opened
 * for a stream flow without an id.
 */
export function travelsOn(flow: Flow, closed: Flow): boolean {
  if (flow.protocol !== closed.protocol) return false;
  if (flow.connectionId !== undefined) return flow.connectionId === closed.connectionId;
  return flow.remoteAddress === closed.remoteAddress && flow.remotePort === closed.remotePort;
}
