import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { type AddressInfo, createServer, connect, type Server, type Socket } from 'node:net';
import type { Page } from 'playwright-core';

const host = '127.0.0.1';

interface Relay {
  port: number;
  sockets: UdpSocket[];
  isCut: boolean;
}

/**
 * The network between one window and the product: everything that the window sends and hears goes through here, HTTP and
 * WebSockets as well as sound. While it is cut, nothing arrives at either end and no connection is closed, as when a cable
 * is pulled out of a switch further away.
 */
export class CuttableLine {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #relays = new Map<number, Relay>();
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** A line to that address of the product's HTTP server. */
  static async open(httpUrl: string): Promise<CuttableLine> {
    const { port } = new URL(httpUrl);
    const server = createServer();
    const line = new CuttableLine(server);
    server.on('connection', (near) => line.#join(near, connect(Number(port), host)));
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return line;
  }

  /** The product, as the window calls it. */
  get httpUrl(): string {
    return `http://${host}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Leads the sound of that page through this line; before the page is opened. */
  async carrySoundOf(page: Page): Promise<void> {
    await page.exposeFunction('portOnLine', (port: number) => this.#relayTo(port));
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#connections) socket.pause();
  }

  /** What was sent over a connection meanwhile arrives now; sound that was sent meanwhile never does. */
  mend(): void {
    this.#isCut = false;
    for (const socket of this.#connections) socket.resume();
  }

  /** Cuts the ways of the sound that there are, for good: everything else comes through, and so does sound to other ports. */
  cutWaysOfSound(): void {
    for (const relay of this.#relays.values()) relay.isCut = true;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#connections) socket.destroy();
    for (const { sockets } of this.#relays.values()) for (const socket of sockets) socket.close();
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#connections.add(from);
      from.on('data', (bytes) => to.write(bytes));
      from.on('end', () => to.end());
      // An end that was reset is over for the other one too.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#connections.delete(from);
        to.destroySoon();
      });
      if (this.#isCut) from.pause();
    }
  }

  /** The port in front of that port of the product. */
  async #relayTo(farPort: number): Promise<number> {
    const known = this.#relays.get(farPort);
    if (known !== undefined) return known.port;
    const [near, far] = await Promise.all([bound(), bound()]);
    let pagePort = 0;
    const relay: Relay = { port: near.address().port, sockets: [near, far], isCut: false };
    const carries = (): boolean => !this.#isCut && !relay.isCut;
    near.on('message', (packet, { port }) => {
      pagePort = port;
      if (carries()) far.send(packet, farPort, host);
    });
    far.on('message', (packet) => {
      if (carries() && pagePort !== 0) near.send(packet, pagePort, host);
    });
    this.#relays.set(farPort, relay);
    return relay.port;
  }
}

function bound(): Promise<UdpSocket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, host, () => resolve(socket));
  });
}
