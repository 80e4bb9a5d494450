import {
  AnalyticsQuery,
  RoutingAnalytics,
  RoutingDecision,
  RoutingLogPage,
  RoutingLogQuery,
  type RoutingRule,
  type RoutingSample,
  RoutingTestInput,
} from '@crosspoint/contracts';
import { createRuleSet } from '@crosspoint/core';
import type { FastifyRequest } from 'fastify';
import { type Api, type ApiContext, IdParams, principalOf, requireCentre } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { routingContact } from './contact.ts';
import { decideWithScripts, patientLimits, ScriptRunner } from './scripts/index.ts';
import { analyseDecisions, listDecisions } from './logs.ts';
import { readPublishedRules, readRules } from './repo.ts';

const tags = ['routing'];
const write = { config: { permission: 'routing.write' as const } };
const read = { config: { permission: 'routing.read' as const } };

/** Finds a rule of the draft. @throws {HttpProblem} `not-found` */
type RequireRule = (transaction: DatabaseTransaction, id: string) => Promise<RoutingRule>;

/** What helps to write rules and to see how they do: sample contacts, logs and figures. */
export function registerTools(api: Api, context: ApiContext, requireRule: RequireRule): void {
  registerTests(api, context, requireRule);
  registerLogs(api, context);
}

function registerTests(api: Api, context: ApiContext, requireRule: RequireRule): void {
  const { database, now } = context;
  const scripts = new ScriptRunner(patientLimits);
  const decide = async (request: FastifyRequest, rules: readonly RoutingRule[], sample: RoutingSample) => {
    const { world, historyOf, segmentsOf } = requireCentre(context, principalOf(request).tenantId).routing();
    const { at, variables, ...known } = sample;
    const contact = routingContact(
      { ...known, variables: new Map(Object.entries(variables)) },
      historyOf,
      segmentsOf,
    );
    const nowMs = at === undefined ? now() : Date.parse(at);
    const set = createRuleSet(rules);
    const { rule, target, fallbacks, reason, tried } = await decideWithScripts(
      (runs) => set.explain(contact, world, nowMs, runs),
      scripts,
    );
    return {
      ruleId: rule?.id ?? null,
      ruleName: rule?.name ?? null,
      target: target ?? null,
      fallbacks: [...fallbacks],
      reason,
      tried: tried.map((each) => ({ ...each, part: each.part ?? null, log: [...each.log] })),
    };
  };
  api.post(
    '/routing/test',
    {
      ...write,
      schema: {
        summary: 'Ask the rules where a contact would go, and why',
        tags,
        body: RoutingTestInput,
        response: { 200: RoutingDecision },
      },
    },
    async (request) => {
      const { sample, rules } = request.body;
      const list = await database.inTenant(principalOf(request).tenantId, async (transaction) =>
        rules === 'draft' ? readRules(transaction) : ((await readPublishedRules(transaction))?.rules ?? []),
      );
      return decide(request, list, sample);
    },
  );
  api.post(
    '/routing/rules/:id/test',
    {
      ...write,
      schema: {
        summary: 'Ask one rule of the draft alone',
        tags,
        params: IdParams,
        body: RoutingTestInput.pick({ sample: true }),
        response: { 200: RoutingDecision },
      },
    },
    async (request) => {
      const rule = await database.inTenant(principalOf(request).tenantId, (transaction) =>
        requireRule(transaction, request.params.id),
      );
      return decide(request, [rule], request.body.sample);
    },
  );
}

function registerLogs(api: Api, { database, now }: ApiContext): void {
  api.get(
    '/routing/logs',
    {
      ...read,
      schema: {
        summary: 'List what the rules decided',
        description: 'The latest first.',
        tags,
        querystring: RoutingLogQuery,
        response: { 200: RoutingLogPage },
      },
    },
    (request) => {
      const { tenantId, scope } = principalOf(request);
      return database.inTenant(tenantId, (transaction) => listDecisions(transaction, request.query, scope));
    },
  );
  api.get(
    '/routing/analytics',
    {
      ...read,
      schema: {
        summary: 'Count which rules took contacts',
        description:
          'Of the last seven days unless from and to say otherwise. Whoever is in teams counts the contacts of these.',
        tags,
        querystring: AnalyticsQuery,
        response: { 200: RoutingAnalytics },
      },
    },
    (request) => {
      const { tenantId, scope } = principalOf(request);
      return database.inTenant(tenantId, (transaction) =>
        analyseDecisions(transaction, request.query, { nowMs: now(), scope }),
      );
    },
  );
}
