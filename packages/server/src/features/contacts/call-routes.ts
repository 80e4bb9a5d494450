import {
  type AgentId,
  Call,
  type Call as CallModel,
  CallPage,
  CallInput,
  CallQuery,
  CarrierId,
  ContactId,
  type LiveCall,
  MadeCall,
  WrapUpInput,
} from '@crosspoint/contracts';
import { canonicalNumber } from '@crosspoint/core';
import { z } from 'zod';
import {
  agentWithin,
  type Api,
  type ApiContext,
  boundsOf,
  HttpProblem,
  inThePast,
  notFound,
  pageOfArray,
  type Principal,
  principalOf,
  requireCentre,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { centreActor } from '../agents/index.ts';
import type { Centre } from '../calls/index.ts';
import { registerCallControl } from './call-control-routes.ts';
import { agentOf, auditForOther, callParams as Params, requireOk, visibleCalls } from './call-access.ts';
import { namesOf } from './repo.ts';

const tags = ['calls'];

/** The legs that are up, and what can be done with them. */
export function registerCallRoutes(api: Api, context: ApiContext): void {
  registerReading(api, context);
  registerDialling(api, context);
  registerCommands(api, context);
  registerWrapUp(api, context);
  registerCallControl(api, context);
}

async function named(
  transaction: DatabaseTransaction,
  centre: Centre | undefined,
  calls: readonly LiveCall[],
): Promise<CallModel[]> {
  const names = await namesOf(transaction, {
    agents: new Set(calls.flatMap((call) => call.agentId ?? [])),
    queues: new Set(calls.flatMap((call) => call.queueId ?? [])),
  });
  return calls.map((call) => {
    const first = centre?.liveFacts(call.contactId)?.[0];
    return {
      ...call,
      agent: call.agentId === null ? null : (names.get(call.agentId) ?? null),
      queue: call.queueId === null ? null : (names.get(call.queueId) ?? null),
      callerPhone: first?.type === 'contact.started' ? first.data.callerPhone : '',
    };
  });
}

function registerReading(api: Api, { database, centreOf }: ApiContext): void {
  api.get(
    '/calls',
    {
      config: { permission: 'calls.read' },
      schema: {
        summary: 'List the legs that are up',
        tags,
        querystring: CallQuery,
        response: { 200: CallPage },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const centre = centreOf(principal.tenantId);
      const { queueId, agentId, contactId } = request.query;
      const calls = visibleCalls(centre, principal, 'calls.read')
        .filter((call) => queueId === undefined || (call.queueId !== null && queueId.includes(call.queueId)))
        .filter((call) => agentId === undefined || (call.agentId !== null && agentId.includes(call.agentId)))
        .filter((call) => contactId === undefined || call.contactId === contactId)
        .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
      const page = pageOfArray(calls, (call) => call.id, request.query);
      return database.inTenant(principal.tenantId, async (transaction) => ({
        items: await named(transaction, centre, page.items),
        nextCursor: page.nextCursor,
      }));
    },
  );

  const readOne = (principal: Principal, isMeant: (call: LiveCall) => boolean, id: string) => {
    const centre = centreOf(principal.tenantId);
    const call = visibleCalls(centre, principal, 'calls.read').find(isMeant);
    if (call === undefined) throw notFound('call', id);
    return database.inTenant(
      principal.tenantId,
      async (transaction) => (await named(transaction, centre, [call]))[0],
    );
  };

  api.get(
    '/calls/:id',
    {
      config: { permission: 'calls.read' },
      schema: { summary: 'Read a leg that is up', tags, params: Params, response: { 200: Call } },
    },
    async (request) => {
      const { id } = request.params;
      return readOne(principalOf(request), (call) => call.id === id, id);
    },
  );

  api.get(
    '/calls/by-carrier-id/:carrierId',
    {
      config: { permission: 'calls.read' },
      schema: {
        summary: 'Read a leg that is up by the identifier that its carrier gave it',
        description:
          'Of SIP it is the Call-ID, percent-encoded where it has other characters than an address takes.',
        tags,
        params: z.strictObject({ carrierId: CarrierId }),
        response: { 200: Call },
      },
    },
    async (request) => {
      const { carrierId } = request.params;
      return readOne(principalOf(request), (call) => call.carrierId === carrierId, carrierId);
    },
  );
}

function registerDialling(api: Api, context: ApiContext): void {
  api.post(
    '/calls',
    {
      config: { permission: 'calls.dial' },
      schema: {
        summary: 'Make a call',
        description:
          'Rings the agent’s device; when the agent has answered, the number or extension is called. The contact has the direction `outbound`.',
        tags,
        body: CallInput,
        response: { 201: MadeCall },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { to, agentId = principal.agentId, trunk, amd } = request.body;
      const { owner, scope } = boundsOf(principal, 'calls.dial');
      if (agentId === null) {
        throw new HttpProblem(
          'validation-failed',
          'You take no calls yourself: say who shall make this one.',
          {
            errors: [{ path: 'agentId', message: 'is missing', remedy: 'Give the id of an agent.' }],
          },
        );
      }
      if (owner !== undefined && (owner as string) !== agentId) throw notFound('agent', agentId);
      if (!agentWithin(agentId, scope)) throw notFound('agent', agentId);
      const result = await requireCentre(context, principal.tenantId).dial(
        agentId,
        canonicalNumber(to),
        trunk,
        amd,
      );
      if (!result.ok) {
        throw new HttpProblem('command-refused', result.detail, { reason: result.code });
      }
      const { contactId, callId } = result;
      await auditForOther(context, request, agentId, 'call.dial', { id: callId, contactId });
      return reply.code(201).send({ contactId, callId });
    },
  );
}

const COMMANDS = ['hold', 'resume', 'hangup'] as const;
const SUMMARIES = {
  hold: 'Let the customer hear music',
  resume: 'Take the customer back from hold',
  hangup: 'End the call',
} as const;

function registerCommands(api: Api, context: ApiContext): void {
  for (const command of COMMANDS) {
    api.post(
      `/calls/:id/${command}`,
      {
        config: { permission: 'calls.control' },
        schema: { summary: SUMMARIES[command], tags, params: Params, response: { 204: z.null() } },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        const centre = requireCentre(context, principal.tenantId);
        const { id } = request.params;
        const call = visibleCalls(centre, principal, 'calls.control').find((each) => each.id === id);
        if (call === undefined) throw notFound('call', id);
        const agentId = agentOf(centre, call);
        await auditForOther(context, request, agentId, `call.${command}`, call);
        requireOk(centre[command](id, centreActor(principal, agentId)));
        return reply.code(204).send(null);
      },
    );
  }
}

function registerWrapUp(api: Api, context: ApiContext): void {
  api.post(
    '/contacts/:id/wrapup',
    {
      config: { permission: 'calls.control' },
      schema: {
        summary: 'Finish the wrap-up after a contact, or give it more time',
        description: 'Without `agentId` it is the own wrap-up, or the only one of the contact.',
        tags,
        params: z.strictObject({ id: ContactId }),
        body: WrapUpInput,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const centre = requireCentre(context, principal.tenantId);
      const contactId = request.params.id;
      const input = request.body;
      const agentId = wrappingAgent(centre, principal, contactId, input.agentId);
      await auditForOther(context, request, agentId, `contact.wrap-up-${input.action}`, {
        id: contactId,
        contactId,
      });
      const actor = centreActor(principal, agentId);
      requireOk(
        input.action === 'finish'
          ? centre.finishWrapUp(agentId, contactId, actor)
          : centre.extendWrapUp(agentId, contactId, laterThan(context.now(), input.until), actor),
      );
      return reply.code(204).send(null);
    },
  );
}

/** Whose wrap-up is meant. @throws {HttpProblem} `not-found` when it is none that the principal may touch. */
function wrappingAgent(
  centre: Centre,
  principal: Principal,
  contactId: ContactId,
  wanted: AgentId | undefined,
): AgentId {
  const { owner, scope } = boundsOf(principal, 'calls.control');
  const wrapping = centre
    .agentsAtWork()
    .filter((agent) =>
      agent.contacts.some((contact) => contact.contactId === contactId && contact.state === 'wrap-up'),
    )
    .map((agent) => agent.id)
    .filter((id) => (owner === undefined || id === (owner as string)) && agentWithin(id, scope));
  const chosen =
    wanted ??
    (principal.agentId !== null && wrapping.includes(principal.agentId) ? principal.agentId : wrapping[0]);
  if (chosen !== undefined && wrapping.includes(chosen)) return chosen;
  throw new HttpProblem('not-found', 'Nobody you may act for is in wrap-up after this contact (any more).');
}

function laterThan(nowMs: number, until: string): number {
  const at = Date.parse(until);
  if (at > nowMs) return at;
  throw inThePast('until', until);
}
