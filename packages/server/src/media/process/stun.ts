import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RemoteInfo } from 'node:dgram';
import { crc32 } from 'node:zlib';

// RFC 8489 §5 and §14, RFC 8445 §16.1.
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
const headerBytes = 20;
const headBytes = 4;
const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlling: 0x802a,
} as const;
const integrityBytes = 20;
const fingerprintXor = 0x5354554e;
const none = Buffer.alloc(0);

/** One check of connectivity: who is addressed by whom (`to:from`), and whether the path is to be used. */
export interface IceCheck {
  username: string;
  /** Of whoever is asked. */
  password: string;
  /** Of the candidate that the check comes from, 1 to 2³¹ − 1. */
  priority: number;
}

/** Whether these bytes are STUN and no DTLS, RTP or RTCP (RFC 7983 §7). */
export function isStun(bytes: Buffer): boolean {
  return (bytes[0] ?? 255) < 4;
}

/** Whether these bytes are DTLS, RTP or RTCP (RFC 7983 §7). */
export function isMedia(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  return (first >= 20 && first <= 63) || (first >= 128 && first <= 191);
}

/** Whether these bytes are of DTLS itself, and not what it protects (RFC 7983 §7). */
export function isDtls(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  return first >= 20 && first <= 63;
}

/** Whether that is an answer which says that a check has come through. */
export function isSuccess(bytes: Buffer): boolean {
  return bytes.length >= headerBytes && bytes.readUInt16BE(0) === bindingSuccess;
}

/**
 * Whom a check addresses (`to:from`) and whether it says that its path is to be used; undefined for everything that is no check or
 * does not know the password: a stray packet must not lead the sound to itself.
 */
export function readCheck(
  bytes: Buffer,
  password: string,
): { username: string; isNomination: boolean } | undefined {
  if (bytes.length < headerBytes || bytes.readUInt16BE(0) !== bindingRequest) return undefined;
  let username = '';
  let isNomination = false;
  for (let at = headerBytes; at + headBytes <= bytes.length; ) {
    const type = bytes.readUInt16BE(at);
    const length = bytes.readUInt16BE(at + 2);
    const value = bytes.subarray(at + headBytes, at + headBytes + length);
    if (value.length < length) return undefined;
    if (type === attribute.username) username = value.toString('utf8');
    if (type === attribute.useCandidate) isNomination = true;
    // What follows the signature is not signed (RFC 8489 §14.5).
    if (type === attribute.messageIntegrity)
      return isSigned(bytes.subarray(0, at), value, password) ? { username, isNomination } : undefined;
    at += headBytes + length + padding(length);
  }
  return undefined;
}

/** The answer to a check that came from there. */
export function answerCheck(check: Buffer, from: RemoteInfo, password: string): Buffer {
  const head = Buffer.from(check.subarray(0, headerBytes));
  head.writeUInt16BE(bindingSuccess, 0);
  const mapped = xorMapped(from, head.subarray(4, headerBytes));
  return seal(Buffer.concat([head, write(attribute.xorMappedAddress, mapped)]), password);
}

/** A check by the side that leads, which nominates the path it takes. */
export function writeNomination({ username, password, priority }: IceCheck): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUInt16BE(bindingRequest, 0);
  head.writeUInt32BE(magicCookie, 4);
  randomBytes(12).copy(head, 8);
  const ranked = Buffer.alloc(4);
  ranked.writeUInt32BE(priority, 0);
  const said = [
    write(attribute.username, Buffer.from(username)),
    write(attribute.priority, ranked),
    write(attribute.iceControlling, randomBytes(8)),
    write(attribute.useCandidate, none),
  ];
  return seal(Buffer.concat([head, ...said]), password);
}

/** RFC 8489 §14.2: `mask` is the cookie and the transaction's number. */
function xorMapped({ family, address, port }: RemoteInfo, mask: Buffer): Buffer {
  const bytes = family === 'IPv6' ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
  const mapped = Buffer.alloc(4 + bytes.length);
  mapped.writeUInt8(family === 'IPv6' ? 2 : 1, 1);
  mapped.writeUInt16BE(port ^ mask.readUInt16BE(0), 2);
  for (const [index, byte] of bytes.entries()) mapped[4 + index] = byte ^ (mask[index] ?? 0);
  return mapped;
}

/** Of an address as sockets write it. */
function ipv6Bytes(address: string): Buffer {
  const [words = ''] = address.split('%');
  const [before = '', after] = words.split('::');
  const read = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [first, last] = [read(before), read(after ?? '')];
  const zeros = new Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  const bytes = Buffer.alloc(16);
  for (const [index, word] of [...first, ...zeros, ...last].slice(0, 8).entries())
    bytes.writeUInt16BE(Number.parseInt(word, 16) & 0xffff, index * 2);
  return bytes;
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}

function write(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(padding(value.length))]);
}

/** The length in the header counts what is about to follow (RFC 8489 §14.5). */
function setLength(message: Buffer, moreBytes: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(message.length - headerBytes + moreBytes, 2);
  return copy;
}

/** Adds signature and checksum. */
function seal(message: Buffer, password: string): Buffer {
  const signature = write(attribute.messageIntegrity, signatureOf(message, password));
  const whole = setLength(Buffer.concat([message, signature]), headBytes + 4);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE((crc32(whole) ^ fingerprintXor) >>> 0, 0);
  return Buffer.concat([whole, write(attribute.fingerprint, crc)]);
}

function signatureOf(message: Buffer, password: string): Buffer {
  return createHmac('sha1', password)
    .update(setLength(message, headBytes + integrityBytes))
    .digest();
}

function isSigned(message: Buffer, signature: Buffer, password: string): boolean {
  return signature.length === integrityBytes && timingSafeEqual(signatureOf(message, password), signature);
}
