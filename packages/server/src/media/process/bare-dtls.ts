import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { crc32 } from 'node:zlib';

// RFC 8489 §5 and §14.
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
const headerBytes = 20;
const headBytes = 4;
const attribute = { messageIntegrity: 0x0008, xorMappedAddress: 0x0020, fingerprint: 0x8028 };
const integrityBytes = 20;
const fingerprintXor = 0x5354554e;
const loopback = '127.0.0.1';

export interface Aim {
  address: string;
  port: number;
}

/**
 * DTLS-SRTP without ICE, as telephones speak it (RFC 5763): the library that does DTLS speaks ICE only, so it is led to a socket on
 * this machine behind which one answers its checks, and what it sends and receives otherwise goes by the socket that the far end knows.
 * Until the handshake is done the far end is wherever its handshake comes from, which may be another address than its description
 * names (RFC 5763 §5, symmetric as RFC 4961): who has not the key that the description vouches for gets nowhere from there.
 */
export class BareDtls {
  readonly iceUfrag = randomBytes(6).toString('base64');
  readonly icePwd = randomBytes(24).toString('base64');
  readonly #inner = createSocket('udp4');
  readonly #outer: Socket;
  readonly #bind: Aim;
  #aim: Aim;
  #told: Aim;
  #isSettled = false;
  /** Where the library listens; known from its first check. */
  #library: RemoteInfo | undefined;
  #isClosed = false;

  /** @param bind our socket. @param aim what the far end's description names. */
  constructor(bind: Aim, aim: Aim) {
    this.#bind = bind;
    this.#aim = aim;
    this.#told = aim;
    this.#outer = createSocket(isIPv6(bind.address) ? 'udp6' : 'udp4');
  }

  /** Where the far end is. */
  get remote(): Aim {
    return this.#aim;
  }

  /** Opens the sockets; `ready` is called with the candidate that leads the library here. */
  open(ready: (candidate: string) => void, failed: (error: Error) => void): void {
    this.#inner.on('error', failed);
    this.#outer.on('error', failed);
    this.#inner.on('message', (bytes, from) => this.#fromLibrary(bytes, from));
    this.#outer.on('message', (bytes, from) => this.#fromFarEnd(bytes, from));
    this.#outer.bind({ ...this.#bind, exclusive: true }, () =>
      this.#inner.bind({ address: loopback, port: 0, exclusive: true }, () => {
        if (!this.#isClosed) ready(`1 1 UDP 2130706431 ${loopback} ${this.#inner.address().port} typ host`);
      }),
    );
  }

  /** The description of the far end names another address: a telephone has moved, and the association goes along. */
  aimAt(aim: Aim): void {
    if (aim.address === this.#told.address && aim.port === this.#told.port) return;
    this.#told = aim;
    this.#aim = aim;
    this.#isSettled = false;
  }

  /** The handshake is done: from now on nobody else is heard until the description changes. */
  settle(): void {
    this.#isSettled = true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inner.close();
    this.#outer.close();
  }

  #fromFarEnd(bytes: Buffer, { address, port }: RemoteInfo): void {
    const first = bytes[0] ?? 0;
    // RFC 7983 §7: DTLS, or RTP and RTCP.
    const isDtls = first >= 20 && first <= 63;
    if (!isDtls && (first < 128 || first > 191)) return;
    const isExpected = address === this.#aim.address && port === this.#aim.port;
    if (!isExpected && this.#isSettled) return;
    if (!isExpected) this.#aim = { address, port };
    if (this.#library !== undefined) this.#inner.send(bytes, this.#library.port, loopback);
  }

  #fromLibrary(bytes: Buffer, from: RemoteInfo): void {
    if (from.address !== loopback) return;
    if ((bytes[0] ?? 0) < 4) return this.#answerCheck(bytes, from);
    if (this.#aim.port > 0) this.#outer.send(bytes, this.#aim.port, this.#aim.address);
  }

  #answerCheck(bytes: Buffer, from: RemoteInfo): void {
    if (bytes.length < headerBytes || bytes.readUInt16BE(0) !== bindingRequest) return;
    if (!isIntact(bytes, this.icePwd)) return;
    this.#library = from;
    const mapped = Buffer.alloc(8);
    mapped.writeUInt8(1, 1);
    mapped.writeUInt16BE(from.port ^ (magicCookie >>> 16), 2);
    mapped.writeUInt32BE((0x7f000001 ^ magicCookie) >>> 0, 4);
    const head = Buffer.from(bytes.subarray(0, headerBytes));
    head.writeUInt16BE(bindingSuccess, 0);
    const known = Buffer.concat([head, write(attribute.xorMappedAddress, mapped)]);
    const signed = sign(known, this.icePwd);
    const whole = setLength(signed, headBytes + 4);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE((crc32(whole) ^ fingerprintXor) >>> 0, 0);
    this.#inner.send(Buffer.concat([whole, write(attribute.fingerprint, crc)]), from.port, loopback);
  }
}

function write(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** The length in the header counts what is about to follow (RFC 8489 §14.5). */
function setLength(message: Buffer, moreBytes: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(message.length - headerBytes + moreBytes, 2);
  return copy;
}

function sign(message: Buffer, password: string): Buffer {
  const whole = setLength(message, headBytes + integrityBytes);
  const hash = createHmac('sha1', password).update(whole).digest();
  return Buffer.concat([whole, write(attribute.messageIntegrity, hash)]);
}

/** Whether the check knows our password: a stray packet on this machine must not lead the sound to itself. */
function isIntact(bytes: Buffer, password: string): boolean {
  for (let at = headerBytes; at + headBytes <= bytes.length; ) {
    const type = bytes.readUInt16BE(at);
    const length = bytes.readUInt16BE(at + 2);
    if (type === attribute.messageIntegrity && length === integrityBytes) {
      if (at + headBytes + integrityBytes > bytes.length) return false;
      const whole = setLength(bytes.subarray(0, at), headBytes + integrityBytes);
      const hash = createHmac('sha1', password).update(whole).digest();
      return timingSafeEqual(hash, bytes.subarray(at + headBytes, at + headBytes + integrityBytes));
    }
    at += headBytes + length + ((4 - (length % 4)) % 4);
  }
  return false;
}
