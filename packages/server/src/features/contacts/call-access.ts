import { type AddedCall, type AgentId, LegId, type LiveCall } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type ApiContext, boundsOf, HttpProblem, type Principal, principalOf } from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import type { CallControl, Centre, CommandResult } from '../calls/index.ts';
import { callsWithin } from './parts.ts';

export const callParams = z.strictObject({ id: LegId });

/** A call, and the centre in which it is. */
export type Target = { centre: Centre; call: LiveCall };

/** The legs that a principal may see: all, those of contacts in scope, or those of contacts in which the agent has a leg. */
export function visibleCalls(
  centre: Centre | undefined,
  principal: Principal,
  permission: 'calls.read' | 'calls.control' | 'calls.listen',
): LiveCall[] {
  const { owner, scope } = boundsOf(principal, permission);
  const calls = callsWithin(centre, scope);
  if (owner === undefined) return calls;
  const own = new Set(
    calls.filter((call) => call.agentId === (owner as string)).map((call) => call.contactId),
  );
  return calls.filter((call) => own.has(call.contactId));
}

/** The agent in the call, whichever of its legs was named. */
export function agentOf(centre: Centre, call: LiveCall): AgentId | null {
  if (call.agentId !== null) return call.agentId;
  return (
    centre.calls().find((each) => each.contactId === call.contactId && each.agentId !== null)?.agentId ?? null
  );
}

/** What agents do in their own calls is in the facts; what somebody else does there is audited too. */
export async function auditForOther(
  { database }: ApiContext,
  request: FastifyRequest,
  agentId: AgentId | null,
  action: string,
  subject: { id: string; contactId: string },
): Promise<void> {
  const principal = principalOf(request);
  if (agentId !== null && principal.agentId === agentId) return;
  await database.inTenant(principal.tenantId, (transaction) =>
    recordChange(transaction, request, action, subject.id, {
      after: { contactId: subject.contactId, agentId },
    }),
  );
}

/** @throws {HttpProblem} `command-refused`. */
export function requireOk(result: CommandResult): void {
  if (!result.ok) throw new HttpProblem('command-refused', result.detail, { reason: result.code });
}

/** @throws {HttpProblem} `command-refused`. */
export function added(result: ReturnType<CallControl['transfer']>): AddedCall {
  if (!result.ok) throw new HttpProblem('command-refused', result.detail, { reason: result.code });
  return { callId: result.callId };
}
