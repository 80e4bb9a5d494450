/**
 * Addresses as numbers, so that the tables of the packet path hold and compare 32 bits whatever the family.
 *
 * An IPv4 address is its own number. An IPv6 address gets a number from 240.0.0.0 upwards (RFC 1112 §4: reserved, no
 * host has it) from the book, which remembers the 128 bits behind it.
 */

/** First number of an IPv6 address. */
const ipv6Base = 0xf000_0000;
/** IPv6 addresses kept at most. Strangers may send from any number of them, so the book forgets the unused. */
const entriesMax = 65_536;
const dot = 46;
const zero = 48;

export function isIpv6Handle(handle: number): boolean {
  return handle >= ipv6Base;
}

/** `192.0.2.1` → 32-bit number; undefined when it is no usable IPv4 address in dotted decimal. Each call brings a dozen. */
export function parseIpv4(text: string): number | undefined {
  let value = 0;
  let parts = 0;
  let part = -1;
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? dot : text.charCodeAt(i);
    if (code === dot) {
      if (part < 0 || parts === 4) return undefined;
      value = value * 256 + part;
      parts++;
      part = -1;
    } else {
      const digit = code - zero;
      // A part that begins with 0 is octal to some.
      if (!(digit >= 0 && digit <= 9) || part === 0) return undefined;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return undefined;
    }
  }
  return parts === 4 && value < ipv6Base ? value : undefined;
}

/** The four 32-bit words of an IPv6 address (RFC 4291 §2.2); undefined for anything else, a zone included. */
export function parseIpv6(text: string): [number, number, number, number] | undefined {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text) || !text.includes(':')) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0] as string);
  const tail = halves[1] === undefined ? [] : readGroups(halves[1]);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  const word = (i: number): number =>
    (((groups[i * 2] as number) << 16) | (groups[i * 2 + 1] as number)) >>> 0;
  return [word(0), word(1), word(2), word(3)];
}

function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const tail = parseIpv4(part);
      if (tail === undefined) return undefined;
      groups.push(tail >>> 16, tail & 0xffff);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

/** True for IPv4 in dotted decimal and IPv6 without a zone, except IPv4 written as IPv6 (`::ffff:192.0.2.1`). */
export function isAddress(text: string): boolean {
  if (parseIpv4(text) !== undefined) return true;
  const words = parseIpv6(text);
  return words !== undefined && !isMapped(words);
}

function isMapped(words: readonly number[]): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

/** The book of one media process. */
export class AddressBook {
  readonly #handles = new Map<string, number>();
  /** Four words of each entry. */
  readonly #words = new Uint32Array(entriesMax * 4);
  readonly #free: number[] = [];
  #used = 0;
  readonly #usedHandles: () => Iterable<number>;

  /** @param usedHandles every number that is still referred to; asked when the book is full */
  constructor(usedHandles: () => Iterable<number>) {
    this.#usedHandles = usedHandles;
  }

  /** The number of an address in text; undefined when it is none, or one that `isAddress` does not take. */
  parse(text: string): number | undefined {
    const ipv4 = parseIpv4(text);
    if (ipv4 !== undefined) return ipv4;
    const words = parseIpv6(text);
    return words === undefined || isMapped(words) ? undefined : this.ofWords(...words);
  }

  /** The number of an IPv6 address. 0, which no sender has, when the book is full of addresses in use. */
  ofWords(a: number, b: number, c: number, d: number): number {
    const key = `${a},${b},${c},${d}`;
    const known = this.#handles.get(key);
    if (known !== undefined) return known;
    if (this.#free.length === 0 && this.#used === entriesMax) this.#forgetUnused();
    const entry = this.#free.pop() ?? (this.#used < entriesMax ? this.#used++ : -1);
    if (entry < 0) return 0;
    this.#words.set([a, b, c, d], entry * 4);
    this.#handles.set(key, ipv6Base + entry);
    return ipv6Base + entry;
  }

  /** One of the four words of an IPv6 address. */
  word(handle: number, index: number): number {
    return this.#words[(handle - ipv6Base) * 4 + index] as number;
  }

  /** True when `handle` is the number of these words: spares the look-up while packets come from one source. */
  isHandleOf(handle: number, a: number, b: number, c: number, d: number): boolean {
    const at = (handle - ipv6Base) * 4;
    const words = this.#words;
    return words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d;
  }

  /** The address as text, IPv6 in the form of RFC 5952. */
  format(handle: number): string {
    if (!isIpv6Handle(handle))
      return `${handle >>> 24}.${(handle >>> 16) & 255}.${(handle >>> 8) & 255}.${handle & 255}`;
    const groups: number[] = [];
    for (let i = 0; i < 4; i++) groups.push(this.word(handle, i) >>> 16, this.word(handle, i) & 0xffff);
    return formatGroups(groups);
  }

  #forgetUnused(): void {
    const kept = new Set(this.#usedHandles());
    for (const [key, handle] of this.#handles) {
      if (kept.has(handle)) continue;
      this.#handles.delete(key);
      // Whoever still compares with this entry must not find the former address.
      this.#words.fill(0, (handle - ipv6Base) * 4, (handle - ipv6Base) * 4 + 4);
      this.#free.push(handle - ipv6Base);
    }
  }
}

/** The longest row of zeros, of two or more, becomes `::`; the first of equal ones (RFC 5952 §4.2). */
function formatGroups(groups: readonly number[]): string {
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > bestLength) {
      bestStart = start;
      bestLength = end - start;
    }
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (bestStart < 0) return hex(groups);
  return `${hex(groups.slice(0, bestStart))}::${hex(groups.slice(bestStart + bestLength))}`;
}
