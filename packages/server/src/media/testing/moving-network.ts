import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isMedia, isSuccess, writeNomination } from '../process/stun.ts';
import type { DtlsParameters } from '../protocol.ts';

const loopback = '127.0.0.1';
const checkIntervalMs = 50;

/**
 * What lies between the browser of a test and its leg. The browser knows a single address; after `move` its sound takes another way and
 * the former one carries none any more. (Its own ICE stays on the former way: the library of tests cannot restart it.)
 */
export class MovingNetwork {
  /** How many packets of sound the leg has sent over each way so far. */
  readonly soundOver: number[] = [];
  readonly #browserSide = createSocket('udp4');
  readonly #ways: { socket: Socket; port: number }[] = [];
  #browserPort: number | undefined;

  /** Opens the first way, to a leg at that port. */
  static async open(port: number): Promise<MovingNetwork> {
    const network = new MovingNetwork();
    network.#browserSide.bind(0, loopback);
    await once(network.#browserSide, 'listening');
    await network.#addWay(port);
    network.#browserSide.on('message', (bytes, from) => network.#fromBrowser(bytes, from.port));
    return network;
  }

  /** What the browser is told of the leg: the leg's parameters, at the address that the browser knows. */
  describe(leg: DtlsParameters): DtlsParameters {
    const { port } = this.#browserSide.address();
    return { ...leg, candidates: [`1 1 UDP 2130706431 ${loopback} ${port} typ host`] };
  }

  /** Another way, which is checked with these credentials until the leg answers; from then on it is the only one for sound. */
  async move(leg: DtlsParameters, port: number, ufrag: string): Promise<void> {
    const socket = await this.#openSocket();
    const { iceUfrag, icePwd: password } = leg;
    const check = (): void =>
      socket.send(
        writeNomination({ username: `${iceUfrag}:${ufrag}`, password, priority: 1 }),
        port,
        loopback,
      );
    const checking = setInterval(check, checkIntervalMs);
    check();
    for (;;) {
      const [bytes] = (await once(socket, 'message')) as [Buffer];
      if (isSuccess(bytes)) break;
    }
    this.#listen(socket, port);
    // A browser goes on checking the path that it uses (RFC 7675).
    socket.once('close', () => clearInterval(checking));
  }

  close(): void {
    this.#browserSide.close();
    for (const { socket } of this.#ways) socket.close();
  }

  async #addWay(port: number): Promise<void> {
    this.#listen(await this.#openSocket(), port);
  }

  async #openSocket(): Promise<Socket> {
    const socket = createSocket('udp4');
    socket.bind(0, loopback);
    await once(socket, 'listening');
    return socket;
  }

  #listen(socket: Socket, port: number): void {
    const index = this.#ways.push({ socket, port }) - 1;
    this.soundOver.push(0);
    socket.on('message', (bytes) => {
      if (isMedia(bytes)) {
        this.soundOver[index] = (this.soundOver[index] ?? 0) + 1;
        if (index < this.#ways.length - 1) return;
      } else if (index > 0) return;
      if (this.#browserPort !== undefined) this.#browserSide.send(bytes, this.#browserPort, loopback);
    });
  }

  #fromBrowser(bytes: Buffer, port: number): void {
    this.#browserPort = port;
    const way = isMedia(bytes) ? this.#ways.at(-1) : this.#ways[0];
    way?.socket.send(bytes, way.port, loopback);
  }
}
