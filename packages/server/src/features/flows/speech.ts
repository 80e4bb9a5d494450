import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlowDocument, PromptLanguage } from '@crosspoint/contracts';
import { promptLanguages, textsOf } from '@crosspoint/core';

export interface SpokenText {
  text: string;
  language: PromptLanguage;
}

/** The engine is missing or failed; `message` says what to do. */
export class SpeechError extends Error {}

/** Voice and words per minute. */
const voices: Readonly<Record<PromptLanguage, readonly [string, number]>> = {
  en: ['en-us', 150],
  es: ['es', 150],
  cs: ['cs', 145],
};
const synthesisTimeoutMs = 20_000;

/** Texts as sound, made by eSpeak NG before they are needed and kept by their content in the data directory. */
export class Speech {
  readonly #dir: string;
  /** One after the other: a flow of many texts does not take the machine from the calls. */
  #work: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.#dir = join(dataDir, 'speech');
  }

  /** Where the sound of that text lies, once it was prepared. */
  pathOf({ text, language }: SpokenText): string {
    const [voice, wordsPerMinute] = voices[language];
    const name = createHash('sha256')
      .update(JSON.stringify([voice, wordsPerMinute, text]))
      .digest('hex');
    return join(this.#dir, language, `${name.slice(0, 40)}.wav`);
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
      await synthesize(spoken, partial);
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }
}

function synthesize({ text, language }: SpokenText, path: string): Promise<void> {
  const [voice, wordsPerMinute] = voices[language];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const options = ['-v', voice, '-s', String(wordsPerMinute), '-w', path, '--stdin'];
  const engine = execFile('espeak-ng', options, { timeout: synthesisTimeoutMs }, (error) => {
    if (error === null) return resolve();
    const isMissing = error.code === 'ENOENT';
    const message = isMissing
      ? 'espeak-ng, which speaks the texts of flows, is not installed. Install the Debian package espeak-ng ("apt install espeak-ng"), or use recordings.'
      : `espeak-ng could not speak "${text.slice(0, 60)}": ${error.message}`;
    reject(new SpeechError(message, { cause: error }));
  });
  // A process that could not start or ended early reports so above.
  engine.stdin?.on('error', () => undefined);
  engine.stdin?.end(text);
  return promise;
}
