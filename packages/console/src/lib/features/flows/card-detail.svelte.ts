import type { FlowNodeName } from '@crosspoint/contracts';
import { getContext, setContext, tick } from 'svelte';

/** Smaller than this nobody reads what a step holds. */
const legibleZoom = 0.35;
/** So many cards are drawn anew with each frame, which then is in time. */
const cardsPerFrame = 6;

interface Card {
  readonly name: FlowNodeName;
  isPlain: boolean;
}

/**
 * Which cards of the canvas are drawn with all they hold, and which as plain boxes: all of them where nobody could read them, and each
 * that has just come into sight until one of the next frames has the time for it.
 */
export class CardDetail {
  isFar = $state(false);
  readonly #cards = new Set<Card>();
  #isWorking = false;
  /** What has to know when the dots of cards are there. */
  readonly #drawn: (names: FlowNodeName[]) => void;

  constructor(drawn: (names: FlowNodeName[]) => void) {
    this.#drawn = drawn;
    setContext(CardDetail, this);
  }

  see(zoom: number): void {
    const isFar = zoom < legibleZoom;
    if (isFar === this.isFar) return;
    this.isFar = isFar;
    this.#work();
  }

  /** @returns what takes the card away. */
  join(card: Card): () => void {
    this.#cards.add(card);
    this.#work();
    return () => void this.#cards.delete(card);
  }

  /** Draws what is to be drawn otherwise, some cards with each frame. */
  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    requestAnimationFrame(() => void this.#step());
  }

  async #step(): Promise<void> {
    const changed = [...this.#cards].filter((card) => card.isPlain !== this.isFar).slice(0, cardsPerFrame);
    for (const card of changed) card.isPlain = this.isFar;
    this.#isWorking = false;
    if (changed.length === 0) return;
    this.#work();
    await tick();
    this.#drawn(changed.filter(({ isPlain }) => !isPlain).map(({ name }) => name));
  }
}

export const cardDetail = (): CardDetail => getContext(CardDetail);
