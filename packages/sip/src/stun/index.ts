import type { Flow } from '../flow/index.ts';
import { addressBytes } from './address.ts';

// STUN (RFC 8489) as far as it serves as keep-alive of SIP over UDP (RFC 5626 §4.4.2): binding requests are answered
// with the address that they came from, so that a phone notices when its NAT has given it another one.

const headerBytes = 20;
const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;
const xorMappedAddress = 0x0020;
const errorCode = 0x0009;
const unknownAttributes = 0x000a;
/** Attributes that a request may carry and that change nothing here: USERNAME, MESSAGE-INTEGRITY, REALM, NONCE. */
const ignoredAttributes = new Set([0x0006, 0x0008, 0x0014, 0x0015, 0x001c]);
/** Most unknown attributes that an error names, so that it stays about as long as its request. */
const unknownMax = 4;

/** Whether a datagram is STUN: its first two bits are zero, which no SIP message has, and the cookie follows (§6.3). */
export function isStun(bytes: Uint8Array): boolean {
  if (bytes.length < headerBytes || (bytes[0] as number) > 3) return false;
  return view(bytes).getUint32(4) === magicCookie;
}

/**
 * The answer to a STUN message that came over `flow`; undefined when it is no well-formed binding request. A request
 * with attributes that must be understood gets 420 (§6.3.1).
 */
export function answerStun(request: Uint8Array, flow: Flow): Uint8Array | undefined {
  const source = view(request);
  if (source.getUint16(0) !== bindingRequest || source.getUint16(2) !== request.length - headerBytes)
    return undefined;
  const unknown = readUnknown(request);
  if (unknown === undefined) return undefined;
  if (unknown.length > 0) return errorResponse(request, unknown);
  const address = addressBytes(flow.remoteAddress);
  return address && successResponse(request, address, flow.remotePort);
}

/** A binding request; `transaction` is 12 random bytes, which the answer repeats (§5). */
export function createBindingRequest(transaction: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const target = view(bytes);
  target.setUint16(0, bindingRequest);
  target.setUint32(4, magicCookie);
  bytes.set(transaction.subarray(0, headerBytes - 8), 8);
  return bytes;
}

/**
 * Reads the answer to a binding request: its transaction, and family, port and address that the request
 * came from, as bytes to be compared. Undefined for anything else.
 */
export function readBindingResponse(
  bytes: Uint8Array,
): { transaction: Uint8Array; mappedAddress: Uint8Array } | undefined {
  const source = view(bytes);
  if (source.getUint16(0) !== bindingSuccess || source.getUint16(2) !== bytes.length - headerBytes)
    return undefined;
  let at = headerBytes;
  while (at + 4 <= bytes.length) {
    const length = source.getUint16(at + 2);
    const end = at + 4 + length;
    if (end > bytes.length) return undefined;
    if (source.getUint16(at) === xorMappedAddress && (length === 8 || length === 20)) {
      const mappedAddress = bytes.slice(at + 5, end);
      // Unmasked, so that answers to different requests can be compared (§14.2).
      for (let i = 1; i < mappedAddress.length; i++)
        mappedAddress[i] = (mappedAddress[i] as number) ^ (bytes[i < 3 ? 3 + i : 1 + i] as number);
      return { transaction: bytes.slice(8, headerBytes), mappedAddress };
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return undefined;
}

/** Types of the attributes that must be understood and are not; undefined when the message is malformed. */
function readUnknown(bytes: Uint8Array): number[] | undefined {
  const source = view(bytes);
  const unknown: number[] = [];
  let at = headerBytes;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const type = source.getUint16(at);
    // Values are padded to four bytes (§14).
    at += 4 + Math.ceil(source.getUint16(at + 2) / 4) * 4;
    if (at > bytes.length) return undefined;
    if (type < 0x8000 && !ignoredAttributes.has(type) && unknown.length < unknownMax) unknown.push(type);
  }
  return unknown;
}

/** A response with the transaction id of its request, and room for attributes. */
function respond(
  request: Uint8Array,
  type: number,
  attributeBytes: number,
): { bytes: Uint8Array; target: DataView } {
  const bytes = new Uint8Array(headerBytes + attributeBytes);
  bytes.set(request.subarray(0, headerBytes));
  const target = view(bytes);
  target.setUint16(0, type);
  target.setUint16(2, attributeBytes);
  return { bytes, target };
}

/** §14.2: port and address are masked, because some NATs rewrite every address that they see. */
function successResponse(request: Uint8Array, address: Uint8Array, port: number): Uint8Array {
  const { bytes, target } = respond(request, bindingSuccess, 8 + address.length);
  target.setUint16(20, xorMappedAddress);
  target.setUint16(22, 4 + address.length);
  target.setUint8(25, address.length === 4 ? 1 : 2);
  target.setUint16(26, port ^ (magicCookie >>> 16));
  // The mask is the cookie followed by the transaction id, as they stand in the header.
  for (let i = 0; i < address.length; i++)
    bytes[28 + i] = (address[i] as number) ^ (request[4 + i] as number);
  return bytes;
}

function errorResponse(request: Uint8Array, unknown: readonly number[]): Uint8Array {
  const listBytes = Math.ceil(unknown.length / 2) * 4;
  const { bytes, target } = respond(request, bindingError, 12 + listBytes);
  target.setUint16(20, errorCode);
  target.setUint16(22, 4);
  target.setUint16(26, (4 << 8) | 20);
  target.setUint16(28, unknownAttributes);
  target.setUint16(30, unknown.length * 2);
  for (const [i, type] of unknown.entries()) target.setUint16(32 + i * 2, type);
  return bytes;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
