import { createSocket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';

/** Routes seldom change; one that did is known after this time. */
const keptMs = 10_000;
const keptMax = 1_000;
/** Nothing is sent there: connecting a datagram socket only looks for the way. */
const discardPort = 9;

interface Known {
  readonly address: string | undefined;
  readonly atMs: number;
}

/** By the remote address, the one that was looked up longest ago first. */
const known = new Map<string, Known>();

/**
 * The address of this host from which the kernel sends to that one: on a host with several networks the one that the peer can
 * reach. Undefined where there is no route, or for what is no address.
 *
 * @param nowMs of a clock that never runs backwards.
 */
export function routeAddress(remote: string, nowMs: number): string | undefined {
  const found = known.get(remote);
  if (found !== undefined && nowMs - found.atMs < keptMs) return found.address;
  known.delete(remote);
  const [oldest] = known.keys();
  if (known.size >= keptMax && oldest !== undefined) known.delete(oldest);
  const address = isIP(remote) === 0 ? undefined : lookUp(remote);
  known.set(remote, { address, atMs: nowMs });
  return address;
}

/** With a look-up of names that answers at once all of this happens in one turn. */
function lookUp(remote: string): string | undefined {
  const family = isIPv6(remote) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  });
  // No route, or no such family here.
  socket.on('error', () => undefined);
  try {
    socket.bind({ port: 0, exclusive: true });
    socket.connect(discardPort, remote);
    const { address } = socket.address();
    return address === '0.0.0.0' || address === '::' ? undefined : address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
