import { createHash } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlowDocument } from '@crosspoint/contracts';
import { promptLanguages, textsOf } from '@crosspoint/core';
import type { SpokenText } from './door.ts';
import { espeakKey, speakOffline } from './espeak.ts';

/** Texts as sound, made by eSpeak NG before they are needed and kept by their content in the data directory. */
export class Speech {
  readonly #dir: string;
  /** One after the other: a flow of many texts does not take the machine from the calls. */
  #work: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.#dir = join(dataDir, 'speech');
  }

  /** Where the sound of that text lies, once it was prepared. */
  pathOf(spoken: SpokenText): string {
    const name = createHash('sha256')
      .update(JSON.stringify(espeakKey(spoken)))
      .digest('hex');
    return join(this.#dir, spoken.language, `${name.slice(0, 40)}.wav`);
  }

  /**
   * Makes what is not there yet of all texts of these flows.
   * @throws {SpeechError}
   */
  prepare(documents: readonly FlowDocument[]): Promise<void> {
    return this.prepareTexts(
      documents.flatMap(textsOf).flatMap((texts) =>
        promptLanguages.flatMap((language) => {
          const text = texts[language];
          return text === undefined ? [] : [{ text, language }];
        }),
      ),
    );
  }

  /**
   * The same of single texts.
   * @throws {SpeechError}
   */
  prepareTexts(wanted: readonly SpokenText[]): Promise<void> {
    const done = this.#work.then(async () => {
      for (const each of wanted) await this.#make(each);
    });
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #make(spoken: SpokenText): Promise<void> {
    const path = this.pathOf(spoken);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await mkdir(join(this.#dir, spoken.language), { recursive: true });
    const partial = `${path}.part`;
    try {
      await speakOffline(spoken, partial);
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }
}
