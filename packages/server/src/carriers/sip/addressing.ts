import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Binding, type Flow, parseUri, type SipUri } from '@crosspoint/sip';
import { routeAddress } from './route-address.ts';

/** Whoever signals over a WebSocket (RFC 7118) is taken for a browser, and is offered WebRTC when called. */
export function isBrowserFlow({ protocol }: Flow): boolean {
  return protocol === 'ws' || protocol === 'wss';
}

/** True for the addresses that mean "every interface". */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

/** True for loopback, private (RFC 1918, RFC 4193), shared (RFC 6598) and link-local addresses, which a public address does not serve. */
export function isPrivate(address: string): boolean {
  if (isLoopback(address)) return true;
  if (address.startsWith('10.') || address.startsWith('192.168.') || address.startsWith('169.254.'))
    return true;
  const [, first, second] = /^(172|100)\.(\d+)\./.exec(address) ?? [];
  if (first === '172') return Number(second) >= 16 && Number(second) <= 31;
  if (first === '100') return Number(second) >= 64 && Number(second) <= 127;
  return /^(fe80|f[cd])/i.test(address);
}

const sipPort = 5060;

/**
 * Where a registered telephone is called. Over UDP that is from where it registered, since a NAT may lie in between; but a telephone that names
 * the very address from which it was heard, in a private network, stands behind none, and may listen at another port than it sends
 * from (RFC 3261 §18.1.1): it is called at the port that it names.
 */
export function contactFlow({ contact, flow, path = [] }: Pick<Binding, 'contact' | 'flow' | 'path'>): Flow {
  const uri = path.length > 0 ? undefined : parseUri(contact);
  return uri !== undefined && isNeighbour(uri, flow) ? toPort(flow, uri.port ?? sipPort) : flow;
}

/**
 * Where a request within a dialog goes whose next hop is the Contact or the first Record-Route of the peer (RFC 3261 §12.2.1.1): a
 * NOTIFY for a lamp (RFC 6665 §4.4.1), the BYE of a call. The same holds as for a registered telephone; but a peer that names no port is met where it
 * was heard, as scripts that were written by hand leave it out.
 */
export function dialogFlow(nextHop: SipUri, flow: Flow): Flow {
  return nextHop.port !== undefined && isNeighbour(nextHop, flow) ? toPort(flow, nextHop.port) : flow;
}

/** Whether nothing that changes addresses stands between us and the telephone that names that URI. */
function isNeighbour({ host, parameters }: SipUri, { protocol, remoteAddress }: Flow): boolean {
  if (protocol !== 'udp' || !isPrivate(remoteAddress) || host !== remoteAddress.toLowerCase()) return false;
  // The port of its other protocols is none of this one.
  return (parameters.get('transport') ?? 'udp').toLowerCase() === 'udp';
}

function toPort(flow: Flow, remotePort: number): Flow {
  return remotePort === flow.remotePort ? flow : { ...flow, remotePort };
}

/**
 * The address of this host that a peer can reach: what stands in Via and Contact.
 *
 * A public address (behind NAT) is told to peers outside private networks only. When the socket listens on every
 * interface, a loopback peer gets the loopback address and any other the address of the interface that leads to it.
 */
export function addressTowards(remote: string, bound: string, publicAddress: string | undefined): string {
  return addressOfFamily(isIPv6(remote) ? 6 : 4, remote, bound, publicAddress);
}

/**
 * The same for sound of one address family, that of the peer by default: what stands in SDP, or, without a public address,
 * what the socket is bound to. Undefined when this host has no such address, or was told to use one of the other family.
 */
export function mediaAddressTowards(
  remote: string,
  bound: string,
  publicAddress: string | undefined,
  family: 4 | 6 = isIPv6(remote) ? 6 : 4,
): string | undefined {
  if (publicAddress !== undefined && [0, family].includes(isIP(publicAddress)) && !isPrivate(remote))
    return publicAddress;
  if (isLoopback(bound) || (isWildcard(bound) && isLoopback(remote))) return loopbackOf(family);
  if (!isWildcard(bound)) return isIP(bound) === family ? bound : undefined;
  return ownAddress(remote, family) ?? (family === 4 ? loopbackOf(4) : undefined);
}

/** What the media processes are told to bind to when nothing else is said, for SIP that listens on that host. */
export function mediaHostOf(sipHost: string): string {
  if (sipHost === '::') return '0.0.0.0';
  return sipHost === '::1' ? '127.0.0.1' : sipHost;
}

function loopbackOf(family: 4 | 6): string {
  return family === 6 ? '::1' : '127.0.0.1';
}

/**
 * Of that family the address on the way to the peer, or the first that others can reach where the way is not known. A link-local one
 * would need its zone named.
 */
function ownAddress(remote: string, family: 4 | 6): string | undefined {
  const onTheWay = isIP(remote) === family ? routeAddress(remote, performance.now()) : undefined;
  if (onTheWay !== undefined && !onTheWay.startsWith('fe80')) return onTheWay;
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { internal, family: own, address } of addresses ?? []) {
      if (!internal && own === `IPv${family}` && !address.startsWith('fe80')) return address;
    }
  }
  return undefined;
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
  if (isLoopback(remote)) return loopbackOf(family);
  return ownAddress(remote, family) ?? loopbackOf(family);
}
