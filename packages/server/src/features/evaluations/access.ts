import { type Evaluation, EvaluationId } from '@crosspoint/contracts';
import { scoreOf } from '@crosspoint/core';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { notFound, ownerFilter, type Principal } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { findVersion } from '../scorecards/index.ts';
import { agentsInScope } from '../teams/index.ts';
import { findEvaluation, type Sight, type StoredEvaluation } from './repo.ts';

export const tags = ['evaluations'];
export const Params = z.strictObject({ id: EvaluationId });

/** Agents see the finished ones about themselves; others those of their teams, and of the drafts their own. */
export function sightOf(principal: Principal, permission: 'evaluations.read' | 'evaluations.write'): Sight {
  const about = ownerFilter(principal, permission);
  if (about !== undefined) return { about };
  const agents = agentsInScope(principal);
  return { agents, draftsOf: principal.role === 'admin' ? undefined : principal.userId };
}

/** With the form as it was, and how the score came about. */
export async function detailOf(
  transaction: DatabaseTransaction,
  { summary, answers, comment }: StoredEvaluation,
): Promise<Evaluation> {
  const groups = await findVersion(transaction, summary.scorecardId, summary.version);
  const { groupScores, failed, missing } = scoreOf(groups, answers);
  return { ...summary, groups, answers, comment, groupScores, failed, missing };
}

/** @throws {HttpProblem} `not-found`, also for what the person must not see. */
export async function requireEvaluation(
  transaction: DatabaseTransaction,
  request: FastifyRequest<{ Params: { id: EvaluationId } }>,
  sight: Sight,
  lock = false,
): Promise<StoredEvaluation> {
  const { id } = request.params;
  const stored = await findEvaluation(transaction, id, sight, lock);
  if (stored === undefined) throw notFound('evaluation', id);
  return stored;
}
