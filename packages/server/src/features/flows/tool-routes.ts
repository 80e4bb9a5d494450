import {
  AnalyticsQuery,
  FlowAnalytics,
  FlowDocument,
  FlowExportQuery,
  FlowLogPage,
  FlowLogQuery,
  FlowNode,
  FlowNodeCheck,
  FlowTemplateList,
  FlowTestInput,
  FlowTestResult,
} from '@crosspoint/contracts';
import { canonicalFlow, checkFlowNode, flowJson } from '@crosspoint/core';
import { z } from 'zod';
import { type Api, type ApiContext, HttpProblem, notFound, principalOf } from '../../http/index.ts';
import { newId, yaml } from '../../platform/index.ts';
import { analyseFlow, listPassed } from './logs.ts';
import { findFlow, listVersions, surroundingsOf } from './repo.ts';
import { readingOf } from './reading.ts';
import { SampleCalls } from './sample-calls.ts';
import { flowTemplates } from './templates.ts';
import { registerTests } from './test-routes.ts';

const tags = ['ivr'];
const Params = z.strictObject({ id: z.uuid() });
const SampleCall = z.object({ sessionId: z.uuid(), result: FlowTestResult }).meta({ id: 'FlowSampleCall' });
const write = { config: { permission: 'flows.write' as const } };
const read = { config: { permission: 'flows.read' as const } };

/** What helps to write flows and to see how they do: templates, schema, checks, tests, sample calls, logs and figures. */
export function registerTools(api: Api, context: ApiContext): void {
  registerWriting(api, context);
  registerTests(api, context);
  registerSampleCalls(api, context);
  registerLogs(api, context);
}

function registerWriting(api: Api, context: ApiContext): void {
  const { database } = context;
  api.get(
    '/ivr/templates',
    { ...read, schema: { summary: 'List flows to start from', tags, response: { 200: FlowTemplateList } } },
    () => ({ items: [...flowTemplates], nextCursor: null }),
  );
  api.get(
    '/ivr/schema',
    {
      ...read,
      schema: {
        summary: 'Read the JSON Schema of flow documents',
        tags,
        response: { 200: z.record(z.string(), z.unknown()) },
      },
    },
    () => z.toJSONSchema(FlowDocument, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>,
  );
  api.post(
    '/ivr/nodes',
    {
      ...read,
      schema: {
        summary: 'Check one node by itself',
        description:
          'Its form, its expressions and what it names; where its ways lead is a matter of the flow.',
        tags,
        body: z.strictObject({ node: FlowNode }),
        response: { 200: FlowNodeCheck },
      },
    },
    (request) =>
      readingOf(context)(request, async (transaction, recordings) => ({
        faults: checkFlowNode(request.body.node, await surroundingsOf(transaction, recordings)),
      })),
  );
  api.get(
    '/ivr/flows/:id/export',
    {
      ...read,
      schema: {
        summary: 'Read a flow in its canonical form',
        description: 'The draft, or a version; the same flow is the same text, byte for byte.',
        tags,
        params: Params,
        querystring: FlowExportQuery,
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const { format, version } = request.query;
      const { id } = request.params;
      const document = await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        const flow = await findFlow(transaction, id);
        if (flow === undefined) throw notFound('flow', id);
        if (version === undefined) return flow.draft;
        const versions = await listVersions(transaction, id);
        const wanted = versions.find((each) => each.version === version);
        if (wanted === undefined) throw notFound('version', String(version));
        return wanted.document;
      });
      if (format === 'json') {
        return reply.type('application/json; charset=utf-8').serializer(String).send(flowJson(document));
      }
      const text = yaml().stringify(canonicalFlow(document), { lineWidth: 0 });
      return reply.type('application/yaml; charset=utf-8').serializer(String).send(text);
    },
  );
}

function registerSampleCalls(api: Api, context: ApiContext): void {
  const calls = new SampleCalls(context.now, newId);
  api.post(
    '/ivr/flows/:id/start',
    {
      ...write,
      schema: {
        summary: 'Begin a sample call to a draft',
        description: 'It is gone on with by its inputs; without any for half an hour it is forgotten.',
        tags,
        params: Params,
        body: FlowTestInput.omit({ inputs: true }),
        response: { 201: SampleCall },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const begun = await readingOf(context)(request, async (transaction, recordings) => {
        const flow = await findFlow(transaction, request.params.id, { recordings });
        if (flow === undefined) throw notFound('flow', request.params.id);
        if (flow.faults.length > 0) {
          const detail = 'The flow cannot answer calls as it stands.';
          throw new HttpProblem('validation-failed', detail, { errors: flow.faults });
        }
        return calls.begin(tenantId, flow.draft, await surroundingsOf(transaction), request.body);
      });
      return reply.code(201).send(begun);
    },
  );
  api.post(
    '/ivr/sessions/:id/input',
    {
      ...write,
      schema: {
        summary: 'Go on with a sample call',
        tags,
        params: Params,
        body: FlowTestInput.pick({ inputs: true }),
        response: { 200: SampleCall },
      },
    },
    (request) => {
      const { id } = request.params;
      const result = calls.goOn(principalOf(request).tenantId, id, request.body.inputs);
      if (result === undefined) throw notFound('sample call', id);
      return result;
    },
  );
}

function registerLogs(api: Api, { database, now }: ApiContext): void {
  api.get(
    '/ivr/logs',
    {
      ...read,
      schema: {
        summary: 'List the nodes that callers went through',
        description: 'The latest first.',
        tags,
        querystring: FlowLogQuery,
        response: { 200: FlowLogPage },
      },
    },
    (request) => {
      const { tenantId, scope } = principalOf(request);
      return database.inTenant(tenantId, (transaction) => listPassed(transaction, request.query, scope));
    },
  );
  api.get(
    '/ivr/flows/:id/analytics',
    {
      ...read,
      schema: {
        summary: 'Count how callers went through a flow',
        description:
          'Of the last seven days unless from and to say otherwise. Whoever is in teams counts the contacts of these.',
        tags,
        params: Params,
        querystring: AnalyticsQuery,
        response: { 200: FlowAnalytics },
      },
    },
    (request) => {
      const { tenantId, scope } = principalOf(request);
      return database.inTenant(tenantId, async (transaction) => {
        const flow = await findFlow(transaction, request.params.id);
        if (flow === undefined) throw notFound('flow', request.params.id);
        return analyseFlow(transaction, flow.name, request.query, { nowMs: now(), scope });
      });
    },
  );
}
