import type { MediaClient } from '../../media/index.ts';

/** An opened media leg that belongs to no call yet. */
export interface SpareSocket {
  mediaId: string;
  port: number;
}

interface Shelf {
  spares: SpareSocket[];
  opening: number;
  /** How many to keep; grows when a call found the shelf empty. */
  wanted: number;
  /** Since the last look. */
  isUsed: boolean;
}

const wantedMin = 4;
const wantedMax = 64;
/** Of a shelf that nobody has used for so long only the least is kept: ports and sockets are not ours alone. */
const quietMs = 30_000;
/** Addresses to bind to are those of this host's interfaces; further ones are served without spares. */
const addressesMax = 8;

/**
 * Media legs of one media process that are opened in advance, because a question to another process and its answer cost
 * a call more time than everything else at its beginning. Used ones are replaced several at a time.
 */
export class SpareSockets {
  readonly #client: MediaClient;
  readonly #newId: () => string;
  readonly #shelves = new Map<string, Shelf>();
  /** Spares of a process that has died are not the spares of its successor. */
  #generation = 0;
  #look: NodeJS.Timeout | undefined;

  constructor(client: MediaClient, newId: () => string) {
    this.#client = client;
    this.#newId = newId;
  }

  /** A socket bound to that address, from the shelf or opened now. Rejects as `leg.allocate` does. */
  async take(address: string): Promise<SpareSocket> {
    const shelf = this.#shelf(address);
    const spare = shelf?.spares.pop();
    if (shelf !== undefined) {
      shelf.isUsed = true;
      if (spare === undefined) this.#grow(shelf);
      if (shelf.spares.length + shelf.opening <= shelf.wanted / 2) this.#refill(shelf, address);
    }
    return spare ?? this.#open(address);
  }

  /** The process is another one now: what was opened is gone. */
  forget(): void {
    this.#generation++;
    this.#shelves.clear();
  }

  #grow(shelf: Shelf): void {
    shelf.wanted = Math.min(wantedMax, shelf.wanted * 2);
    this.#look ??= setInterval(() => this.#cutDown(), quietMs).unref();
  }

  #cutDown(): void {
    const grown = [...this.#shelves.values()].filter(({ wanted }) => wanted > wantedMin);
    for (const shelf of grown.filter(({ isUsed }) => !isUsed)) {
      shelf.wanted = wantedMin;
      // A process that is away has none of them any more.
      for (const { mediaId } of shelf.spares.splice(wantedMin))
        this.#client.releaseLeg(mediaId).catch(() => undefined);
    }
    for (const shelf of grown) shelf.isUsed = false;
    if (grown.length > 0) return;
    clearInterval(this.#look);
    this.#look = undefined;
  }

  #shelf(address: string): Shelf | undefined {
    const known = this.#shelves.get(address);
    if (known !== undefined || this.#shelves.size >= addressesMax) return known;
    const shelf = { spares: [], opening: 0, wanted: wantedMin, isUsed: true };
    this.#shelves.set(address, shelf);
    return shelf;
  }

  #refill(shelf: Shelf, address: string): void {
    const generation = this.#generation;
    for (let missing = shelf.wanted - shelf.spares.length - shelf.opening; missing > 0; missing--) {
      shelf.opening++;
      this.#open(address).then(
        (spare) => {
          shelf.opening--;
          if (generation === this.#generation) shelf.spares.push(spare);
        },
        () => {
          // Ports are short or the process is away: the next call asks for itself and reports it.
          shelf.opening--;
        },
      );
    }
  }

  async #open(address: string): Promise<SpareSocket> {
    const mediaId = this.#newId();
    const { port } = await this.#client.allocateLeg({ legId: mediaId, address });
    return { mediaId, port };
  }
}
