import {
  type RecognitionFault,
  RecognitionSettings,
  RecognitionSettingsInput,
  RecognitionTrial,
  RecognitionTrialResult,
} from '@crosspoint/contracts';
import type { Hearing } from '@crosspoint/core';
import { type Api, type ApiContext, type HttpProblem, principalOf, type Routes } from '../../http/index.ts';
import type { SpokenText } from '../speech/index.ts';
import {
  changeService,
  keyForTrial,
  keyMissing,
  serviceIncomplete,
  serviceRefusal,
  serviceRemedies,
  type ServiceRoutes,
} from '../voice-services/index.ts';
import type { RecognitionChoice } from './door.ts';
import { hasPocketsphinx } from './pocketsphinx.ts';
import type { RecognitionRoom } from './room.ts';
import { recognitionStore } from './settings.ts';

const tags = ['recognition'];

/** Speaks a text as sound of 8,000 Hz, for a trial. */
export type SpeakForTrial = (tenantId: string, spoken: SpokenText) => Promise<Int16Array>;

/** Who understands what callers say: the engine beside the server, or a service. */
export function recognitionRoutes(context: ApiContext, room: RecognitionRoom, speak: SpeakForTrial): Routes {
  const service = { store: recognitionStore, room, action: 'recognition.updated', requireComplete } as const;
  return (api) => {
    registerSettings(api, context, room, service);
    registerTrial(api, context, room, service, speak);
  };
}

type Settings = Omit<RecognitionChoice, 'key'>;
type Service = ServiceRoutes<Settings>;

function registerSettings(api: Api, context: ApiContext, room: RecognitionRoom, service: Service): void {
  api.get(
    '/recognition/settings',
    {
      config: { permission: 'configuration.read' },
      schema: { summary: 'Read who understands callers', tags, response: { 200: RecognitionSettings } },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { settings, sealedKey } = await context.database.inTenant(tenantId, recognitionStore.read);
      const lastFault = room.faults.of(tenantId);
      return { ...settings, hasKey: sealedKey !== null, hasEngine: hasPocketsphinx(), lastFault };
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
      const { key, ...settings } = request.body;
      const { sealedKey } = await changeService(context, request, service, settings, key);
      return { ...settings, hasKey: sealedKey !== null, hasEngine: hasPocketsphinx(), lastFault: null };
    },
  );
}

function registerTrial(
  api: Api,
  context: ApiContext,
  room: RecognitionRoom,
  service: Service,
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
      const key = await keyForTrial(context, tenantId, service, settings);
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

/** @throws {HttpProblem} `validation-failed`. */
function requireComplete({ provider, address }: Settings, hasKey: boolean): void {
  // A server of one's own may want no key.
  serviceIncomplete(provider === 'offline' || hasKey || address !== '' ? [] : [keyMissing]);
}

const paths: Partial<Record<RecognitionFault, string>> = {
  'key-refused': 'settings.key',
  'address-refused': 'settings.address',
  'language-unknown': 'language',
  'words-unknown': 'phrases',
};
const remedies: Readonly<Record<RecognitionFault, string>> = {
  ...serviceRemedies,
  'not-installed':
    'Install the Debian packages pocketsphinx and pocketsphinx-en-us ("apt install pocketsphinx pocketsphinx-en-us"), or choose a service.',
  'language-unknown':
    'The engine beside the server knows English alone; choose a service for other languages.',
  'words-unknown': 'Use words that stand in an English dictionary, or choose a service.',
  busy: 'Try again later, or choose a service.',
  'engine-failed': 'Look into the log of the server.',
};

function refused(fault: RecognitionFault, detail: string): HttpProblem {
  const path = paths[fault] ?? 'settings.provider';
  return serviceRefusal('Nobody understood', { path, fault, detail, remedy: remedies[fault] });
}
