import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { answerCheck, isMedia, isStun, readCheck } from './stun.ts';

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
    if (!isMedia(bytes)) return;
    const isExpected = address === this.#aim.address && port === this.#aim.port;
    if (!isExpected && this.#isSettled) return;
    if (!isExpected) this.#aim = { address, port };
    if (this.#library !== undefined) this.#inner.send(bytes, this.#library.port, loopback);
  }

  #fromLibrary(bytes: Buffer, from: RemoteInfo): void {
    if (from.address !== loopback) return;
    if (isStun(bytes)) return this.#answerCheck(bytes, from);
    if (this.#aim.port > 0) this.#outer.send(bytes, this.#aim.port, this.#aim.address);
  }

  #answerCheck(bytes: Buffer, from: RemoteInfo): void {
    if (readCheck(bytes, this.icePwd) === undefined) return;
    this.#library = from;
    this.#inner.send(answerCheck(bytes, from, this.icePwd), from.port, loopback);
  }
}
