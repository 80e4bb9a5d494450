import type { FastifyRequest } from 'fastify';
import { type ApiContext, applyToCentre, HttpProblem, principalOf } from '../../http/index.ts';
import type { SecretBox } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import type { ServiceStore, StoredService } from './store.ts';

/** A sort of services, as the routes need it that show, change and try them. */
export interface ServiceRoutes<Choice> {
  readonly store: ServiceStore<Choice>;
  readonly room: { readonly box: SecretBox; changed: (tenantId: string) => void };
  readonly action: 'speech.updated' | 'recognition.updated';
  /** @throws {HttpProblem} `validation-failed`, naming what the service cannot be asked without. */
  readonly requireComplete: (settings: Choice, hasKey: boolean) => void;
}

type Keyed<Choice> = Choice & { key?: string | undefined };
interface Whereabouts {
  provider: string;
  address: string;
}

/** Stores another choice, and has calls follow it. @throws {HttpProblem} `validation-failed`. */
export async function changeService<Choice extends Whereabouts>(
  context: ApiContext,
  request: FastifyRequest,
  { store, room, action, requireComplete }: ServiceRoutes<Choice>,
  settings: Choice,
  key: string | undefined,
): Promise<StoredService<Choice>> {
  const { tenantId } = principalOf(request);
  const stored = await context.database.inTenant(tenantId, async (transaction) => {
    const before = await store.read(transaction);
    const kept = keptKey(before, settings);
    requireComplete(settings, key !== undefined || kept !== null);
    const sealedKey = key === undefined ? kept : room.box.seal(key);
    await store.write(transaction, tenantId, { settings, sealedKey });
    const change = { before: before.settings, after: { ...settings, keyChanged: key !== undefined } };
    await recordChange(transaction, request, action, null, change);
    return { settings, sealedKey };
  });
  room.changed(tenantId);
  await applyToCentre(context, tenantId);
  return stored;
}

/** The key of settings that are tried: their own, or that which is stored for the same service. @throws {HttpProblem} `validation-failed`. */
export async function keyForTrial<Choice extends Whereabouts>(
  { database }: ApiContext,
  tenantId: string,
  { store, room, requireComplete }: ServiceRoutes<Choice>,
  settings: Keyed<Choice>,
): Promise<string> {
  const kept = keptKey(await database.inTenant(tenantId, store.read), settings);
  requireComplete(settings, settings.key !== undefined || kept !== null);
  return settings.key ?? (kept === null ? '' : (room.box.open(kept) ?? ''));
}

/** A key goes only to whom it was given for. */
function keptKey<Choice extends Whereabouts>(
  { settings, sealedKey }: StoredService<Choice>,
  next: Choice,
): string | null {
  return settings.provider === next.provider && settings.address === next.address ? sealedKey : null;
}

/** @param missing the fields without which the service cannot be asked, each with its remedy. @throws {HttpProblem} when there are any. */
export function serviceIncomplete(missing: readonly { path: string; remedy: string }[]): void {
  if (missing.length === 0) return;
  const errors = missing.map((field) => ({ ...field, message: 'is missing' }));
  throw new HttpProblem('validation-failed', 'The service cannot be asked.', { errors });
}

export const keyMissing = { path: 'key', remedy: 'Give the key that the service has issued.' } as const;
