import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlowDocument, SpeechFault } from '@crosspoint/contracts';
import { promptLanguages, textsOf } from '@crosspoint/core';
import { moveDurably } from '../../platform/index.ts';
import { PromptSoundError, storePrompt } from '../sound-files/index.ts';
import { type SpeechChoice, SpeechProviderError, type SpokenText } from './door.ts';
import { espeakKey, speakOffline } from './espeak.ts';
import { type Later, OwedTexts } from './owed.ts';

/** Paths that were looked up already; more texts than flows hold, then it begins anew. */
const rememberedMax = 20_000;

export interface SpeechOptions {
  dataDir: string;
  /** The service that is to speak as things stand; undefined for the engine beside the server. */
  choice: () => Promise<SpeechChoice | undefined>;
  /** @throws {SpeechProviderError} */
  byProvider: (choice: SpeechChoice, spoken: SpokenText) => Promise<Buffer>;
  /** A service did not speak, and the engine beside the server speaks instead; told once of the texts of one preparation. */
  failed: (fault: SpeechFault, detail: string) => void;
  /** The service speaks, and owes no text any more. */
  spoke: () => void;
  /** Asks a service again for what it failed to speak; without it only the next preparation does. */
  later?: Later;
}

/** It is not about this text: whoever is asked for the next one says the same. */
const futile: ReadonlySet<SpeechFault> = new Set(['key-refused', 'address-refused', 'paused']);

/** The texts that are prepared together, of which there may be thousands. */
interface Preparation {
  /** The service that is to speak; undefined as soon as asking it is in vain. */
  choice: SpeechChoice | undefined;
  readonly told: Set<SpeechFault>;
  /** Whether it spoke a text. */
  hasSpoken: boolean;
}

/**
 * Texts as sound, made before they are needed and kept by their content in the data directory: by a service when one is
 * chosen and speaks, else by eSpeak NG.
 */
export class Speech {
  readonly #options: SpeechOptions;
  readonly #dir: string;
  /** As of the last preparation. */
  #choice: SpeechChoice | undefined;
  readonly #paths = new Map<string, string>();
  /** One after the other: a flow of many texts does not take the machine from the calls. */
  #work: Promise<unknown> = Promise.resolve();
  readonly #owed: OwedTexts | undefined;

  constructor(options: SpeechOptions) {
    this.#options = options;
    const { later } = options;
    // What went wrong was told where it failed.
    const again = (texts: readonly SpokenText[]) => this.#speak(texts).catch(() => false);
    this.#owed = later === undefined ? undefined : new OwedTexts(later, again);
    this.#dir = join(options.dataDir, 'speech');
  }

  /** Where the sound of that text lies, once it was prepared. */
  pathOf(spoken: SpokenText): string {
    const wanted = this.#wanted(spoken);
    const known = this.#paths.get(wanted);
    if (known !== undefined) return known;
    // The service did not speak when it was prepared, or it was prepared by the process before this one.
    const path = existsSync(wanted) ? wanted : this.#path(spoken, espeakKey(spoken));
    if (path === wanted) this.#remember(path);
    return path;
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
  async prepareTexts(wanted: readonly SpokenText[]): Promise<void> {
    await this.#speak(wanted);
  }

  close(): void {
    this.#owed?.close();
  }

  /** @returns whether the service spoke one of them. */
  #speak(wanted: readonly SpokenText[]): Promise<boolean> {
    const done = this.#work.then(async () => {
      this.#choice = await this.#options.choice();
      if (this.#choice === undefined) this.#owed?.forget();
      const preparation: Preparation = { choice: this.#choice, told: new Set(), hasSpoken: false };
      for (const each of wanted) await this.#make(each, preparation);
      const { hasSpoken, told } = preparation;
      if (hasSpoken && told.size === 0 && (this.#owed?.size ?? 0) === 0) this.#options.spoke();
      return hasSpoken;
    });
    this.#work = done.catch(() => undefined);
    return done;
  }

  #wanted(spoken: SpokenText): string {
    if (this.#choice === undefined) return this.#path(spoken, espeakKey(spoken));
    const { provider, address, region, model, voices } = this.#choice;
    const { text, language, pacePercent = 100 } = spoken;
    return this.#path(spoken, [
      provider,
      address,
      region,
      model,
      voices[language],
      language,
      pacePercent,
      text,
    ]);
  }

  #path({ language }: SpokenText, key: readonly unknown[]): string {
    const name = createHash('sha256').update(JSON.stringify(key)).digest('hex');
    return join(this.#dir, language, `${name.slice(0, 40)}.wav`);
  }

  #remember(path: string): void {
    if (this.#paths.size >= rememberedMax) this.#paths.clear();
    this.#paths.set(path, path);
  }

  async #make(spoken: SpokenText, preparation: Preparation): Promise<void> {
    const path = this.#wanted(spoken);
    if (await isThere(path)) return this.#owed?.paid(spoken);
    await mkdir(join(this.#dir, spoken.language), { recursive: true });
    if (await this.#makeByProvider(preparation, spoken, path)) return this.#owed?.paid(spoken);
    if (this.#choice !== undefined) this.#owed?.owe(spoken);
    const offline = this.#path(spoken, espeakKey(spoken));
    if (!(await isThere(offline))) await makeOffline(spoken, offline);
  }

  /** False when the service did not speak. */
  async #makeByProvider(preparation: Preparation, spoken: SpokenText, path: string): Promise<boolean> {
    if (preparation.choice === undefined) return false;
    try {
      await storePrompt(path, await this.#options.byProvider(preparation.choice, spoken));
      preparation.hasSpoken = true;
      return true;
    } catch (error) {
      const { fault, detail } = failureOf(error);
      if (futile.has(fault)) preparation.choice = undefined;
      if (!preparation.told.has(fault)) this.#options.failed(fault, detail);
      preparation.told.add(fault);
      return false;
    }
  }
}

function failureOf(error: unknown): Pick<SpeechProviderError, 'fault' | 'detail'> {
  if (error instanceof SpeechProviderError) return error;
  if (error instanceof PromptSoundError) return { fault: 'no-sound', detail: error.message };
  throw error;
}

/** By the engine beside the server alone: what is published by a document has a sound whatever else is chosen. */
export function offlineSpeech(dataDir: string): Speech {
  return new Speech({
    dataDir,
    choice: async () => undefined,
    byProvider: () => Promise.reject(new SpeechProviderError('unavailable')),
    failed: () => undefined,
    spoke: () => undefined,
  });
}

async function makeOffline(spoken: SpokenText, path: string): Promise<void> {
  const partial = `${path}.part`;
  try {
    await speakOffline(spoken, partial);
    await moveDurably(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
