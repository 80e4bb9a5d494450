import { AccessRule, AccessRuleInput, AccessRulePage, AccessRuleQuery } from '@crosspoint/contracts';
import { z } from 'zod';
import { parseNetwork } from '../../carriers/sip/index.ts';
import {
  type Api,
  type ApiContext,
  etagOf,
  HttpProblem,
  IdParams,
  notFound,
  principalOf,
  requireMatch,
  tagged,
} from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import type { DefenceOf } from './door.ts';
import { deleteRule, findRule, insertRule, listRules, updateRule } from './repo.ts';

const tags = ['security'];

/** Which networks are let in, and which are kept out. A change holds at once. */
export function registerRules(api: Api, context: ApiContext, defenceOf: DefenceOf): void {
  const { database } = context;
  api.get(
    '/security/rules',
    {
      config: { permission: 'security.read' },
      schema: {
        summary: 'List rules of access',
        tags,
        querystring: AccessRuleQuery,
        response: { 200: AccessRulePage },
      },
    },
    (request) =>
      database.inTenant(principalOf(request).tenantId, (transaction) =>
        listRules(transaction, request.query),
      ),
  );
  api.get(
    '/security/rules/:id',
    {
      config: { permission: 'security.read' },
      schema: { summary: 'Read a rule of access', tags, params: IdParams, response: { 200: AccessRule } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const rule = await database.inTenant(principalOf(request).tenantId, (transaction) =>
        findRule(transaction, id),
      );
      if (rule === undefined) throw notFound('rule', id);
      return tagged(reply, rule);
    },
  );
  registerAdding(api, context, defenceOf);
  registerChanging(api, context, defenceOf);
}

function registerAdding(api: Api, { database }: ApiContext, defenceOf: DefenceOf): void {
  api.post(
    '/security/rules',
    {
      config: { permission: 'security.write' },
      schema: { summary: 'Add a rule of access', tags, body: AccessRuleInput, response: { 201: AccessRule } },
    },
    async (request, reply) => {
      const { tenantId } = defenceOf(request);
      const id = newId();
      const rule = await database.inTenant(tenantId, async (transaction) => {
        await insertRule(transaction, id, tenantId, canonicalRule(request.body));
        const created = (await findRule(transaction, id)) as AccessRule;
        await recordChange(transaction, request, 'access-rule.created', id, { after: created });
        return created;
      });
      await defenceOf(request).reload();
      return tagged(reply.code(201), rule);
    },
  );
}

function registerChanging(api: Api, { database }: ApiContext, defenceOf: DefenceOf): void {
  api.put(
    '/security/rules/:id',
    {
      config: { permission: 'security.write' },
      schema: {
        summary: 'Replace a rule of access',
        tags,
        params: IdParams,
        body: AccessRuleInput,
        response: { 200: AccessRule },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const rule = await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        const before = await findRule(transaction, id, true);
        if (before === undefined) throw notFound('rule', id);
        requireMatch(request, etagOf(before));
        await updateRule(transaction, id, canonicalRule(request.body));
        const after = (await findRule(transaction, id)) as AccessRule;
        await recordChange(transaction, request, 'access-rule.updated', id, { before, after });
        return after;
      });
      await defenceOf(request).reload();
      return tagged(reply, rule);
    },
  );

  api.delete(
    '/security/rules/:id',
    {
      config: { permission: 'security.write' },
      schema: { summary: 'Delete a rule of access', tags, params: IdParams, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id } = request.params;
      await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        const before = await findRule(transaction, id, true);
        if (before === undefined) throw notFound('rule', id);
        await deleteRule(transaction, id);
        await recordChange(transaction, request, 'access-rule.deleted', id, { before });
      });
      await defenceOf(request).reload();
      return reply.code(204).send(null);
    },
  );
}

/** With the network as it is compared: two ways of writing it are one rule. */
function canonicalRule(input: AccessRuleInput): AccessRuleInput {
  const network = parseNetwork(input.network);
  if (network !== undefined) return { ...input, network: network.text };
  const message = 'is neither an IP address nor a network';
  const remedy = 'Write 192.0.2.10, 192.0.2.0/24 or 2001:db8::/32.';
  throw new HttpProblem('validation-failed', `network ${message}. ${remedy}`, {
    errors: [{ path: 'network', value: input.network, message, remedy }],
  });
}
