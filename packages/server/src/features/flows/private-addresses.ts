import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * Addresses that are not of the public internet (RFC 6890 and the registries of special-purpose addresses): a flow must not make the
 * server ask itself, its neighbours or the metadata service of a cloud. A list for each family: to a list of both every IPv4 address is
 * one of ::/3, as which it can be written.
 */
const special = { ipv4: new BlockList(), ipv6: new BlockList() };
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
  special.ipv4.addSubnet(network, prefix, 'ipv4');
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
  special.ipv6.addSubnet(network, prefix, 'ipv6');
}

/** Networks that are allowed although they are special, in the form `10.1.0.0/16`, `fd00::/8` or one address. */
export class AllowedNetworks {
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  /** @throws {RangeError} naming the entry that is no network. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      const isNone = isIP(address) === 0;
      const family = familyOf(address);
      const bits = family === 'ipv4' ? 32 : 128;
      const length = prefix === undefined ? bits : Number(prefix);
      if (isNone || !Number.isInteger(length) || length < 0 || length > bits) {
        throw new RangeError(`${network} is neither an address nor a network such as 10.1.0.0/16`);
      }
      this.#lists[family].addSubnet(address, length, family);
    }
  }

  /** Whether a look-up may connect to this address. What is no address may not. */
  allows(address: string): boolean {
    if (isIP(address) === 0) return false;
    const family = familyOf(address);
    return this.#lists[family].check(address, family) || !special[family].check(address, family);
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
