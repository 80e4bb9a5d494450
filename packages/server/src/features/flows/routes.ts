import { isDeepStrictEqual } from 'node:util';
import {
  type FieldError,
  Flow,
  FlowDocument,
  FlowPage,
  FlowQuery,
  FlowTestInput,
  FlowTestResult,
  FlowVersionList,
} from '@crosspoint/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  etagOf,
  HttpProblem,
  notFound,
  principalOf,
  registerYamlBody,
  requireMatch,
  type Routes,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { holdNames, requireUnused } from '../references/index.ts';
import {
  archiveFlow,
  deleteFlow,
  findFlow,
  insertFlow,
  listFlows,
  listVersions,
  publishDraft,
  unarchiveFlow,
  surroundingsOf,
  updateDraft,
} from './repo.ts';
import { readingOf } from './reading.ts';
import { SpeechError, type SpeechOf } from '../speech/index.ts';
import { testCall } from './test-call.ts';
import { registerTools } from './tool-routes.ts';

const tags = ['ivr'];
const Params = z.strictObject({ id: z.uuid() });
const write = { config: { permission: 'flows.write' as const } };
const read = { config: { permission: 'flows.read' as const } };

/** Flows that answer calls: drafts, publication, versions, sample calls. */
export function flowRoutes(context: ApiContext, speechOf: SpeechOf): Routes {
  return async (api) => {
    registerReading(api, context);
    // In a scope of its own, so that no other route takes YAML.
    await api.register(async (scope) => {
      registerYamlBody(scope);
      registerEditing(scope, context);
    });
    registerPublication(api, context, speechOf);
    registerTest(api, context);
    registerTools(api, context);
  };
}

function registerReading(api: Api, context: ApiContext): void {
  const { database } = context;
  const reading = readingOf(context);
  api.get(
    '/ivr/flows',
    {
      ...read,
      schema: { summary: 'List flows', tags, querystring: FlowQuery, response: { 200: FlowPage } },
    },
    (request) =>
      reading(request, (transaction, recordings) => listFlows(transaction, request.query, recordings)),
  );

  api.get(
    '/ivr/flows/:id',
    { ...read, schema: { summary: 'Read a flow', tags, params: Params, response: { 200: Flow } } },
    async (request, reply) =>
      tagged(
        reply,
        await reading(request, (transaction, recordings) =>
          requireFlow(transaction, request.params.id, { recordings }),
        ),
      ),
  );

  api.get(
    '/ivr/flows/:id/versions',
    {
      ...read,
      schema: {
        summary: 'List the published versions of a flow',
        description: 'The latest first, at most 100.',
        tags,
        params: Params,
        response: { 200: FlowVersionList },
      },
    },
    (request) =>
      database.inTenant(principalOf(request).tenantId, async (transaction) => {
        await requireFlow(transaction, request.params.id);
        return { items: await listVersions(transaction, request.params.id), nextCursor: null };
      }),
  );
}

function registerEditing(api: Api, context: ApiContext): void {
  const reading = readingOf(context);
  api.post(
    '/ivr/flows',
    {
      ...write,
      schema: {
        summary: 'Add a flow as a draft',
        description: 'As JSON, or as YAML with `Content-Type: application/yaml`.',
        ...{ tags, body: FlowDocument, response: { 201: Flow } },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const id = newId();
      const flow = await reading(request, async (transaction, recordings) => {
        await insertFlow(transaction, id, tenantId, request.body);
        const created = await requireFlow(transaction, id, { recordings });
        await recordChange(transaction, request, 'flow.created', id, { after: created });
        return created;
      });
      return tagged(reply.code(201), flow);
    },
  );

  api.put(
    '/ivr/flows/:id',
    {
      config: { ...write.config, replaces: 'draft' },
      schema: {
        summary: 'Replace the draft of a flow',
        description: 'Callers go on to meet the published version. A published flow keeps its name.',
        tags,
        params: Params,
        body: FlowDocument,
        response: { 200: Flow },
      },
    },
    async (request, reply) => {
      const flow = await change(context, request, 'flow.updated', async (transaction, before) => {
        if (before.version !== null && before.name !== request.body.name) {
          throw invalid([
            { path: 'name', message: 'cannot change once published', remedy: `Keep ${before.name}.` },
          ]);
        }
        await updateDraft(transaction, before.id, request.body);
      });
      return tagged(reply, flow);
    },
  );

  api.delete(
    '/ivr/flows/:id',
    { ...write, schema: { summary: 'Delete a flow', tags, params: Params, response: { 204: z.null() } } },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      await reading(request, async (transaction, recordings) => {
        const before = await requireFlow(transaction, id, { lock: true, recordings });
        requireMatch(request, etagOf(before));
        await requireUnused(transaction, { kind: 'flow', name: before.name });
        await deleteFlow(transaction, id);
        await recordChange(transaction, request, 'flow.deleted', id, { before });
      });
      await applyToCentre(context, tenantId);
      return reply.code(204).send(null);
    },
  );
}

