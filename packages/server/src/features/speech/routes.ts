import { type SpeechFault, SpeechSettings, SpeechSettingsInput, SpeechTrial } from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  HttpProblem,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { type SpeechChoice, SpeechProviderError } from './door.ts';
import type { SpeechRoom } from './room.ts';
import { readSpeechSettings, shownSettings, writeSpeechSettings } from './settings.ts';

const tags = ['speech'];
const Sound = z.unknown().describe('audio/wav');

/** Who speaks the texts of flows and prompts: the engine beside the server, or a service. */
export function speechRoutes(context: ApiContext, room: SpeechRoom): Routes {
  return (api) => {
    registerSettings(api, context, room);
    registerTrial(api, context, room);
  };
}

function registerSettings(api: Api, context: ApiContext, room: SpeechRoom): void {
  const { database } = context;
  api.get(
    '/speech/settings',
    {
      config: { permission: 'configuration.read' },
      schema: { summary: 'Read who speaks texts', tags, response: { 200: SpeechSettings } },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { settings, sealedKey } = await database.inTenant(tenantId, readSpeechSettings);
      return shownSettings(settings, sealedKey, room.lastFault(tenantId));
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
      const { tenantId } = principalOf(request);
      const { key, ...settings } = request.body;
      const stored = await database.inTenant(tenantId, async (transaction) => {
        const before = await readSpeechSettings(transaction);
        const kept = keptKey(before, settings);
        requireComplete(settings, key !== undefined || kept !== null);
        const sealedKey = key === undefined ? kept : room.box.seal(key);
        await writeSpeechSettings(transaction, tenantId, settings, sealedKey);
        const change = { before: before.settings, after: { ...settings, keyChanged: key !== undefined } };
        await recordChange(transaction, request, 'speech.updated', null, change);
        return shownSettings(settings, sealedKey, null);
      });
      room.changed(tenantId);
      await applyToCentre(context, tenantId);
      return stored;
    },
  );
}

function registerTrial(api: Api, { database }: ApiContext, room: SpeechRoom): void {
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
      const before = await database.inTenant(tenantId, readSpeechSettings);
      const kept = keptKey(before, settings);
      requireComplete(settings, settings.key !== undefined || kept !== null);
      const key = settings.key ?? (kept === null ? '' : (room.box.open(kept) ?? ''));
      const sound = await room.tryOut({ ...settings, key }, { text, language }).catch((error: unknown) => {
        throw error instanceof SpeechProviderError ? refused(error) : error;
      });
      return reply.type('audio/wav').send(Buffer.from(sound));
    },
  );
}

type Settings = Omit<SpeechChoice, 'key'>;

/** A key goes only to whom it was given for. */
function keptKey(
  { settings, sealedKey }: { settings: Settings; sealedKey: string | null },
  next: Settings,
): string | null {
  return settings.provider === next.provider && settings.address === next.address ? sealedKey : null;
}

/** @throws {HttpProblem} `validation-failed`. */
function requireComplete({ provider, region, address, voices }: Settings, hasKey: boolean): void {
  const errors: { path: string; message: string; remedy: string }[] = [];
  const missing = (path: string, remedy: string) => errors.push({ path, message: 'is missing', remedy });
  // A server of one's own may want no key.
  const needsKey = provider !== 'offline' && !(provider === 'openai' && address !== '');
  if (needsKey && !hasKey) missing('key', 'Give the key that the service has issued.');
  if (provider === 'azure' && region === '' && address === '')
    missing('region', 'Give the region of the resource.');
  if (provider === 'elevenlabs' && Object.values(voices).every((voice) => voice === '')) {
    missing('voices', 'Give the id of a voice for one language at least.');
  }
  if (errors.length > 0)
    throw new HttpProblem('validation-failed', 'The service cannot be asked.', { errors });
}

const paths: Partial<Record<SpeechFault, string>> = { 'key-refused': 'key', 'address-refused': 'address' };
const remedies: Readonly<Record<SpeechFault, string>> = {
  'key-refused': 'Check the key and what it is allowed to do.',
  'request-refused': 'Check model, voice and address.',
  limited: 'Wait, or raise the limit of the account.',
  unavailable: 'Try again later.',
  timeout: 'Try again later, or choose a nearer region.',
  'no-connection': 'Check the address, and whether this server reaches the internet.',
  'address-refused': 'Addresses inside the house are refused unless flows.lookupNetworks allows them.',
  'no-sound': 'Check that the address is that of a speech service.',
  paused: 'It failed several times just now; it is asked again in half a minute.',
};

function refused({ fault, detail }: SpeechProviderError): HttpProblem {
  const path = `settings.${paths[fault] ?? 'provider'}`;
  const error = { path, message: `${fault} ${detail}`.trim(), remedy: remedies[fault] };
  return new HttpProblem('validation-failed', `The service did not speak: ${fault}.`, { errors: [error] });
}
