import { type VoicemailBoxId, VoicemailPinInput } from '@crosspoint/contracts';
import { z } from 'zod';
import { type Api, type ApiContext, boundsOf, IdParams, notFound, principalOf } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { hashPassword } from '../auth/index.ts';
import { findNamed } from '../named/index.ts';
import { boxBounds } from './boxes.ts';

/** The boxes that can be opened by telephone. */
export async function boxesWithPin(transaction: DatabaseTransaction): Promise<Set<string>> {
  const rows = await transaction
    .selectFrom('voicemail_boxes')
    .select('id')
    .where('pin_hash', 'is not', null)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Null: it has none. */
export async function pinHashOf(transaction: DatabaseTransaction, boxId: string): Promise<string | null> {
  const row = await transaction
    .selectFrom('voicemail_boxes')
    .select('pin_hash')
    .where('id', '=', boxId)
    .executeTakeFirst();
  return row?.pin_hash ?? null;
}

/** The PIN of a box: set by whom the box names or by who keeps all boxes, shown to nobody. */
export function registerPins(api: Api, context: ApiContext): void {
  const schema = { tags: ['voicemails'], params: IdParams, response: { 204: z.null() } };
  const config = { permission: 'voicemails.write' } as const;
  api.put(
    '/voicemail-boxes/:id/pin',
    {
      config,
      schema: {
        ...schema,
        summary: 'Set the PIN by which a box is opened by telephone',
        description: 'Four to ten digits. It is stored as a hash and never shown.',
        body: VoicemailPinInput,
      },
    },
    async (request, reply) => {
      const hash = await hashPassword(request.body.pin);
      await setPin(context, request, request.params.id as VoicemailBoxId, hash);
      return reply.code(204).send(null);
    },
  );
  api.delete(
    '/voicemail-boxes/:id/pin',
    { config, schema: { ...schema, summary: 'Remove the PIN: the box cannot be opened by telephone' } },
    async (request, reply) => {
      await setPin(context, request, request.params.id as VoicemailBoxId, null);
      return reply.code(204).send(null);
    },
  );
}

async function setPin(
  { database }: ApiContext,
  request: Parameters<typeof principalOf>[0],
  id: VoicemailBoxId,
  hash: string | null,
): Promise<void> {
  const principal = principalOf(request);
  const filter = boxBounds('settings', boundsOf(principal, 'voicemails.write'));
  await database.inTenant(principal.tenantId, async (transaction) => {
    const box = await findNamed(transaction, 'voicemail_boxes', id, { lock: true, filter });
    if (box === undefined) throw notFound('voicemail-box', id);
    await transaction.updateTable('voicemail_boxes').set({ pin_hash: hash }).where('id', '=', id).execute();
    const action = hash === null ? 'voicemail-box.pin-removed' : 'voicemail-box.pin-set';
    await recordChange(transaction, request, action, id, { after: { name: box.name } });
  });
}
