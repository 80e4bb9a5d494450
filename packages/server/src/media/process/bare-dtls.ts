import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { answerCheck, isDtls, isMedia, isStun, readCheck } from './stun.ts';

const loopback = '127.0.0.1';
/** The first flight of a handshake is one or two datagrams; a few telephones may begin one before it is known who counts. */
const keptMax = 8;
/** The library hears nothing before its ICE is up, and does not say when that is: until it answers it is told again. */
const repeatIntervalMs = 20;
/** By then the far end has repeated it by itself (RFC 6347 §4.2.4.1). */
const repeatsMax = 50;

export interface Aim {
  address: string;
  port: number;
}

/**
 * DTLS-SRTP without ICE, as telephones speak it (RFC 5763): the library that does DTLS speaks ICE only, so it is led to a socket on
 * this machine behind which one answers its checks, and what it sends and receives otherwise goes by the socket that the far end knows.
 * Until the handshake is done the far end is wherever its handshake comes from, which may be another address than its description
 * names (RFC 5763 §5, symmetric as RFC 4961): who has not the key that the description vouches for gets nowhere from there.
 *
 * Who answers our offer begins the handshake at once, and its first words come before its answer has gone through SIP: they are kept
 * until the library can hear them, since a far end repeats them after a second only.
 */
export class BareDtls {
  readonly iceUfrag = randomBytes(6).toString('base64');
  readonly icePwd = randomBytes(24).toString('base64');
  readonly #inner = createSocket('udp4');
  readonly #outer: Socket;
  readonly #bind: Aim;
  #aim: Aim = { address: '', port: 0 };
  #told: Aim = this.#aim;
  #isSettled = false;
  /** A handshake comes from where the far end is said to be: others are not looked at. */
  #isWhereTold = false;
  /** Where the library listens; known from its first check. */
  #library: RemoteInfo | undefined;
  /** What the far end has said of a handshake that the library has not begun to answer. */
  #kept: { bytes: Buffer; from: Aim }[] = [];
  #repeating: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param bind our socket. */
  constructor(bind: Aim) {
    this.#bind = bind;
    this.#outer = createSocket(isIPv6(bind.address) ? 'udp6' : 'udp4');
  }

  /** Where the far end is. */
  get remote(): Aim {
    return this.#aim;
  }

  /** How many words of a handshake wait for the library. */
  get keptCount(): number {
    return this.#kept.length;
  }

  /** What leads the library here, once the sockets are open. */
  get candidate(): string {
    return `1 1 UDP 2130706431 ${loopback} ${this.#inner.address().port} typ host`;
  }

  /** Opens the sockets; rejects when that cannot be. `failed` tells of what happens to them later. */
  async open(failed: (error: Error) => void): Promise<void> {
    this.#inner.on('message', (bytes, from) => this.#fromLibrary(bytes, from));
    this.#outer.on('message', (bytes, from) => this.#fromFarEnd(bytes, from));
    try {
      this.#outer.bind({ ...this.#bind, exclusive: true });
      await once(this.#outer, 'listening');
      this.#inner.bind({ address: loopback, port: 0, exclusive: true });
      await once(this.#inner, 'listening');
    } catch (error) {
      this.close();
      throw error;
    }
    this.#inner.on('error', failed);
    this.#outer.on('error', failed);
  }

  /** A connection begins, with whoever is said to be there; a former one is forgotten. */
  restart(aim: Aim): void {
    this.#library = undefined;
    this.#told = { address: '', port: 0 };
    this.aimAt(aim);
    const told = this.#kept.filter(({ from }) => isSame(from, aim));
    this.#isWhereTold = told.length > 0;
    if (this.#isWhereTold) this.#kept = told;
  }

  /** The description of the far end names another address: a telephone has moved, and the association goes along. */
  aimAt(aim: Aim): void {
    if (isSame(aim, this.#told)) return;
    this.#told = aim;
    this.#aim = aim;
    this.#isSettled = false;
    this.#isWhereTold = false;
  }

  /** The handshake is done: from now on nobody else is heard until the description changes. */
  settle(): void {
    this.#isSettled = true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopRepeating();
    this.#inner.close();
    this.#outer.close();
  }

  #fromFarEnd(bytes: Buffer, { address, port }: RemoteInfo): void {
    if (!isMedia(bytes)) return;
    const from = { address, port };
    const isExpected = isSame(from, this.#aim);
    if (!isExpected && (this.#isSettled || this.#isWhereTold || !isDtls(bytes))) return;
    if (isDtls(bytes) && isSame(from, this.#told)) this.#isWhereTold = true;
    if (!isExpected) this.#aim = from;
    if (this.#library === undefined) {
      if (isDtls(bytes) && this.#kept.length < keptMax) this.#kept.push({ bytes, from });
      return;
    }
    this.#inner.send(bytes, this.#library.port, loopback);
  }

  #fromLibrary(bytes: Buffer, from: RemoteInfo): void {
    if (from.address !== loopback || this.#isClosed) return;
    if (isStun(bytes)) return this.#answerCheck(bytes, from);
    // A former connection says that it ends, to nobody any more.
    if (from.port !== this.#library?.port) return;
    this.#stopRepeating();
    if (this.#aim.port > 0) this.#outer.send(bytes, this.#aim.port, this.#aim.address);
  }

  #answerCheck(bytes: Buffer, from: RemoteInfo): void {
    if (readCheck(bytes, this.icePwd) === undefined) return;
    const isFirst = this.#library === undefined;
    this.#library = from;
    this.#inner.send(answerCheck(bytes, from, this.icePwd), from.port, loopback);
    if (isFirst && this.#kept.length > 0) this.#repeat();
  }

  #repeat(): void {
    clearInterval(this.#repeating);
    let repeats = 0;
    this.#repeating = setInterval(() => {
      if (++repeats > repeatsMax || this.#library === undefined) return this.#stopRepeating();
      for (const { bytes, from } of this.#kept) {
        this.#aim = from;
        this.#inner.send(bytes, this.#library.port, loopback);
      }
    }, repeatIntervalMs);
  }

  #stopRepeating(): void {
    clearInterval(this.#repeating);
    this.#repeating = undefined;
    this.#kept = [];
  }
}

function isSame(a: Aim, b: Aim): boolean {
  return a.address === b.address && a.port === b.port;
}
