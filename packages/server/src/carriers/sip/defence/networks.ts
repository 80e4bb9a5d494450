import { isIP } from 'node:net';

/** A network; IPv4 lies in `::ffff:0:0/96`, so that one list serves both families. */
export interface Network {
  readonly base: bigint;
  /** Of 128 bits. */
  readonly length: number;
  /** As a person writes it: `192.0.2.0/24`, an address without a length. */
  readonly text: string;
}

const mapped = 0xffffn << 32n;
const allBits = (1n << 128n) - 1n;

/** Reads an address or a network in CIDR notation; undefined when it is neither. Bits beyond the length are cleared. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', lengthText, more] = text.trim().split('/');
  const family = isIP(address);
  if (family === 0 || more !== undefined || address.includes('%')) return undefined;
  const lengthMax = family === 4 ? 32 : 128;
  const length = lengthText === undefined ? lengthMax : Number(lengthText);
  if (lengthText === '' || !Number.isInteger(length) || length < 0 || length > lengthMax) return undefined;
  const bits = family === 4 ? length + 96 : length;
  const base = addressBits(address) & maskOf(bits);
  const shown = writeAddress(base);
  return { base, length: bits, text: length === lengthMax ? shown : `${shown}/${length}` };
}

/**
 * What bans and limits are counted by: an IPv4 address, or the network of 64 bits of an IPv6 address, since that is
 * what one customer has. Text that is no address is counted as it stands.
 */
export function sourceOf(address: string): string {
  if (!address.includes(':') || isIP(address) !== 6) return address;
  const bits = addressBits(address);
  if (bits >> 32n === 0xffffn) return writeAddress(bits);
  return `${writeAddress(bits & maskOf(64))}/64`;
}

/** Networks with a value each; the longest that holds an address decides. */
export class NetworkMap<Value> {
  /** By length, longest first. */
  readonly #lengths: number[];
  readonly #values = new Map<string, Value>();

  /** Of two entries for one network the later one counts. */
  constructor(entries: Iterable<readonly [Network, Value]>) {
    const lengths = new Set<number>();
    for (const [{ base, length }, value] of entries) {
      lengths.add(length);
      this.#values.set(`${length} ${base}`, value);
    }
    this.#lengths = [...lengths].sort((a, b) => b - a);
  }

  find(address: string): { value: Value; length: number } | undefined {
    if (this.#lengths.length === 0 || isIP(address) === 0) return undefined;
    const bits = addressBits(address);
    for (const length of this.#lengths) {
      const value = this.#values.get(`${length} ${bits & maskOf(length)}`);
      if (value !== undefined) return { value, length };
    }
    return undefined;
  }
}

function maskOf(length: number): bigint {
  return (allBits << BigInt(128 - length)) & allBits;
}

function addressBits(address: string): bigint {
  if (isIP(address) === 4) return mapped | BigInt(ipv4Bits(address));
  // URL writes every IPv6 address in hexadecimal groups, an embedded IPv4 address too.
  const [plain = ''] = address.split('%');
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const before = groups(head);
  const after = groups(tail);
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  let bits = 0n;
  for (const group of [...before, ...zeros, ...after]) bits = (bits << 16n) | BigInt(`0x${group}`);
  return bits;
}

function ipv4Bits(address: string): number {
  return address.split('.').reduce((bits, octet) => bits * 256 + Number(octet), 0);
}

function writeAddress(bits: bigint): string {
  if (bits >> 32n === 0xffffn) {
    return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  }
  const groups = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) =>
    ((bits >> shift) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
