import {
  AddedCall,
  type AgentId,
  type LegId,
  type Permission,
  SuperviseInput,
  type SupervisionAsked,
  SupervisionChange,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  agentWithin,
  type Api,
  type ApiContext,
  HttpProblem,
  notFound,
  type Principal,
  principalOf,
  requireCentre,
  requirePermission,
  unknownReference,
} from '../../http/index.ts';
import {
  added,
  auditForOther,
  callParams as params,
  requireOk,
  type Target,
  visibleCalls,
} from './call-access.ts';

const tags = ['calls'];

const permissionFor = (mode: SupervisionAsked): Permission => `calls.${mode}`;

/** Every attachment and every change of it is in the audit log, whoever's call it is (rule 20). */
async function auditSupervision(
  context: ApiContext,
  request: FastifyRequest,
  mode: SupervisionAsked,
  { call }: Target,
): Promise<void> {
  requirePermission(principalOf(request), permissionFor(mode));
  await auditForOther(context, request, null, `call.${mode}`, call);
}

/** Listening to conversations of others, whispering to their agents, barging in and taking over. */
export function registerSupervision(api: Api, context: ApiContext): void {
  api.post(
    '/calls/:id/supervise',
    {
      config: { permission: 'calls.listen' },
      schema: {
        summary: 'Listen to a conversation, whisper to its agent, barge in, or take over',
        description:
          'Calls the supervisor, at the own devices or at `target`; each mode has a permission of its own. Ends by hanging up the leg that is answered here.',
        tags,
        params,
        body: SuperviseInput,
        response: { 201: AddedCall },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { mode, target } = request.body;
      const found = supervised(context, request, request.params.id);
      const own = principal.agentId === null ? undefined : { agentId: principal.agentId };
      const device = target ?? own;
      if (target !== undefined && 'agentId' in target) requireOwnDevice(principal, target.agentId);
      if (device === undefined) {
        throw new HttpProblem('validation-failed', 'You have no device here: say where you can be called.', {
          errors: [{ path: 'target', message: 'is missing', remedy: 'Give a number or an agent.' }],
        });
      }
      await auditSupervision(context, request, mode, found);
      const { userId } = principal;
      const result = found.centre.control.supervise(request.params.id, { mode, userId, target: device });
      return reply.code(201).send(added(result));
    },
  );
  api.post(
    '/calls/:id/mode',
    {
      config: { permission: 'calls.listen' },
      schema: {
        summary: 'Change how a supervisor takes part, without a gap',
        tags,
        params,
        body: SupervisionChange,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { mode } = request.body;
      const found = supervised(context, request, id);
      await auditSupervision(context, request, mode, found);
      requireOk(found.centre.control.changeSupervision(id, mode));
      return reply.code(204).send(null);
    },
  );
}

/** Another agent's telephone rings only for who may let that agent make calls. */
function requireOwnDevice(principal: Principal, agentId: AgentId): void {
  if (principal.agentId === agentId || agentWithin(agentId, principal.scope)) return;
  throw unknownReference('target.agentId', agentId, 'agent');
}

function supervised(context: ApiContext, request: FastifyRequest, id: LegId): Target {
  const principal = principalOf(request);
  const centre = requireCentre(context, principal.tenantId);
  const call = visibleCalls(centre, principal, 'calls.listen').find((each) => each.id === id);
  if (call === undefined) throw notFound('call', id);
  return { centre, call };
}
