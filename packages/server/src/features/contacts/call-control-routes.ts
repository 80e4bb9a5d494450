import {
  AddedCall,
  CallChange,
  ConsultInput,
  DigitsInput,
  type LegId,
  LockInput,
  PartyInput,
  RecordingPauseInput,
  StartedRecording,
  TransferInput,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  HttpProblem,
  notFound,
  ownerFilter,
  principalOf,
  requireCentre,
} from '../../http/index.ts';
import {
  added,
  agentOf,
  auditForOther,
  callParams as params,
  requireOk,
  type Target,
  visibleCalls,
} from './call-access.ts';
import { registerSupervision } from './supervision-routes.ts';

const tags = ['calls'];
const config = { permission: 'calls.control' as const };

/** Transfers, conferences and supervision of calls that are up. */
export function registerCallControl(api: Api, context: ApiContext): void {
  registerTransfer(api, context);
  registerConference(api, context);
  registerLeg(api, context);
  registerRecording(api, context);
  registerSupervision(api, context);
}

/**
 * The call that is meant, of which the principal is the agent in charge, or may command all; what is done for somebody else is
 * audited. `own`: of its own leg anybody may decide.
 */
async function commanded(
  context: ApiContext,
  request: FastifyRequest,
  id: LegId,
  action: string,
  own = false,
): Promise<Target> {
  const principal = principalOf(request);
  const centre = requireCentre(context, principal.tenantId);
  const calls = visibleCalls(centre, principal, 'calls.control');
  const call = calls.find((each) => each.id === id);
  if (call === undefined) throw notFound('call', id);
  const owner = ownerFilter(principal, 'calls.control') as string | undefined;
  const leads = calls.some(
    (each) => each.contactId === call.contactId && each.role === 'agent' && each.agentId === owner,
  );
  const isOwn = own && call.agentId === owner;
  if (owner !== undefined && !leads && !isOwn) {
    throw new HttpProblem(
      'command-refused',
      'Somebody else leads this conversation. Ask that agent, or a supervisor.',
      { reason: 'not-in-charge' },
    );
  }
  await auditForOther(context, request, agentOf(centre, call), `call.${action}`, call);
  return { centre, call };
}

function registerTransfer(api: Api, context: ApiContext): void {
  api.post(
    '/calls/:id/transfer',
    {
      config,
      schema: {
        summary: 'Send the customer to an agent, a queue or a number',
        description:
          '`blind` frees the agent at once; who does not come costs the customer nothing: the customer goes back to the queue with the age, or to the agent. `consult` calls the target while the customer hears music.',
        tags,
        params,
        body: TransferInput,
        response: { 201: AddedCall },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { centre } = await commanded(context, request, id, `transfer-${request.body.kind}`);
      return reply.code(201).send(added(centre.control.transfer(id, request.body)));
    },
  );
  api.post(
    '/calls/:id/consult',
    {
      config,
      schema: {
        summary: 'Turn to the other side, complete, cancel, or speak together',
        tags,
        params,
        body: ConsultInput,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { action } = request.body;
      const { centre } = await commanded(context, request, id, `consult-${action}`);
      requireOk(centre.control.consult(id, action));
      return reply.code(204).send(null);
    },
  );
}

function registerConference(api: Api, context: ApiContext): void {
  api.post(
    '/calls/:id/parties',
    {
      config,
      schema: {
        summary: 'Call one more party into the conversation',
        tags,
        params,
        body: PartyInput,
        response: { 201: AddedCall },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { centre } = await commanded(context, request, id, 'invite');
      return reply.code(201).send(added(centre.control.invite(id, request.body.target)));
    },
  );
  api.post(
    '/calls/:id/lock',
    {
      config,
      schema: {
        summary: 'Let no further party into the conversation, or let them in again',
        tags,
        params,
        body: LockInput,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { locked } = request.body;
      const { centre } = await commanded(context, request, id, locked ? 'lock' : 'unlock');
      requireOk(centre.control.lock(id, locked));
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/calls/:id/leave',
    {
      config,
      schema: {
        summary: 'Leave the customer with the other parties',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { centre } = await commanded(context, request, id, 'leave');
      requireOk(centre.control.leave(id));
      return reply.code(204).send(null);
    },
  );
}

function registerLeg(api: Api, context: ApiContext): void {
  api.patch(
    '/calls/:id',
    {
      config,
      schema: {
        summary: 'Mute a leg, or let a party wait with music',
        tags,
        params,
        body: CallChange,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { centre } = await commanded(context, request, id, 'change', true);
      requireOk(centre.control.change(id, request.body));
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/calls/:id/digits',
    {
      config,
      schema: {
        summary: 'Press keys in the name of this leg',
        tags,
        params,
        body: DigitsInput,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { centre } = await commanded(context, request, id, 'digits', true);
      requireOk(centre.control.sendDigits(id, request.body.digits));
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/calls/:id/recording',
    {
      config,
      schema: {
        summary: 'Pause the recording with a reason, or resume it',
        description:
          'A pause is silence of the true length in the file; who paused and why is in the timeline.',
        tags,
        params,
        body: RecordingPauseInput,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { userId } = principalOf(request);
      const { paused } = request.body;
      const { centre } = await commanded(
        context,
        request,
        id,
        paused ? 'recording-pause' : 'recording-resume',
      );
      requireOk(centre.control.pauseRecording(id, request.body, userId));
      return reply.code(204).send(null);
    },
  );
}

/** Recording on demand. What the queue asks for ends only by who may command all calls. */
function registerRecording(api: Api, context: ApiContext): void {
  const record = async (request: FastifyRequest, id: LegId, recording: boolean) => {
    const { centre } = await commanded(
      context,
      request,
      id,
      recording ? 'recording-start' : 'recording-stop',
    );
    const principal = principalOf(request);
    const mayEndAny = ownerFilter(principal, 'calls.control') === undefined;
    const result = centre.control.record(id, { recording, byUserId: principal.userId, mayEndAny });
    if (!result.ok) throw new HttpProblem('command-refused', result.detail, { reason: result.code });
    return result.recordingId;
  };
  api.post(
    '/calls/:id/recording/start',
    {
      config,
      schema: {
        summary: 'Have the conversation recorded from now on',
        tags,
        params,
        response: { 201: StartedRecording },
      },
    },
    async (request, reply) =>
      reply.code(201).send({ recordingId: await record(request, request.params.id, true) }),
  );
  api.post(
    '/calls/:id/recording/stop',
    {
      config,
      schema: {
        summary: 'End the recording of the conversation',
        description: 'One that the queue asks for is ended only by who may command all calls.',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await record(request, request.params.id, false);
      return reply.code(204).send(null);
    },
  );
}
