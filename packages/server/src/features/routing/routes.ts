import {
  pageOf,
  RoutingDiff,
  RoutingDiffQuery,
  RoutingDraft,
  RoutingOrderInput,
  RoutingRule,
  RoutingRuleInput,
  RoutingStrategy,
  RoutingVersionList,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  etagOf,
  HttpProblem,
  IdParams,
  notFound,
  principalOf,
  requireMatch,
  type Routes,
  tagged,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { holdNames } from '../references/index.ts';
import {
  deleteRule,
  diffOf,
  findVersion,
  insertRule,
  listVersions,
  lockDraft,
  publishDraft,
  readDraft,
  readRules,
  reorderRules,
  replaceDraft,
  updateRule,
} from './repo.ts';
import { patientLimits, scriptFault, ScriptRunner } from './scripts/index.ts';
import { registerTools } from './tool-routes.ts';

const tags = ['routing'];
const RestoreInput = z.strictObject({
  version: z.number().int().min(1),
  /** Contacts meet it at once. */
  publish: z.boolean().default(false),
});
const write = { config: { permission: 'routing.write' as const } };
const read = { config: { permission: 'routing.read' as const } };

/** Rules of routing: the draft, publication and versions, tests, logs and analytics. */
export function routingRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerEditing(api, context);
    registerRemovalAndOrder(api, context);
    registerPublication(api, context);
    registerTools(api, context, requireRule);
  };
}

function registerReading(api: Api, { database, now }: ApiContext): void {
  api.get(
    '/routing/rules',
    { ...read, schema: { summary: 'Read the draft of the rules', tags, response: { 200: RoutingDraft } } },
    (request) =>
      database.inTenant(principalOf(request).tenantId, (transaction) => readDraft(transaction, now())),
  );
  api.get(
    '/routing/rules/:id',
    { ...read, schema: { summary: 'Read a rule', tags, params: IdParams, response: { 200: RoutingRule } } },
    async (request, reply) =>
      tagged(
        reply,
        await database.inTenant(principalOf(request).tenantId, (transaction) =>
          requireRule(transaction, request.params.id),
        ),
      ),
  );
  api.get(
    '/routing/versions',
    {
      ...read,
      schema: {
        summary: 'List what was published',
        description: 'The latest first, at most 100.',
        tags,
        response: { 200: RoutingVersionList },
      },
    },
    (request) =>
      database.inTenant(principalOf(request).tenantId, async (transaction) => ({
        items: await listVersions(transaction),
        nextCursor: null,
      })),
  );
  api.get(
    '/routing/versions/diff',
    {
      ...read,
      schema: {
        summary: 'Compare two versions, or one with the draft',
        tags,
        querystring: RoutingDiffQuery,
        response: { 200: RoutingDiff },
      },
    },
    (request) =>
      database.inTenant(principalOf(request).tenantId, async (transaction) => {
        const { from, to } = request.query;
        return diffOf(await requireList(transaction, from), await requireList(transaction, to));
      }),
  );
  api.get(
    '/routing/strategies',
    {
      ...read,
      schema: {
        summary: 'List how a queue can choose among its agents',
        tags,
        response: { 200: pageOf(z.object({ name: RoutingStrategy })) },
      },
    },
    () => ({ items: RoutingStrategy.options.map((name) => ({ name })), nextCursor: null }),
  );
}

function registerEditing(api: Api, { database }: ApiContext): void {
  const scripts = new ScriptRunner(patientLimits);
  const requireSound = async (rule: RoutingRuleInput): Promise<void> => {
    const fault = await scriptFault(rule, scripts);
    if (fault === undefined) return;
    throw new HttpProblem('validation-failed', `The script does not run: ${fault.message}.`, {
      errors: [fault],
    });
  };
  api.post(
    '/routing/rules',
    {
      ...write,
      schema: {
        summary: 'Add a rule to the draft, as the last one',
        tags,
        body: RoutingRuleInput,
        response: { 201: RoutingRule },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const id = newId();
      await requireSound(request.body);
      const rule = await database.inTenant(tenantId, async (transaction) => {
        await lockDraft(transaction);
        await insertRule(transaction, id, tenantId, request.body);
        const after = await requireRule(transaction, id);
        await recordChange(transaction, request, 'routing-rule.created', id, { after });
        return after;
      });
      return tagged(reply.code(201), rule);
    },
  );
  api.put(
    '/routing/rules/:id',
    {
      ...write,
      schema: {
        summary: 'Replace a rule of the draft',
        tags,
        params: IdParams,
        body: RoutingRuleInput,
        response: { 200: RoutingRule },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await requireSound(request.body);
      const rule = await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        await lockDraft(transaction);
        const before = await requireRule(transaction, id);
        requireMatch(request, etagOf(before));
        await updateRule(transaction, id, request.body);
        const after = await requireRule(transaction, id);
        await recordChange(transaction, request, 'routing-rule.updated', id, { before, after });
        return after;
      });
      return tagged(reply, rule);
    },
  );
}

