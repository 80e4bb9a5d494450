import type { SocketRequest, SoundSocket } from '../../carriers/door.ts';
import type { MediaClient } from '../../media/index.ts';
import { isAway, type MediaMoves, openSocket } from './media-moves.ts';
import type { Home } from './media-places.ts';
import { SpareSockets } from './spare-sockets.ts';

/** Opens sockets of legs where their contacts are. */
export class LegSockets {
  readonly #moves: MediaMoves;
  readonly #newId: () => string;
  readonly #spares = new Map<MediaClient, SpareSockets>();

  constructor(moves: MediaMoves, newId: () => string) {
    this.#moves = moves;
    this.#newId = newId;
  }

  attach(client: MediaClient): void {
    this.#spares.set(client, new SpareSockets(client, this.#newId));
  }

  /** What was opened in advance is gone. */
  forget(client: MediaClient): void {
    this.#spares.get(client)?.forget();
  }

  /** Should the process die meanwhile, another one is asked. Rejects as `leg.allocate` does. */
  async open(home: Home, request: SocketRequest): Promise<SoundSocket & { mediaId: string }> {
    for (;;) {
      // Who comes to a process that others are leaving would be without them.
      if (this.#moves.isLeft(home.client)) await this.#moves.settled(home);
      try {
        return await this.#openIn(home.client, request);
      } catch (error) {
        if (!isAway(error)) throw error;
        await this.#moves.settled(home);
      }
    }
  }

  async #openIn(client: MediaClient, request: SocketRequest): Promise<SoundSocket & { mediaId: string }> {
    if (request.transport !== 'rtp') {
      const mediaId = this.#newId();
      return { mediaId, ...(await openSocket(client, mediaId, request)) };
    }
    const spares = this.#spares.get(client);
    if (spares === undefined) throw new Error('the media process is not attached');
    return spares.take(request.bindAddress);
  }
}
