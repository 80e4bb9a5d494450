import { readFileSync } from 'node:fs';

const newLine = 10;
const rememberedMax = 5_000;

/** How English words are pronounced, looked up in the dictionary of the engine (3 MB, one word a line) without taking it apart. */
export class Pronunciations {
  readonly #path: string;
  #text: Buffer | undefined;
  readonly #known = new Map<string, readonly string[]>();

  constructor(path: string) {
    this.#path = path;
  }

  /** Its lines in the dictionary, one for each way to pronounce it; none when it is not known. */
  linesOf(word: string): readonly string[] {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const lines: string[] = [];
    for (let way = 1; ; way++) {
      const line = this.#line(way === 1 ? word : `${word}(${way})`);
      if (line === undefined) break;
      lines.push(line);
    }
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.set(word, lines);
    return lines;
  }

  #line(entry: string): string | undefined {
    const text = (this.#text ??= readFileSync(this.#path));
    const start = text.indexOf(`\n${entry} `);
    if (start < 0) return undefined;
    const end = text.indexOf(newLine, start + 1);
    return text.toString('utf8', start + 1, end < 0 ? undefined : end).trim();
  }
}