/** Which rules there still are, and in which order they are asked. */
function registerRemovalAndOrder(api: Api, { database, now }: ApiContext): void {
  api.delete(
    '/routing/rules/:id',
    {
      ...write,
      schema: { summary: 'Delete a rule of the draft', tags, params: IdParams, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id } = request.params;
      await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        await lockDraft(transaction);
        const before = await requireRule(transaction, id);
        requireMatch(request, etagOf(before));
        await deleteRule(transaction, id);
        await recordChange(transaction, request, 'routing-rule.deleted', id, { before });
      });
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/routing/rules/reorder',
    {
      ...write,
      schema: {
        summary: 'Bring the draft into another order',
        tags,
        body: RoutingOrderInput,
        response: { 200: RoutingDraft },
      },
    },
    (request) =>
      database.inTenant(principalOf(request).tenantId, async (transaction) => {
        await lockDraft(transaction);
        const before = (await readRules(transaction)).map(({ id }) => id);
        const { ids } = request.body;
        if (ids.length !== before.length || new Set([...ids, ...before]).size !== before.length) {
          throw new HttpProblem('validation-failed', 'The list is not the same as that of the rules.', {
            errors: [
              { path: 'ids', message: 'does not name every rule once', remedy: 'Read the rules again.' },
            ],
          });
        }
        await reorderRules(transaction, ids);
        await recordChange(transaction, request, 'routing-rules.reordered', null, {
          before: { ids: before },
          after: { ids },
        });
        return readDraft(transaction, now());
      }),
  );
}

function registerPublication(api: Api, context: ApiContext): void {
  const publish = async (request: FastifyRequest, transaction: DatabaseTransaction) => {
    await holdNames(transaction);
    const draft = await readDraft(transaction, context.now());
    if (draft.faults.length > 0) {
      const errors = draft.faults;
      throw new HttpProblem('validation-failed', 'The rules cannot be published as they stand.', { errors });
    }
    if (draft.version !== null && !draft.hasChanges) return;
    const version = await publishDraft(transaction, principalOf(request).tenantId, draft.items);
    await recordChange(transaction, request, 'routing-rules.published', null, {
      before: { version: draft.version },
      after: { version },
    });
  };
  api.post(
    '/routing/rules/publish',
    {
      ...write,
      schema: {
        summary: 'Publish the draft as the next version',
        description: 'The next contact meets it. A draft that is published already makes no other version.',
        tags,
        response: { 200: RoutingDraft },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const draft = await context.database.inTenant(tenantId, async (transaction) => {
        await lockDraft(transaction);
        await publish(request, transaction);
        return readDraft(transaction, context.now());
      });
      await applyToCentre(context, tenantId);
      return draft;
    },
  );
  api.post(
    '/routing/rules/restore',
    {
      ...write,
      schema: {
        summary: 'Make a former version the draft, and publish it at once when asked',
        tags,
        body: RestoreInput,
        response: { 200: RoutingDraft },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { version } = request.body;
      const draft = await context.database.inTenant(tenantId, async (transaction) => {
        await lockDraft(transaction);
        await replaceDraft(transaction, tenantId, await requireList(transaction, version));
        await recordChange(transaction, request, 'routing-rules.restored', null, { after: { version } });
        if (request.body.publish) await publish(request, transaction);
        return readDraft(transaction, context.now());
      });
      if (request.body.publish) await applyToCentre(context, tenantId);
      return draft;
    },
  );
}

async function requireRule(transaction: DatabaseTransaction, id: string): Promise<RoutingRule> {
  const rule = (await readRules(transaction)).find((each) => each.id === id);
  if (rule === undefined) throw notFound('rule', id);
  return rule;
}

async function requireList(
  transaction: DatabaseTransaction,
  version: number | 'draft',
): Promise<RoutingRule[]> {
  if (version === 'draft') return readRules(transaction);
  const rules = await findVersion(transaction, version);
  if (rules === undefined) throw notFound('version', String(version));
  return rules;
}
