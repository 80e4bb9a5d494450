import { type Codec, createOpus, g722, pcma, pcmu } from '@crosspoint/media';
import { law } from './legs.ts';

/** The codecs of the process by their number in the tables. Opus is loaded when the first leg speaks it. */
export class Codecs {
  readonly #log: (message: string) => void;
  #opus: Codec | undefined;
  #isLoading = false;

  constructor(log: (message: string) => void) {
    this.#log = log;
  }

  /** Undefined while the library of Opus is being loaded, which takes some milliseconds once. */
  get(number: number): Codec | undefined {
    switch (number) {
      case law.PCMU:
        return pcmu;
      case law.PCMA:
        return pcma;
      case law.G722:
        return g722;
      default:
        if (this.#opus === undefined) this.#load();
        return this.#opus;
    }
  }

  #load(): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    import('./opus-library.ts')
      .then(({ loadOpusLibrary }) => loadOpusLibrary())
      .then((library) => {
        this.#opus = createOpus(library);
      })
      .catch((error: unknown) => {
        this.#isLoading = false;
        this.#log(`Opus cannot be used: ${error instanceof Error ? error.message : String(error)}`);
      });
  }
}
