import { isIP, isIPv6 } from 'node:net';
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
 * The address of this host that a peer can reach: what stands in Via and Contact.
 *
 * A public address (behind NAT) is told to peers outside private networks only. When the socket listens on every
 * interface, a loopback peer gets the loopback address and any other the first address of the same family.
 */
export function addressTowards(remote: string, bound: string, publicAddress: string | undefined): string {
  return addressOfFamily(isIPv6(remote) ? 6 : 4, remote, bound, publicAddress);
}

/** The same for sound, which is always IPv4, also when SIP comes over IPv6: what stands in SDP. */
export function mediaAddressTowards(
  remote: string,
  bound: string,
  publicAddress: string | undefined,
): string {
  return addressOfFamily(4, remote, bound, publicAddress);
}

/** Where the media processes listen, which speak IPv4 only, when SIP listens on that host. */
export function mediaHostOf(sipHost: string): string {
  if (sipHost === '::') return '0.0.0.0';
  return sipHost === '::1' ? '127.0.0.1' : sipHost;
}

function addressOfFamily(
  family: 4 | 6,
  remote: string,
  bound: string,
  publicAddress: string | undefined,
): string {
  // A host name has no family; it may stand for both.
  const fits = publicAddress !== undefined && [0, family].includes(isIP(publicAddress));
  if (fits && !isPrivate(remote)) return publicAddress;
  if (!isWildcard(bound)) return bound;
  const loopback = family === 6 ? '::1' : '127.0.0.1';
  if (isLoopback(remote)) return loopback;
  for (const addresses of Object.values(networkInterfaces())) {
    for (const candidate of addresses ?? []) {
      if (!candidate.internal && candidate.family === `IPv${family}`) return candidate.address;
    }
  }
  return loopback;
}
