import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The network between the product and a PostgreSQL server: it can swallow everything, as a firewall does that drops packets. Nobody is
 * told, no connection breaks.
 */
export class DatabaseLine {
  /** Of the server, by way of this line. */
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #swallowed = new Set<Socket>();
  #isSwallowing = false;

  private constructor(server: Server, url: URL) {
    this.#server = server;
    const target = { host: url.hostname, port: Number(url.port) };
    server.on('connection', (near) => {
      this.#sockets.add(near);
      near.on('error', () => near.destroy());
      if (this.#isSwallowing) return void this.#swallowed.add(near);
      const far = connect(target);
      this.#sockets.add(far);
      far.on('error', () => near.destroy());
      const passes = () => !this.#swallowed.has(near);
      near.on('data', (bytes) => passes() && far.write(bytes));
      far.on('data', (bytes) => passes() && near.write(bytes));
      near.on('close', () => far.destroy());
      far.on('close', () => passes() && near.destroy());
    });
    const own = new URL(url);
    own.port = String((server.address() as { port: number }).port);
    this.url = own.href;
  }

  static async open(url: string): Promise<DatabaseLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    return new DatabaseLine(server, new URL(url));
  }

  /** Swallows everything from now on. Returns what lets new connections pass again; those that are up are forgotten on the way. */
  swallow(): () => void {
    this.#isSwallowing = true;
    for (const socket of this.#sockets) this.#swallowed.add(socket);
    let isOver = false;
    return () => {
      // A second time it would swallow what has come up since.
      if (isOver) return;
      isOver = true;
      this.#isSwallowing = false;
      for (const socket of this.#sockets) this.#swallowed.add(socket);
    };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}
