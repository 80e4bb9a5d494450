import { join } from 'node:path';
import type { PromptLanguage } from '@crosspoint/contracts';
import { promptLanguages, type Sentence, speak } from '@crosspoint/core';
import { recordingNames, shippedDir } from './recordings.ts';

/** New files in the data directory are found within this time. */
const lookAgainMs = 10_000;
/** A sentence of more pieces is cut; the media process plays this many at once. */
const piecesMax = 64;

type Names = Record<PromptLanguage, ReadonlySet<string>>;

/** Where the recording of each piece lies: in the data directory (`prompts/<language>/<name>.wav`), or in the product. */
export class PromptLibrary {
  readonly #ownDir: string;
  readonly #now: () => number;
  readonly #missing: (language: PromptLanguage, name: string) => void;
  readonly #reported = new Set<string>();
  #shipped: Names = noNames();
  #own: Names = noNames();
  #lookedAt = 0;

  private constructor(
    dataDir: string,
    now: () => number,
    missing: (language: PromptLanguage, name: string) => void,
  ) {
    this.#ownDir = join(dataDir, 'prompts');
    this.#now = now;
    this.#missing = missing;
  }

  /** @param missing hears once of each recording that is asked for and nowhere to be found. */
  static async open(
    dataDir: string,
    now: () => number,
    missing: (language: PromptLanguage, name: string) => void,
  ): Promise<PromptLibrary> {
    const library = new PromptLibrary(dataDir, now, missing);
    library.#shipped = await namesIn(shippedDir);
    await library.look();
    return library;
  }

  /** The files that make up these sentences, in order. An own recording of another language stands in; what has none is left out. */
  pathsOf(language: PromptLanguage, sentences: readonly Sentence[]): string[] {
    if (this.#now() - this.#lookedAt > lookAgainMs) void this.look();
    const paths: string[] = [];
    for (const name of sentences.flatMap((sentence) => speak(language, sentence))) {
      const path = this.#pathOf(language, name);
      if (path !== undefined) paths.push(path);
      else this.#report(language, name);
    }
    return paths.slice(0, piecesMax);
  }

  #pathOf(language: PromptLanguage, name: string): string | undefined {
    if (this.#own[language].has(name)) return join(this.#ownDir, language, `${name}.wav`);
    if (this.#shipped[language].has(name)) return join(shippedDir, language, `${name}.wav`);
    // As with a text: better heard in another language than not at all.
    const other = promptLanguages.find((each) => this.#own[each].has(name));
    return other === undefined ? undefined : join(this.#ownDir, other, `${name}.wav`);
  }

  #report(language: PromptLanguage, name: string): void {
    const key = `${language}/${name}`;
    if (this.#reported.has(key) || this.#reported.size >= 1_000) return;
    this.#reported.add(key);
    this.#missing(language, name);
  }

  /** Sees which recordings the data directory has now. */
  async look(): Promise<void> {
    this.#lookedAt = this.#now();
    this.#own = await namesIn(this.#ownDir);
  }
}

function noNames(): Names {
  return { en: new Set(), es: new Set(), cs: new Set() };
}

async function namesIn(dir: string): Promise<Names> {
  const names = noNames();
  for (const language of promptLanguages) {
    names[language] = new Set(await recordingNames(join(dir, language)));
  }
  return names;
}
