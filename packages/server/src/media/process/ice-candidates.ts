import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const candidatesMax = 16;
const askedMax = 32;
/** RFC 8445 §5.1.2.1: 126 for host candidates; of the one component, the address listed first is preferred. */
const hostPreference = 126;
const localPreferenceMax = 0xffff;
const linkLocal = /^fe[89ab].:/i;
const priorityOf = (typePreference: number, localPreference: number): number =>
  typePreference * 2 ** 24 + localPreference * 2 ** 8 + 255;

/**
 * ICE candidates (RFC 8839 §5.1) of a socket that will listen at this address and port, best first. A wildcard stands for
 * every interface but loopback (RFC 8445 §5.1.1.1). `publicAddress` is what a NAT that keeps ports maps to us.
 */
export function hostCandidates(
  bindAddress: string,
  port: number,
  publicAddress: string | undefined,
): string[] {
  const isWildcard = bindAddress === '0.0.0.0' || bindAddress === '::';
  const own = isWildcard ? interfaceAddresses() : [bindAddress];
  const addresses = new Set(publicAddress === undefined ? own : [publicAddress, ...own]);
  return [...addresses].slice(0, candidatesMax).map((address, index) => {
    const priority = priorityOf(hostPreference, localPreferenceMax - index);
    return `${index + 1} 1 UDP ${priority} ${address} ${port} typ host`;
  });
}

/** A candidate whose address a browser hides behind a name that only its own network knows (`….local`, RFC 6762). */
const hidden = /^(\S+ \d+ udp \d+ )\S+\.local( \d+ typ host\b.*)$/i;

/**
 * The candidates of a far end that a socket at this address can ask. Whose addresses are hidden finds us, and is known by
 * what it sends. Only at a loopback address it may not: Firefox asks none of these from a socket at another address, though
 * it answers there. Who reaches us there is on this host, so its names stand for the addresses of this host.
 */
export function askedCandidates(candidates: readonly string[], bindAddress: string): string[] {
  const isLoopback = bindAddress === '::1' || bindAddress.startsWith('127.');
  const near = isLoopback ? new Set([bindAddress, ...interfaceAddresses()]) : [];
  const reached = [...near].filter((address) => isIPv6(address) === isIPv6(bindAddress));
  return candidates
    .flatMap((candidate) => {
      if (!/\.local\b/i.test(candidate)) return [candidate];
      const [, before, after] = hidden.exec(candidate) ?? [];
      return before === undefined ? [] : reached.map((address) => `${before}${address}${after}`);
    })
    .slice(0, askedMax);
}

function interfaceAddresses(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((ofOne) => ofOne ?? [])
    .filter(({ internal, address }) => !internal && !linkLocal.test(address))
    .map(({ address }) => address);
  // A host without a network serves the browsers on it.
  return addresses.length > 0 ? addresses : ['127.0.0.1'];
}
