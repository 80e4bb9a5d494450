import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { storePrompt } from './upload.ts';

/** Sounds that are kept ready; the one that was asked for longest ago goes first. */
const soundsMax = 200;

/** Recordings made ready to be played on a call: one channel, levelled as prompts are. Each is made once. */
export class SoundShelf {
  readonly #dir: string;
  /** By name, in the order of use. */
  readonly #known = new Map<string, Promise<string>>();
  #opened: Promise<void> | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The path of the sound of that file, under a name that nothing else has. @throws {PromptSoundError} and errors of the disk. */
  async pathOf(name: string, file: string): Promise<string> {
    this.#opened ??= this.#open();
    await this.#opened;
    const known = this.#known.get(name) ?? this.#make(name, file);
    this.#known.delete(name);
    this.#known.set(name, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= soundsMax) break;
      this.#known.delete(oldest);
      await rm(this.#fileOf(oldest), { force: true });
    }
    return known;
  }

  #fileOf(name: string): string {
    return join(this.#dir, `${name}.wav`);
  }

  async #make(name: string, file: string): Promise<string> {
    const path = this.#fileOf(name);
    try {
      await storePrompt(path, await readFile(file));
      return path;
    } catch (error) {
      this.#known.delete(name);
      throw error;
    }
  }

  /** What a former process has made is found again. */
  async #open(): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    for (const file of await readdir(this.#dir)) {
      const path = join(this.#dir, file);
      if (file.endsWith('.wav') && (await stat(path)).size > 0) {
        this.#known.set(file.slice(0, -'.wav'.length), Promise.resolve(path));
      }
    }
  }
}
