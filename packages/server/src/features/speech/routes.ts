import { type SpeechFault, SpeechSettings, SpeechSettingsInput, SpeechTrial } from '@crosspoint/contracts';
import { z } from 'zod';
import { type Api, type ApiContext, type HttpProblem, principalOf, type Routes } from '../../http/index.ts';
import {
  changeService,
  keyForTrial,
  keyMissing,
  serviceIncomplete,
  serviceRefusal,
  serviceRemedies,
  type ServiceRoutes,
} from '../voice-services/index.ts';
import { type SpeechChoice, SpeechProviderError } from './door.ts';
import type { SpeechRoom } from './room.ts';
import { speechStore } from './settings.ts';

const tags = ['speech'];
const Sound = z.unknown().describe('audio/wav');

/** Who speaks the texts of flows and prompts: the engine beside the server, or a service. */
export function speechRoutes(context: ApiContext, room: SpeechRoom): Routes {
  const service = { store: speechStore, room, action: 'speech.updated', requireComplete } as const;
  return (api) => {
    registerSettings(api, context, room, service);
    registerTrial(api, context, room, service);
  };
}

function registerSettings(api: Api, context: ApiContext, room: SpeechRoom, service: Service): void {
  api.get(
    '/speech/settings',
    {
      config: { permission: 'configuration.read' },
      schema: { summary: 'Read who speaks texts', tags, response: { 200: SpeechSettings } },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { settings, sealedKey } = await context.database.inTenant(tenantId, speechStore.read);
      return { ...settings, hasKey: sealedKey !== null, lastFault: room.faults.of(tenantId) };
    },
  );
  api.put(
    '/speech/settings',
    {
      config: { permission: 'configuration.write' },
      schema: {
        summary: 'Choose who speaks texts',
        description:
          'The key is sealed and never read back. What a service cannot speak is spoken by the engine beside the server.',
        ...{ tags, body: SpeechSettingsInput, response: { 200: SpeechSettings } },
      },
    },
    async (request) => {
      const { key, ...settings } = request.body;
      const { sealedKey } = await changeService(context, request, service, settings, key);
      return { ...settings, hasKey: sealedKey !== null, lastFault: null };
    },
  );
}

function registerTrial(api: Api, context: ApiContext, room: SpeechRoom, service: Service): void {
  api.post(
    '/speech/test',
    {
      config: { permission: 'configuration.write' },
      schema: {
        summary: 'Hear a service with settings that are not stored yet',
        description: 'Without a key in the settings, the stored one of the same service is used.',
        ...{ tags, body: SpeechTrial, response: { 200: Sound } },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { settings, text, language } = request.body;
      const key = await keyForTrial(context, tenantId, service, settings);
      const sound = await room.tryOut({ ...settings, key }, { text, language }).catch((error: unknown) => {
        throw error instanceof SpeechProviderError ? refused(error) : error;
      });
      return reply.type('audio/wav').send(Buffer.from(sound));
    },
  );
}

type Settings = Omit<SpeechChoice, 'key'>;
type Service = ServiceRoutes<Settings>;

/** @throws {HttpProblem} `validation-failed`. */
function requireComplete({ provider, region, address, voices }: Settings, hasKey: boolean): void {
  // A server of one's own may want no key.
  const needsKey = provider !== 'offline' && !(provider === 'openai' && address !== '');
  const hasVoice = Object.values(voices).some((voice) => voice !== '');
  serviceIncomplete([
    ...(needsKey && !hasKey ? [keyMissing] : []),
    ...(provider === 'azure' && region === '' && address === ''
      ? [{ path: 'region', remedy: 'Give the region of the resource.' }]
      : []),
    ...(provider === 'elevenlabs' && !hasVoice
      ? [{ path: 'voices', remedy: 'Give the id of a voice for one language at least.' }]
      : []),
  ]);
}

const paths: Partial<Record<SpeechFault, string>> = { 'key-refused': 'key', 'address-refused': 'address' };
const remedies: Readonly<Record<SpeechFault, string>> = {
  ...serviceRemedies,
  'no-sound': 'Check that the address is that of a speech service.',
};

function refused({ fault, detail }: SpeechProviderError): HttpProblem {
  const path = `settings.${paths[fault] ?? 'provider'}`;
  return serviceRefusal('The service did not speak', { path, fault, detail, remedy: remedies[fault] });
}