function registerPublication(api: Api, context: ApiContext, speechOf: SpeechOf): void {
  const answer = { tags, params: Params, response: { 200: Flow } };
  api.post(
    '/ivr/flows/:id/publish',
    {
      ...write,
      schema: {
        summary: 'Publish the draft as the next version',
        description:
          'New calls meet it at once; calls in a flow end on the version that they met. A draft that is published already makes no other version.',
        ...answer,
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      // Speaking takes seconds, longer than a transaction should last.
      const found = await context.database.inTenant(tenantId, (transaction) => requireFlow(transaction, id));
      await speechOf(tenantId).prepare([found.draft]).catch(unavailable);
      const flow = await change(
        context,
        request,
        'flow.published',
        async (transaction, before, recordings) => {
          await holdNames(transaction);
          const { faults } = await requireFlow(transaction, id, { recordings });
          if (faults.length > 0) throw invalid(faults);
          await publish(transaction, tenantId, before);
        },
      );
      await applyToCentre(context, tenantId);
      return tagged(reply, flow);
    },
  );

  api.post(
    '/ivr/flows/:id/archive',
    { ...write, schema: { summary: 'Take a flow out of service', ...answer } },
    async (request, reply) => {
      const flow = await change(context, request, 'flow.archived', async (transaction, before) => {
        await requireUnused(transaction, { kind: 'flow', name: before.name });
        await archiveFlow(transaction, before.id);
      });
      await applyToCentre(context, principalOf(request).tenantId);
      return tagged(reply, flow);
    },
  );

  api.post(
    '/ivr/flows/:id/restore',
    {
      ...write,
      schema: {
        summary: 'Make a former version the draft',
        ...answer,
        body: z.strictObject({ version: z.number().int().min(1) }),
      },
    },
    async (request, reply) => {
      const flow = await change(context, request, 'flow.restored', async (transaction, before) => {
        const versions = await listVersions(transaction, before.id);
        const wanted = versions.find(({ version }) => version === request.body.version);
        if (wanted === undefined) throw notFound('version', String(request.body.version));
        await updateDraft(transaction, before.id, wanted.document);
      });
      return tagged(reply, flow);
    },
  );
}

function registerTest(api: Api, context: ApiContext): void {
  const reading = readingOf(context);
  api.post(
    '/ivr/flows/:id/test',
    {
      ...write,
      schema: {
        summary: 'Try a draft with a sample call',
        description: 'Runs the session that calls run, without a call; nobody is queued.',
        tags,
        params: Params,
        body: FlowTestInput,
        response: { 200: FlowTestResult },
      },
    },
    (request) =>
      reading(request, async (transaction, recordings) => {
        const { draft, faults } = await requireFlow(transaction, request.params.id, { recordings });
        if (faults.length > 0) throw invalid(faults);
        return testCall(draft, await surroundingsOf(transaction), request.body, context.now());
      }),
  );
}

/** One change to a flow that nobody has changed since the client read it, with its entry in the audit log. */
function change(
  context: ApiContext,
  request: FastifyRequest<{ Params: z.output<typeof Params> }>,
  action: 'flow.updated' | 'flow.published' | 'flow.archived' | 'flow.restored',
  apply: (transaction: DatabaseTransaction, before: Flow, recordings: ReadonlySet<string>) => Promise<void>,
): Promise<Flow> {
  const { id } = request.params;
  return readingOf(context)(request, async (transaction, recordings) => {
    const before = await requireFlow(transaction, id, { lock: true, recordings });
    requireMatch(request, etagOf(before));
    await apply(transaction, before, recordings);
    const after = await requireFlow(transaction, id, { recordings });
    if (isDeepStrictEqual(after, before)) return after;
    await recordChange(transaction, request, action, id, { before, after });
    return after;
  });
}

/** A version that says what the last one says would tell nobody anything. */
function publish(
  transaction: DatabaseTransaction,
  tenantId: string,
  { id, version, hasChanges, draft }: Flow,
): Promise<void> {
  if (version !== null && !hasChanges) return unarchiveFlow(transaction, id);
  return publishDraft(transaction, id, tenantId, draft);
}

async function requireFlow(
  transaction: DatabaseTransaction,
  id: string,
  options: Parameters<typeof findFlow>[2] = {},
): Promise<Flow> {
  const flow = await findFlow(transaction, id, options);
  if (flow === undefined) throw notFound('flow', id);
  return flow;
}

function invalid(errors: readonly FieldError[]): HttpProblem {
  return new HttpProblem('validation-failed', 'The flow cannot answer calls as it stands.', {
    errors: [...errors],
  });
}

function unavailable(error: unknown): never {
  if (error instanceof SpeechError) throw new HttpProblem('unavailable', error.message);
  throw error;
}

function tagged(reply: FastifyReply, flow: Flow): Flow {
  reply.header('etag', etagOf(flow));
  return flow;
}
