import { FlowTestDocument, FlowTestReport, FlowTests } from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  etagOf,
  notFound,
  principalOf,
  requireMatch,
  tagged,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { findTests, readDrafts, surroundingsOf, updateTests } from './repo.ts';
import { runFlowTests } from './test-document.ts';

const tags = ['ivr'];
const Params = z.strictObject({ id: z.uuid() });
const write = { config: { permission: 'flows.write' as const } };
const read = { config: { permission: 'flows.read' as const } };
const path = '/ivr/flows/:id/tests';

/** Tests of flows: those of a document, and those that are kept with a flow, which the builder runs while one draws. */
export function registerTests(api: Api, context: ApiContext): void {
  const { database } = context;
  api.post(
    '/ivr/tests',
    {
      ...write,
      schema: {
        summary: 'Run tests of flows',
        description: 'Flows that the document does not hold are the drafts of the centre.',
        tags,
        body: FlowTestDocument,
        response: { 200: FlowTestReport },
      },
    },
    (request) =>
      database.inTenant(principalOf(request).tenantId, async (transaction) => {
        const drafts = await readDrafts(transaction);
        const { hours } = await surroundingsOf(transaction);
        return runFlowTests(request.body, { flow: (name) => drafts.get(name), hours });
      }),
  );
  api.get(
    path,
    {
      ...read,
      schema: {
        summary: 'Read the tests that are kept with a flow',
        tags,
        params: Params,
        response: { 200: FlowTests },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const tests = await database.inTenant(principalOf(request).tenantId, (transaction) =>
        findTests(transaction, id),
      );
      if (tests === undefined) throw notFound('flow', id);
      return tagged(reply, tests);
    },
  );
  registerReplacing(api, context);
}

function registerReplacing(api: Api, { database }: ApiContext): void {
  api.put(
    path,
    {
      ...write,
      schema: {
        summary: 'Replace the tests that are kept with a flow',
        description: 'They change nothing about calls and may be wrong about the flow.',
        tags,
        params: Params,
        body: FlowTests,
        response: { 200: FlowTests },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const after = await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        const before = await findTests(transaction, id, true);
        if (before === undefined) throw notFound('flow', id);
        requireMatch(request, etagOf(before));
        await updateTests(transaction, id, request.body);
        await recordChange(transaction, request, 'flow.updated', id, { before, after: request.body });
        return request.body;
      });
      return tagged(reply, after);
    },
  );
}
