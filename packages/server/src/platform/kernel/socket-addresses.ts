import koffi from 'koffi';
import { PinnedBytes } from './libc.ts';
import { AF_INET, AF_INET6, sockaddrBytes } from './linux.ts';

/** Room for an address in text with its zone, and the zero behind it. */
const textBytes = 80;
/** Addresses kept at most, each way; whoever sends from more of them pays for being written out anew. */
const keptMax = 4_096;
const noAddress = new Uint8Array(0);

/**
 * Addresses in text, as `struct sockaddr` for one socket and back. A socket for both families sees IPv4 as such: it is told and
 * taken as `192.0.2.1`, not as `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2). An address of a link has its zone, as in `fe80::1%eth0`.
 */
export class SocketAddresses {
  readonly #isIpv6: boolean;
  readonly #library = koffi.load(null);
  readonly #parse = this.#library.func('inet_pton', 'int', ['int', 'str', 'int64_t']);
  readonly #format = this.#library.func('inet_ntop', 'int64_t', ['int', 'int64_t', 'int64_t', 'uint']);
  readonly #zoneIndex = this.#library.func('if_nametoindex', 'uint', ['str']);
  readonly #zoneName = this.#library.func('if_indextoname', 'int64_t', ['uint', 'int64_t']);
  readonly #scratch = new PinnedBytes(sockaddrBytes + textBytes);
  readonly #sockaddrs = new Map<string, Uint8Array>();
  readonly #ipv4Texts = new Map<number, string>();
  readonly #ipv6Texts = new Map<string, string>();

  /** @param isIpv6 whether the socket is one of IPv6, which may serve IPv4 too */
  constructor(isIpv6: boolean) {
    this.#isIpv6 = isIpv6;
  }

  /** Writes where something is to be sent; false when that is no address, or none that this socket could reach. */
  write(target: Uint8Array, address: string, port: number): boolean {
    let sockaddr = this.#sockaddrs.get(address);
    if (sockaddr === undefined) {
      sockaddr = this.#sockaddrOf(address) ?? noAddress;
      keep(this.#sockaddrs, address, sockaddr);
    }
    if (sockaddr === noAddress) return false;
    target.set(sockaddr);
    target[2] = port >>> 8;
    target[3] = port & 0xff;
    return true;
  }

  /** The address that the kernel has written there. */
  read(view: DataView, offset: number): string {
    if (!this.#isIpv6) return this.#ipv4At(view, offset + 4);
    const [a, b, c] = [view.getUint32(offset + 8), view.getUint32(offset + 12), view.getUint32(offset + 16)];
    if (a === 0 && b === 0 && c === 0xffff) return this.#ipv4At(view, offset + 20);
    const zone = a >>> 22 === 0x3fa ? view.getUint32(offset + 24, true) : 0;
    const key = `${a},${b},${c},${view.getUint32(offset + 20)},${zone}`;
    let text = this.#ipv6Texts.get(key);
    if (text === undefined) {
      text = this.#ipv6At(view, offset + 8, zone);
      keep(this.#ipv6Texts, key, text);
    }
    return text;
  }

  /** The port that stands there. */
  portAt(view: DataView, offset: number): number {
    return view.getUint16(offset + 2);
  }

  #ipv4At(view: DataView, offset: number): string {
    const value = view.getUint32(offset);
    let text = this.#ipv4Texts.get(value);
    if (text === undefined) {
      text = `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`;
      keep(this.#ipv4Texts, value, text);
    }
    return text;
  }

  #ipv6At(view: DataView, offset: number, zone: number): string {
    const { bytes, address } = this.#scratch;
    for (let i = 0; i < 16; i++) bytes[i] = view.getUint8(offset + i);
    const text = address + sockaddrBytes;
    this.#format(AF_INET6, address, text, textBytes);
    const plain = this.#textAt(sockaddrBytes);
    if (zone === 0 || this.#zoneName(zone, text) === 0n) return plain;
    return `${plain}%${this.#textAt(sockaddrBytes)}`;
  }

  #textAt(offset: number): string {
    const { bytes } = this.#scratch;
    return String.fromCharCode(...bytes.subarray(offset, bytes.indexOf(0, offset)));
  }

  #sockaddrOf(text: string): Uint8Array | undefined {
    const sockaddr = new Uint8Array(sockaddrBytes);
    const view = new DataView(sockaddr.buffer);
    view.setUint16(0, this.#isIpv6 ? AF_INET6 : AF_INET, true);
    if (!text.includes(':')) {
      if (!this.#parsed(AF_INET, text)) return undefined;
      sockaddr.set(this.#scratch.bytes.subarray(0, 4), this.#isIpv6 ? 20 : 4);
      if (this.#isIpv6) view.setUint16(18, 0xffff);
      return sockaddr;
    }
    const [address = '', zone] = text.split('%', 2);
    if (!this.#isIpv6 || !this.#parsed(AF_INET6, address)) return undefined;
    sockaddr.set(this.#scratch.bytes.subarray(0, 16), 8);
    if (zone !== undefined)
      view.setUint32(24, /^\d+$/.test(zone) ? Number(zone) : this.#zoneIndex(zone), true);
    return sockaddr;
  }

  #parsed(family: number, text: string): boolean {
    return this.#parse(family, text, this.#scratch.address) === 1;
  }
}

/** The one that was kept first makes room. */
function keep<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  if (map.size >= keptMax) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  map.set(key, value);
}
