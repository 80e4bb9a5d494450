import { AgentId, AgentLive, AgentStatusInput } from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  boundsOf,
  HttpProblem,
  notFound,
  type Principal,
  principalOf,
  requireCentre,
  unknownReference,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import type { Actor } from '../calls/index.ts';
import { findReasonCode } from './reason-codes.ts';
import { requireAgentWithin } from './scope.ts';
import { registerReasonCodes } from './reason-code-routes.ts';

const tags = ['agents'];

/** The actor of a principal in the facts: an agent acts for oneself, everybody else as a supervisor. */
export function centreActor(principal: Principal, agentId: AgentId | null): Actor {
  const self = agentId !== null && principal.agentId === agentId;
  return { kind: self ? 'agent' : 'supervisor', userId: principal.userId };
}

/** `me`, or an agent whom the principal may act for. @throws {HttpProblem} `not-found`. */
function agentInPath(principal: Principal, id: AgentId | 'me'): AgentId {
  const agentId = id === 'me' ? principal.agentId : id;
  if (agentId === null) throw new HttpProblem('not-found', 'You are not an agent: this user takes no calls.');
  requireAgentWithin(boundsOf(principal, 'agents.status'), agentId);
  return agentId;
}

export function registerStatusRoutes(api: Api, context: ApiContext): void {
  api.put(
    '/agents/:id/status',
    {
      config: { permission: 'agents.status' },
      schema: {
        summary: 'Choose an agent’s status',
        description: 'Chosen during a contact it applies after it. `me` is the agent who asks.',
        tags,
        params: z.strictObject({ id: z.union([z.literal('me'), AgentId]) }),
        body: AgentStatusInput,
        response: { 200: AgentLive },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const agentId = agentInPath(principal, request.params.id);
      const centre = requireCentre(context, principal.tenantId);
      const { status, reasonCode = null } = request.body;
      const before = centre.agent(agentId);
      if (before === undefined) throw notFound('agent', agentId);
      // What agents do themselves is in their facts; what somebody else does to them is audited.
      const isOwn = principal.agentId === agentId;
      // An agent may take a break while the database is away.
      if (!isOwn || reasonCode !== null) {
        await context.database.inTenant(principal.tenantId, async (transaction) => {
          await requireReason(transaction, status, reasonCode);
          if (isOwn) return;
          await recordChange(transaction, request, 'agent.status-set', agentId, {
            before: { status: before.status, reasonCode: before.reasonCode },
            after: { status, reasonCode },
          });
        });
      }
      const result = centre.chooseStatus(agentId, status, reasonCode, centreActor(principal, agentId));
      if (!result.ok) throw new HttpProblem('command-refused', result.detail, { reason: result.code });
      return centre.agent(agentId) ?? before;
    },
  );
  registerReasonCodes(api, context);
}

async function requireReason(
  transaction: DatabaseTransaction,
  status: string,
  code: string | null,
): Promise<void> {
  if (code === null) return;
  const known = await findReasonCode(transaction, code);
  if (known === undefined) throw unknownReference('reasonCode', code, 'reason code');
  if (known.kind === status) return;
  const remedy = `Use a reason of ${status}, or none.`;
  throw new HttpProblem('validation-failed', `"${code}" is a reason for ${known.kind}, not for ${status}.`, {
    errors: [{ path: 'reasonCode', value: code, message: `explains ${known.kind}`, remedy }],
  });
}
