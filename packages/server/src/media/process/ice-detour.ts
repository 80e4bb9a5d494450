import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Aim } from './bare-dtls.ts';
import { answerCheck, isMedia, isStun, isSuccess, readCheck, writeNomination } from './stun.ts';

/** Better than any candidate that the far end had before (RFC 8445 §5.1.2). */
const bestPriority = 0x7fff_ffff;
/** Addresses of the far end that are remembered at once; a browser has a handful. */
const pathsMax = 16;

export interface IceDetourOptions {
  /** Where the far end reaches us from now on. */
  bind: Aim;
  /** Where the library listens. */
  library: Aim;
  /** What both sides had said of ICE when the library connected. */
  ours: IceCredentials;
  theirs: IceCredentials;
  /** Where the far end is now; told once after each restart. */
  moved: (aim: Aim) => void;
  fault: (error: unknown) => void;
}

export interface IceCredentials {
  iceUfrag: string;
  icePwd: string;
}

/**
 * A new path for a connection whose ICE was restarted (RFC 8445 §2.4, RFC 8839 §4.4.1.1.1). The library has no restart, and a new connection of its would
 * need a new certificate, which some browsers refuse within a call. So the library keeps its association with its keys, and its ICE
 * is led, with the credentials of before, to a socket on this machine; what it sends and receives goes on by another one, at which we speak ICE
 * with the far end in the short form. Until the far end nominates that path, everything goes the former way.
 */
export class IceDetour {
  readonly #options: IceDetourOptions;
  readonly #inner: Socket;
  readonly #outer: Socket;
  #own: IceCredentials;
  /** Addresses from which the far end has checked the path since the last restart, by name. */
  readonly #paths = new Map<string, Aim>();
  #aim: Aim | undefined;
  #isLibraryHere = false;
  #isClosed = false;

  constructor(options: IceDetourOptions, own: IceCredentials) {
    this.#options = options;
    this.#own = own;
    this.#outer = createSocket(familyOf(options.bind.address));
    this.#inner = createSocket(familyOf(options.library.address));
  }

  /** Rejects when a socket cannot be opened; the detour is closed then. */
  async open(): Promise<void> {
    const { bind, library } = this.#options;
    try {
      await Promise.all([
        bound(this.#outer, bind),
        // From the address at which the library listens it can be reached, whatever the firewall says of others.
        bound(this.#inner, { address: library.address, port: 0 }),
      ]);
    } catch (error) {
      this.close();
      throw error;
    }
    for (const socket of [this.#inner, this.#outer]) socket.on('error', this.#options.fault);
    this.#inner.on('message', (bytes, from) => this.#fromLibrary(bytes, from));
    this.#outer.on('message', (bytes, from) => this.#fromFarEnd(bytes, from));
  }

  /** The far end restarts once more: from now on it uses these credentials of ours. */
  restart(own: IceCredentials): void {
    this.#own = own;
    this.#paths.clear();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#inner.close();
    this.#outer.close();
  }

  #fromFarEnd(bytes: Buffer, from: RemoteInfo): void {
    if (isStun(bytes)) return this.#checked(bytes, from);
    const aim = this.#paths.get(nameOf(from)) ?? (this.#isAt(from) ? this.#aim : undefined);
    if (aim === undefined || !isMedia(bytes)) return;
    // A lite side follows what the far end uses; one that nominates all of its paths shows by its sound which one it means.
    if (this.#paths.size > 0) this.#aim = aim;
    this.#toLibrary(bytes);
  }

  #checked(bytes: Buffer, from: RemoteInfo): void {
    const check = readCheck(bytes, this.#own.icePwd);
    if (check === undefined || !check.username.startsWith(`${this.#own.iceUfrag}:`)) return;
    this.#outer.send(answerCheck(bytes, from, this.#own.icePwd), from.port, from.address);
    if (!check.isNomination) return;
    const isFirst = this.#paths.size === 0;
    const aim = { address: from.address, port: from.port };
    const [oldest] = this.#paths.keys();
    if (this.#paths.size >= pathsMax && oldest !== undefined) this.#paths.delete(oldest);
    this.#paths.set(nameOf(from), aim);
    if (isFirst) {
      this.#aim = aim;
      this.#options.moved(aim);
    }
    if (!this.#isLibraryHere) this.#leadLibrary();
  }

  /** The far end checks its path several times a second until it has what it wants, so that this needs no timer of its own. */
  #leadLibrary(): void {
    const { ours, theirs } = this.#options;
    const username = `${ours.iceUfrag}:${theirs.iceUfrag}`;
    this.#toLibrary(writeNomination({ username, password: ours.icePwd, priority: bestPriority }));
  }

  #toLibrary(bytes: Buffer): void {
    const { address, port } = this.#options.library;
    this.#inner.send(bytes, port, address);
  }

  #fromLibrary(bytes: Buffer, from: RemoteInfo): void {
    if (from.port !== this.#options.library.port || from.address !== this.#options.library.address) return;
    const { icePwd } = this.#options.theirs;
    if (!isStun(bytes)) {
      this.#isLibraryHere = true;
      if (this.#aim !== undefined) this.#outer.send(bytes, this.#aim.port, this.#aim.address);
    } else if (!isSuccess(bytes) && readCheck(bytes, icePwd) !== undefined) {
      this.#inner.send(answerCheck(bytes, from, icePwd), from.port, from.address);
    }
  }

  #isAt({ address, port }: RemoteInfo): boolean {
    return this.#aim?.address === address && this.#aim.port === port;
  }
}

function familyOf(address: string): 'udp4' | 'udp6' {
  return isIPv6(address) ? 'udp6' : 'udp4';
}

function nameOf({ address, port }: Aim): string {
  return `${address} ${port}`;
}

async function bound(socket: Socket, at: Aim): Promise<void> {
  const listening = once(socket, 'listening');
  socket.bind({ ...at, exclusive: true });
  await listening;
}
