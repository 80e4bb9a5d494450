import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** True for the addresses that mean "every interface". */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

/** True for loopback, private (RFC 1918, RFC 4193) and link-local addresses, which a public address does not serve. */
export function isPrivate(address: string): boolean {
  if (isLoopback(address)) return true;
  if (address.startsWith('10.') || address.startsWith('192.168.') || address.startsWith('169.254.'))
    return true;
  const octets = /^172\.(\d+)\./.exec(address);
  if (octets !== null) return Number(octets[1]) >= 16 && Number(octets[1]) <= 31;
  return /^(fe80|f[cd])/i.test(address);
}

/**
 * The address of this host that a peer can reach: what stands in Via, Contact and SDP.
 *
 * A public address (behind NAT) is told to peers outside private networks only. When the socket listens on every
 * interface, a loopback peer gets the loopback address and any other the first address of the same family.
 */
export function addressTowards(remote: string, bound: string, publicAddress: string | undefined): string {
  if (publicAddress !== undefined && !isPrivate(remote)) return publicAddress;
  if (!isWildcard(bound)) return bound;
  const family = isIPv6(remote) ? 'IPv6' : 'IPv4';
  if (isLoopback(remote)) return family === 'IPv6' ? '::1' : '127.0.0.1';
  for (const addresses of Object.values(networkInterfaces())) {
    for (const candidate of addresses ?? []) {
      if (!candidate.internal && candidate.family === family) return candidate.address;
    }
  }
  return family === 'IPv6' ? '::1' : '127.0.0.1';
}
