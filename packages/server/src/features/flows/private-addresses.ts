import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * Addresses that are not of the public internet (RFC 6890 and the registries of special-purpose addresses): a flow must not make the
 * server ask itself, its neighbours or the metadata service of a cloud.
 */
const special = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  special.addSubnet(network, prefix, 'ipv4');
}
/** Everything outside 2000::/3 besides; what carries an IPv4 address inside (Teredo, 6to4) could lead anywhere. */
for (const [network, prefix] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  special.addSubnet(network, prefix, 'ipv6');
}

/** Networks that are allowed although they are special, in the form `10.1.0.0/16`, `fd00::/8` or one address. */
export class AllowedNetworks {
  readonly #list = new BlockList();

  /** @throws {RangeError} naming the entry that is no network. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const family = isIP(address);
      const bits = family === 4 ? 32 : 128;
      const length = prefix === undefined ? bits : Number(prefix);
      if (family === 0 || !Number.isInteger(length) || length < 0 || length > bits) {
        throw new RangeError(`${network} is neither an address nor a network such as 10.1.0.0/16`);
      }
      this.#list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
    }
  }

  /** Whether a look-up may connect to this address. What is no address may not. */
  allows(address: string): boolean {
    if (isIP(address) === 0) return false;
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    return this.#list.check(address, family) || !special.check(address, family);
  }
}
