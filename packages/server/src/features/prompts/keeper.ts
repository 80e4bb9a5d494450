import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prompt, PromptId } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { type ApiContext, applyToCentre, HttpProblem, notFound, principalOf } from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { PromptSoundError, requireWhole, storePrompt } from '../sound-files/index.ts';
import { SpeechError, type SpeechOf, type SpokenText } from '../speech/index.ts';
import { listPrompts, ownPromptsDir } from './recordings.ts';
import { type PromptDetails, promptParts, readDetails, writeDetails } from './repo.ts';
import { shownPrompt } from './shown.ts';
import { SoundLengths } from './sound-lengths.ts';
import { promptUsers } from './users.ts';

/** The recordings of tenants: their files, and what is known about them beside. */
export class PromptKeeper {
  readonly #context: ApiContext;
  readonly #lengths = new SoundLengths();
  readonly #speechOf: SpeechOf;

  constructor(context: ApiContext, speechOf: SpeechOf) {
    this.#context = context;
    this.#speechOf = speechOf;
  }

  async list(tenantId: string, language: Prompt['language'] | undefined): Promise<Prompt[]> {
    const { database, settings } = this.#context;
    const found = await listPrompts(settings.dataDir, tenantId, language);
    const knowledge = await database.inTenant(tenantId, async (transaction) => ({
      details: await readDetails(transaction),
      users: await promptUsers(transaction),
      lengths: this.#lengths,
    }));
    return Promise.all(found.map((each) => shownPrompt(each, knowledge)));
  }

  async one(tenantId: string, id: PromptId): Promise<Prompt> {
    const prompts = await this.list(tenantId, promptParts(id).language);
    const prompt = prompts.find((each) => each.id === id);
    if (prompt === undefined) throw notFound('prompt', id);
    return prompt;
  }

  /** The sound of that text, from the store of what was spoken before or from the engine. */
  async spoken(tenantId: string, text: SpokenText): Promise<Buffer> {
    const speech = this.#speechOf(tenantId);
    await speech.prepareTexts([text]).catch((error: unknown) => {
      throw error instanceof SpeechError ? new HttpProblem('unavailable', error.message) : error;
    });
    return readFile(speech.pathOf(text));
  }

  /** Stores that sound as the tenant's own; what is known about it and the entry in the audit log with it. */
  async store(
    request: FastifyRequest,
    id: PromptId,
    file: Buffer,
    details: Pick<PromptDetails, 'source' | 'text' | 'pacePercent'>,
  ): Promise<Prompt> {
    const { tenantId } = principalOf(request);
    const { language, name } = promptParts(id);
    const path = join(ownPromptsDir(this.#context.settings.dataDir, tenantId), language, `${name}.wav`);
    const stored = async () => {
      requireWhole(file);
      return storePrompt(path, file);
    };
    const { gainDb, durationSeconds } = await stored().catch((error: unknown) => {
      throw error instanceof PromptSoundError ? noSound(error.message) : error;
    });
    const after = { id, ...details, gainDb, durationSeconds };
    await this.note(request, 'prompt.stored', id, { ...details, gainDb, changedAt: 0 }, { after });
    return this.one(tenantId, id);
  }

  /** Writes down what is known about a recording, and lets the centre look for recordings again. */
  async note(
    request: FastifyRequest,
    action: string,
    id: PromptId,
    details: PromptDetails,
    change: { before?: object; after: object },
  ): Promise<void> {
    const { database, now } = this.#context;
    const { tenantId } = principalOf(request);
    await database.inTenant(tenantId, async (transaction) => {
      await writeDetails(transaction, tenantId, id, { ...details, changedAt: now() });
      await recordChange(transaction, request, action, null, change);
    });
    await applyToCentre(this.#context, tenantId);
  }
}

/** @param message what is wrong with the sound, and what to do. */
export function noSound(message: string): HttpProblem {
  return new HttpProblem('validation-failed', 'The recording cannot be stored.', {
    errors: [{ path: 'body', message, remedy: 'Send a WAV, MP3 or Ogg file.' }],
  });
}
