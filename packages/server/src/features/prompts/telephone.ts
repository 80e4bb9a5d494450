import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PromptId, TenantId, UserId } from '@crosspoint/contracts';
import type { PromptService } from '@crosspoint/core';
import type { Database } from '../../platform/index.ts';
import { recordAudit } from '../audit/index.ts';
import { DigitAttempts } from '../auth/index.ts';
import { refusedTry, type ServiceAnswer, type ServiceCall, textOf } from '../telephone/index.ts';
import { storePrompt } from '../sound-files/index.ts';
import { openCode, useCode } from './codes.ts';
import { ownPromptsDir } from './recordings.ts';
import { promptParts, writeDetails } from './repo.ts';

export interface PromptTelephoneContext {
  database: Database;
  dataDir: string;
  tenantId: TenantId;
  now: () => number;
  /** The file of what that call has recorded last. */
  recordedBy: (call: ServiceCall) => string;
  /** There is another recording: who plays it looks for it. */
  changed: () => Promise<void>;
}

/** All attempts with codes are made on the same few digits. */
const target = 'codes';

/** Recordings that are spoken by telephone. */
export class PromptTelephone {
  readonly #context: PromptTelephoneContext;
  readonly #attempts = new DigitAttempts();

  constructor(context: PromptTelephoneContext) {
    this.#context = context;
  }

  answer(call: ServiceCall): Promise<ServiceAnswer> {
    switch (call.service as PromptService) {
      case 'prompt.begin':
        return this.#begin(call);
      case 'prompt.keep':
        return this.#keep(call);
    }
  }

  async #begin(call: ServiceCall): Promise<ServiceAnswer> {
    const { database, tenantId, now } = this.#context;
    const source = `caller ${textOf(call, 'caller')}`;
    const code = textOf(call, 'code');
    if (this.#attempts.isRefused(source, target, now())) return { way: 'locked', values: { code: '' } };
    const open = await database.inTenant(tenantId, (transaction) => openCode(transaction, { code }, now()));
    if (open === undefined) {
      this.#attempts.failed(source, target, now());
      const { way, values } = refusedTry(call, 'wrong');
      return { way, values: { ...values, code: '' } };
    }
    this.#attempts.succeeded(source);
    return { way: 'begun', values: { code: '', codeId: open.id } };
  }

  async #keep(call: ServiceCall): Promise<ServiceAnswer> {
    const { database, tenantId, now, recordedBy } = this.#context;
    const id = textOf(call, 'codeId');
    const open = await database.inTenant(tenantId, (transaction) => openCode(transaction, { id }, now()));
    if (open === undefined) throw new Error('the code of a recording has expired during the call');
    await this.store(open.promptId, recordedBy(call), open.userId);
    await database.inTenant(tenantId, (transaction) => useCode(transaction, id, new Date(now())));
    return { way: 'done' };
  }

  /** What was spoken becomes the tenant's own recording of that name. @throws {PromptSoundError} and errors of the disk. */
  async store(id: PromptId, file: string, userId: UserId | null): Promise<void> {
    const { database, dataDir, tenantId, now, changed } = this.#context;
    const { language, name } = promptParts(id);
    const path = join(ownPromptsDir(dataDir, tenantId), language, `${name}.wav`);
    const { gainDb, durationSeconds } = await storePrompt(path, await readFile(file));
    const details = { source: 'telephone', text: null, pacePercent: null, gainDb } as const;
    const actor = { kind: userId === null ? 'system' : 'user', userId, ip: null } as const;
    const after = { id, ...details, durationSeconds };
    await database.inTenant(tenantId, async (transaction) => {
      await writeDetails(transaction, tenantId, id, { ...details, changedAt: now() });
      const action = 'prompt.stored';
      await recordAudit(transaction, {
        tenantId,
        actor,
        action,
        subjectType: 'prompt',
        subjectId: null,
        after,
      });
    });
    await changed();
  }
}
