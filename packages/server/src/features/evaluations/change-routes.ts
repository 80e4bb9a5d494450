import {
  type Evaluation as EvaluationModel,
  Evaluation,
  EvaluationAcknowledgement,
  EvaluationChange,
  EvaluationInput,
  type EvaluationSummary,
  type FieldError,
} from '@crosspoint/contracts';
import { answerFaults, scoreOf } from '@crosspoint/core';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  HttpProblem,
  notFound,
  type Principal,
  principalOf,
  unknownReference,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { findVersion, latestVersion } from '../scorecards/index.ts';
import { agentsInScope } from '../teams/index.ts';
import { detailOf, Params, requireEvaluation, sightOf, tags } from './access.ts';
import {
  deleteEvaluation,
  findEvaluation,
  insertEvaluation,
  partOf,
  storeAcknowledgement,
  storeAnswers,
} from './repo.ts';

const config = { permission: 'evaluations.write' } as const;

export function registerChanges(api: Api, context: ApiContext): void {
  registerBeginning(api, context);
  registerAnswers(api, context);
  registerDeletion(api, context);
  registerAcknowledgement(api, context);
}

function registerBeginning(api: Api, { database, now }: ApiContext): void {
  api.post(
    '/evaluations',
    {
      config,
      schema: {
        summary: 'Begin to evaluate an agent’s part in a contact',
        description: 'It keeps the version of the form that is the latest now.',
        ...{ tags, body: EvaluationInput, response: { 201: Evaluation } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { tenantId, userId: evaluatorId } = principal;
      const id = newId();
      reply.code(201);
      return database.inTenant(tenantId, async (transaction) => {
        const begun = await beginning(transaction, principal, request.body);
        const at = new Date(now());
        await insertEvaluation(transaction, { ...request.body, ...begun, id, tenantId, evaluatorId, at });
        await recordChange(transaction, request, 'evaluation.created', id, {
          after: { ...request.body, version: begun.version },
        });
        return reread(transaction, id);
      });
    },
  );
}

/** What an evaluation begins with. @throws {HttpProblem} when it cannot. */
async function beginning(
  transaction: DatabaseTransaction,
  principal: Principal,
  { contactId, agentId, scorecardId }: z.output<typeof EvaluationInput>,
): Promise<{ version: number; recordingId: string | null }> {
  const version = await latestVersion(transaction, scorecardId);
  if (version === undefined) throw unknownReference('scorecardId', scorecardId, 'active scorecard');
  const { contact, talked, recordingId } = await partOf(transaction, contactId, agentId);
  if (!contact) throw unknownReference('contactId', contactId, 'contact');
  const scope = agentsInScope(principal);
  if (!talked || scope?.includes(agentId) === false)
    throw unknownReference('agentId', agentId, 'agent of yours who talked in this contact');
  if ((agentId as string) === principal.userId) {
    const remedy = 'Let a colleague do it.';
    throw new HttpProblem('validation-failed', 'Nobody evaluates the own conversations.', {
      errors: [{ path: 'agentId', value: agentId, message: 'is yourself', remedy }],
    });
  }
  return { version, recordingId };
}

function registerAnswers(api: Api, { database, now }: ApiContext): void {
  api.put(
    '/evaluations/:id',
    {
      config,
      schema: {
        summary: 'Store the answers, and finish the evaluation',
        description: 'Only who began it, and only while it is a draft. Finished, the agent can read it.',
        ...{ tags, params: Params, body: EvaluationChange, response: { 200: Evaluation } },
      },
    },
    (request): Promise<EvaluationModel> => {
      const principal = principalOf(request);
      const { id } = request.params;
      const { answers, comment, finished } = request.body;
      return database.inTenant(principal.tenantId, async (transaction) => {
        const sight = sightOf(principal, 'evaluations.write');
        const { summary } = await requireEvaluation(transaction, request, sight, true);
        requireOwnDraft(summary, principal);
        const groups = await findVersion(transaction, summary.scorecardId, summary.version);
        refuseFaults(answerFaults(groups, answers));
        const { score, failed, missing } = scoreOf(groups, answers);
        if (finished) refuseFaults(missing.map(withoutAnswer));
        const finishedAt = finished ? new Date(now()) : null;
        await storeAnswers(transaction, id, { answers, comment, score, finishedAt });
        // A draft is stored with every key pressed; what counts is what it became.
        if (finished) {
          const { contactId, agentId } = summary;
          const after = { contactId, agentId, score, failed };
          await recordChange(transaction, request, 'evaluation.finished', id, { after });
        }
        return reread(transaction, id);
      });
    },
  );
}

function requireOwnDraft({ evaluatorId, state }: EvaluationSummary, by: Principal): void {
  if (state === 'finished') {
    const detail = 'The evaluation is finished, and what the agent has read stays as it was.';
    throw new HttpProblem('command-refused', detail, { reason: 'already-finished' });
  }
  if (evaluatorId !== by.userId) {
    const detail = 'Somebody else writes this evaluation. Begin one of your own.';
    throw new HttpProblem('command-refused', detail, { reason: 'not-yours' });
  }
}

/** @throws {HttpProblem} `validation-failed`. */
function refuseFaults(errors: FieldError[]): void {
  if (errors.length === 0) return;
  throw new HttpProblem('validation-failed', 'The answers do not fit the form.', { errors });
}

function withoutAnswer(questionId: string): FieldError {
  const remedy = 'Answer every question before you finish.';
  return { path: `answers.${questionId}`, message: 'is not answered', remedy };
}

function registerDeletion(api: Api, { database }: ApiContext): void {
  api.delete(
    '/evaluations/:id',
    {
      config,
      schema: {
        summary: 'Delete an evaluation',
        description: 'Drafts by who began them; finished ones by an administrator.',
        ...{ tags, params: Params, response: { 204: z.null() } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      await database.inTenant(principal.tenantId, async (transaction) => {
        const sight = sightOf(principal, 'evaluations.write');
        const { summary } = await requireEvaluation(transaction, request, sight, true);
        if (principal.role !== 'admin') requireOwnDraft(summary, principal);
        await deleteEvaluation(transaction, summary.id);
        await recordChange(transaction, request, 'evaluation.deleted', summary.id, { before: summary });
      });
      return reply.code(204).send(null);
    },
  );
}

function registerAcknowledgement(api: Api, { database, now }: ApiContext): void {
  api.put(
    '/evaluations/:id/acknowledgement',
    {
      config: { permission: 'evaluations.acknowledge' },
      schema: {
        summary: 'Say that one has read how one was evaluated',
        description: 'Once, by the agent; with what one says to it.',
        ...{ tags, params: Params, body: EvaluationAcknowledgement, response: { 200: Evaluation } },
      },
    },
    (request): Promise<EvaluationModel> => {
      const { tenantId, userId } = principalOf(request);
      const { id } = request.params;
      const { comment } = request.body;
      return database.inTenant(tenantId, async (transaction) => {
        const { summary } = await requireEvaluation(transaction, request, { about: userId }, true);
        if (summary.acknowledgedAt !== null) {
          const detail = 'You have said so already. Speak with your supervisor about anything more.';
          throw new HttpProblem('command-refused', detail, { reason: 'already-acknowledged' });
        }
        await storeAcknowledgement(transaction, id, { at: new Date(now()), comment });
        await recordChange(transaction, request, 'evaluation.acknowledged', id, { after: { comment } });
        return reread(transaction, id);
      });
    },
  );
}

async function reread(transaction: DatabaseTransaction, id: string): Promise<EvaluationModel> {
  const stored = await findEvaluation(transaction, id, {});
  if (stored === undefined) throw notFound('evaluation', id);
  return detailOf(transaction, stored);
}
