import {
  type RecognitionFault,
  RecognitionSettings,
  RecognitionSettingsInput,
  RecognitionTrial,
  RecognitionTrialResult,
} from '@crosspoint/contracts';
import type { Hearing } from '@crosspoint/core';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  HttpProblem,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import type { SpokenText } from '../speech/index.ts';
import type { RecognitionChoice } from './door.ts';
import { hasPocketsphinx } from './pocketsphinx.ts';
import type { RecognitionRoom } from './room.ts';
import { readRecognitionSettings, type StoredChoice, writeRecognitionSettings } from './settings.ts';

const tags = ['recognition'];

/** Speaks a text as sound of 8,000 Hz, for a trial. */
export type SpeakForTrial = (tenantId: string, spoken: SpokenText) => Promise<Int16Array>;

/** Who understands what callers say: the engine beside the server, or a service. */
export function recognitionRoutes(context: ApiContext, room: RecognitionRoom, speak: SpeakForTrial): Routes {
  return (api) => {
    registerSettings(api, context, room);
    registerTrial(api, context, room, speak);
  };
}

function registerSettings(api: Api, context: ApiContext, room: RecognitionRoom): void {
  const { database } = context;
  const shown = (tenantId: string, settings: StoredChoice, sealedKey: string | null) => ({
    ...settings,
    hasKey: sealedKey !== null,
    hasEngine: hasPocketsphinx(),
    lastFault: room.lastFault(tenantId),
  });
  api.get(
    '/recognition/settings',
    {
      config: { permission: 'configuration.read' },
      schema: { summary: 'Read who understands callers', tags, response: { 200: RecognitionSettings } },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { settings, sealedKey } = await database.inTenant(tenantId, readRecognitionSettings);
      return shown(tenantId, settings, sealedKey);
    },
  );
  api.put(
    '/recognition/settings',
    {
      config: { permission: 'configuration.write' },
      schema: {
        summary: 'Choose who understands callers',
        description:
          'The key is sealed and never read back. Where nobody understands, callers answer questions by keys.',
        ...{ tags, body: RecognitionSettingsInput, response: { 200: RecognitionSettings } },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { key, ...settings } = request.body;
      const sealedKey = await database.inTenant(tenantId, async (transaction) => {
        const before = await readRecognitionSettings(transaction);
        const kept = keptKey(before, settings);
        requireComplete(settings, key !== undefined || kept !== null);
        const sealed = key === undefined ? kept : room.box.seal(key);
        await writeRecognitionSettings(transaction, tenantId, settings, sealed);
        const change = { before: before.settings, after: { ...settings, keyChanged: key !== undefined } };
        await recordChange(transaction, request, 'recognition.updated', null, change);
        return sealed;
      });
      room.changed(tenantId);
      await applyToCentre(context, tenantId);
      return shown(tenantId, settings, sealedKey);
    },
  );
}

function registerTrial(
  api: Api,
  { database }: ApiContext,
  room: RecognitionRoom,
  speak: SpeakForTrial,
): void {
  api.post(
    '/recognition/test',
    {
      config: { permission: 'configuration.write' },
      schema: {
        summary: 'Have a recogniser understand a spoken text, with settings that are not stored yet',
        description: 'Without a key in the settings, the stored one of the same service is used.',
        ...{ tags, body: RecognitionTrial, response: { 200: RecognitionTrialResult } },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { settings, text, language, phrases } = request.body;
      const before = await database.inTenant(tenantId, readRecognitionSettings);
      const kept = keptKey(before, settings);
      requireComplete(settings, settings.key !== undefined || kept !== null);
      const key = settings.key ?? (kept === null ? '' : (room.box.open(kept) ?? ''));
      const sound = await speak(tenantId, { text, language });
      const hearing = { language, phrases, repeats: false, silenceMs: 700, maxMs: 15_000 };
      return tryOut(room, { ...settings, key }, hearing, sound);
    },
  );
}

/** @throws {HttpProblem} `validation-failed`, naming the fault. */
function tryOut(
  room: RecognitionRoom,
  choice: RecognitionChoice,
  hearing: Hearing,
  sound: Int16Array,
): Promise<{ text: string; confidence: number }> {
  const recogniser = room.by(choice);
  const refusal = recogniser.refusal(hearing);
  if (refusal !== undefined) throw refused(refusal, '');
  const { promise, resolve, reject } = Promise.withResolvers<{ text: string; confidence: number }>();
  const stream = recogniser.open(hearing, {
    partial: () => undefined,
    heard: (text, confidence) => resolve({ text, confidence }),
    failed: (fault, detail) => reject(refused(fault, detail)),
  });
  stream.write(sound);
  stream.finish();
  return promise;
}

/** A key goes only to whom it was given for. */
function keptKey(
  { settings, sealedKey }: { settings: StoredChoice; sealedKey: string | null },
  next: StoredChoice,
): string | null {
  return settings.provider === next.provider && settings.address === next.address ? sealedKey : null;
}

/** @throws {HttpProblem} `validation-failed`. */
function requireComplete({ provider, address }: StoredChoice, hasKey: boolean): void {
  // A server of one's own may want no key.
  if (provider === 'offline' || hasKey || address !== '') return;
  const remedy = 'Give the key that the service has issued.';
  const errors = [{ path: 'key', message: 'is missing', remedy }];
  throw new HttpProblem('validation-failed', 'The service cannot be asked.', { errors });
}

const paths: Partial<Record<RecognitionFault, string>> = {
  'key-refused': 'settings.key',
  'address-refused': 'settings.address',
  'language-unknown': 'language',
  'words-unknown': 'phrases',
};
const remedies: Readonly<Record<RecognitionFault, string>> = {
  'not-installed':
    'Install the Debian packages pocketsphinx and pocketsphinx-en-us ("apt install pocketsphinx pocketsphinx-en-us"), or choose a service.',
  'language-unknown':
    'The engine beside the server knows English alone; choose a service for other languages.',
  'words-unknown': 'Use words that stand in an English dictionary, or choose a service.',
  busy: 'Try again later, or choose a service.',
  'engine-failed': 'Look into the log of the server.',
  'key-refused': 'Check the key and what it is allowed to do.',
  'request-refused': 'Check model and address.',
  limited: 'Wait, or raise the limit of the account.',
  unavailable: 'Try again later.',
  timeout: 'Try again later, or choose a nearer service.',
  'no-connection': 'Check the address, and whether this server reaches the internet.',
  'address-refused': 'Addresses inside the house are refused unless flows.lookupNetworks allows them.',
  paused: 'It failed several times just now; it is asked again in half a minute.',
};

function refused(fault: RecognitionFault, detail: string): HttpProblem {
  const path = paths[fault] ?? 'settings.provider';
  const error = { path, message: `${fault} ${detail}`.trim(), remedy: remedies[fault] };
  return new HttpProblem('validation-failed', `Nobody understood: ${fault}.`, { errors: [error] });
}
