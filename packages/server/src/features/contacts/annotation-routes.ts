import {
  ContactId,
  type ContactFactBody,
  DispositionInput,
  NoteInput,
  type UserId,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Api, type ApiContext, HttpProblem, notFound, principalOf } from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { boundsOfContact } from './own.ts';
import { appendFact, type ContactRow, dispositionsOf, findContact } from './repo.ts';

const tags = ['contacts'];
const params = z.strictObject({ id: ContactId });
const config = { permission: 'contacts.annotate' as const };

type Annotation = Extract<ContactFactBody, { type: 'disposition.set' | 'note.added' }>;

/** What people write down about a contact, while it lives and afterwards. */
export function registerAnnotations(api: Api, context: ApiContext): void {
  api.put(
    '/contacts/:id/disposition',
    {
      config,
      schema: {
        summary: 'Say what came of a contact',
        description: 'The latest one counts; the timeline keeps them all.',
        tags,
        params,
        body: DispositionInput,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { row, choices } = await annotated(context, request, request.params.id);
      const { code } = request.body;
      const chosen = choices.find((choice) => choice.code === code);
      if (chosen === undefined) throw unknownDisposition(code, choices);
      const byUserId = principalOf(request).userId;
      await annotate(context, request, row, {
        type: 'disposition.set',
        data: { code, label: chosen.label, byUserId },
      });
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/contacts/:id/notes',
    {
      config,
      schema: {
        summary: 'Write a note about a contact',
        tags,
        params,
        body: NoteInput,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { row } = await annotated(context, request, request.params.id);
      const byUserId: UserId = principalOf(request).userId;
      await annotate(context, request, row, {
        type: 'note.added',
        data: { text: request.body.text, byUserId },
      });
      return reply.code(204).send(null);
    },
  );
}

async function annotated(context: ApiContext, request: FastifyRequest, id: ContactId) {
  const principal = principalOf(request);
  return context.database.inTenant(principal.tenantId, async (transaction) => {
    const row = await findContact(
      transaction,
      id,
      boundsOfContact(context, principal, 'contacts.annotate', id),
    );
    if (row === undefined) throw notFound('contact', id);
    return { row, choices: await dispositionsOf(transaction, row.queue_id) };
  });
}

/** The agent's own notes stand in the timeline; what somebody else writes there is audited too. */
async function annotate(
  { database, centreOf, now }: ApiContext,
  request: FastifyRequest,
  row: ContactRow,
  fact: Annotation,
): Promise<void> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  const id = row.id as ContactId;
  const isStored = (await centreOf(tenantId)?.annotate(id, fact)) === true;
  await database.inTenant(tenantId, async (transaction) => {
    if (!isStored) await appendFact(transaction, tenantId, id, fact, now());
    if (row.agent_id !== (principal.userId as string)) {
      await recordChange(
        transaction,
        request,
        `contact.${fact.type === 'note.added' ? 'noted' : 'disposed'}`,
        id,
        {
          after: fact.data,
        },
      );
    }
  });
}

function unknownDisposition(code: string, choices: readonly { code: string }[]): HttpProblem {
  const known = choices.map((choice) => choice.code).join(', ');
  const remedy = known === '' ? 'Give the queue dispositions first.' : `Choose one of ${known}.`;
  return new HttpProblem('validation-failed', "The contact's queue has no such disposition.", {
    errors: [{ path: 'code', value: code, message: 'is no disposition of the queue', remedy }],
  });
}
