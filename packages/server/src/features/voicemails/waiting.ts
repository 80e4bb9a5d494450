import type { DatabaseTransaction } from '../../platform/index.ts';
import { allNamed } from '../named/index.ts';
import { boxOf } from './boxes.ts';
import { countMessages } from './repo.ts';

/** Messages that nobody has heard, and the others. */
export type Waiting = { unheard: number; heard: number };

/** By user name: what lies in the boxes that an agent looks after. */
export async function waitingByAgent(transaction: DatabaseTransaction): Promise<Map<string, Waiting>> {
  const counts = await countMessages(transaction);
  const waiting = new Map<string, Waiting>();
  for (const row of await allNamed(transaction, 'voicemail_boxes')) {
    const { unheard, messages } = counts.get(row.id) ?? { unheard: 0, messages: 0 };
    for (const username of new Set(boxOf(row).agents)) {
      const before = waiting.get(username) ?? { unheard: 0, heard: 0 };
      waiting.set(username, {
        unheard: before.unheard + unheard,
        heard: before.heard + messages - unheard,
      });
    }
  }
  return waiting;
}

/** Reads anew what waits, one reading after the other however often it is asked for; `failed` hears why it could not. */
export class WaitingMessages {
  readonly #read: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #isReading = false;
  #isOutdated = false;

  constructor(read: () => Promise<void>, failed: (error: unknown) => void) {
    this.#read = read;
    this.#failed = failed;
  }

  refresh(): void {
    this.#isOutdated = true;
    if (!this.#isReading) void this.#readAll();
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    while (this.#isOutdated) {
      this.#isOutdated = false;
      try {
        await this.#read();
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#isReading = false;
  }
}
