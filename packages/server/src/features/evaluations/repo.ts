import type {
  AgentId,
  ContactId,
  EvaluationAnswer,
  EvaluationId,
  EvaluationQuery,
  EvaluationState,
  EvaluationSummary,
  RecordingId,
  ScorecardId,
  UserId,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { HttpProblem, keysetPage, onConstraint, type SortKey } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** Which evaluations somebody may see. */
export interface Sight {
  /** Only the finished ones about this agent. */
  readonly about?: UserId | undefined;
  /** Only those about these people; undefined for everybody. */
  readonly agents?: readonly string[] | undefined;
  /** Drafts of this person alone are seen; undefined for those of everybody. */
  readonly draftsOf?: UserId | undefined;
}

function selectEvaluations(transaction: DatabaseTransaction, { about, agents, draftsOf }: Sight) {
  let select = transaction
    .selectFrom('evaluations as e')
    .innerJoin('scorecards as s', 's.id', 'e.scorecard_id')
    .leftJoin('contacts as c', 'c.id', 'e.contact_id')
    .leftJoin('users as a', 'a.id', 'e.agent_id')
    .leftJoin('users as v', 'v.id', 'e.evaluator_id')
    .select(['e.id', 'e.scorecard_id', 'e.version', 'e.contact_id', 'e.recording_id', 'e.agent_id'])
    .select(['e.evaluator_id', 'e.state', 'e.answers', 'e.comment', 'e.score', 'e.created_at'])
    .select(['e.finished_at', 'e.acknowledged_at', 'e.agent_comment', 's.name as scorecard'])
    .select(['c.caller_phone', 'c.started_at', 'a.name as agent', 'v.name as evaluator']);
  if (about !== undefined) select = select.where('e.agent_id', '=', about).where('e.state', '=', 'finished');
  if (agents !== undefined) select = select.where(sql<boolean>`e.agent_id = any(${[...agents]}::uuid[])`);
  if (draftsOf !== undefined) {
    select = select.where((where) =>
      where.or([where('e.state', '=', 'finished'), where('e.evaluator_id', '=', draftsOf)]),
    );
  }
  return select;
}
type Row = Awaited<ReturnType<ReturnType<typeof selectEvaluations>['executeTakeFirstOrThrow']>>;

/** An evaluation as stored; groups and the parts of the score follow from the version of its form. */
export interface StoredEvaluation {
  summary: EvaluationSummary;
  answers: EvaluationAnswer[];
  comment: string;
}

function summaryOf(row: Row): EvaluationSummary {
  return {
    id: row.id as EvaluationId,
    scorecardId: row.scorecard_id as ScorecardId,
    scorecard: row.scorecard,
    version: row.version,
    contactId: row.contact_id as ContactId,
    callerPhone: row.caller_phone,
    contactStartedAt: row.started_at?.toISOString() ?? null,
    recordingId: row.recording_id as RecordingId | null,
    agentId: row.agent_id as AgentId,
    agent: row.agent ?? '',
    evaluatorId: row.evaluator_id as UserId,
    evaluator: row.evaluator ?? '',
    state: row.state as EvaluationState,
    score: row.score,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    agentComment: row.agent_comment,
  };
}

const AT: SortKey = { expression: sql`coalesce(e.finished_at, e.created_at)`, type: 'timestamptz' };
/** What has no score yet stands below everything that has one. */
const SCORE: SortKey = { expression: sql`coalesce(e.score, -1)`, type: 'double precision' };

export async function listEvaluations(
  transaction: DatabaseTransaction,
  query: z.output<typeof EvaluationQuery>,
  sight: Sight,
): Promise<{ items: EvaluationSummary[]; nextCursor: string | null }> {
  const { contactId, agentId, teamId, scorecardId, evaluatorId, state, from, to } = query;
  let select = selectEvaluations(transaction, sight);
  if (contactId !== undefined) select = select.where('e.contact_id', '=', contactId);
  if (agentId !== undefined) select = select.where('e.agent_id', 'in', agentId);
  if (scorecardId !== undefined) select = select.where('e.scorecard_id', 'in', scorecardId);
  if (evaluatorId !== undefined) select = select.where('e.evaluator_id', 'in', evaluatorId);
  if (state !== undefined) select = select.where('e.state', '=', state);
  if (teamId !== undefined) {
    select = select.where('e.agent_id', 'in', (where) =>
      where.selectFrom('team_members').select('user_id').where('team_id', 'in', teamId),
    );
  }
  if (from !== undefined) select = select.where(sql<boolean>`${AT.expression} >= ${new Date(from)}`);
  if (to !== undefined) select = select.where(sql<boolean>`${AT.expression} < ${new Date(to)}`);
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [query.sort.endsWith('at') ? AT : SCORE, { expression: sql.ref('e.id'), type: 'uuid' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(summaryOf), nextCursor: page.nextCursor };
}

/** @param lock keeps others from changing it until the transaction ends. */
export async function findEvaluation(
  transaction: DatabaseTransaction,
  id: string,
  sight: Sight,
  lock = false,
): Promise<StoredEvaluation | undefined> {
  if (lock) {
    await transaction.selectFrom('evaluations').select('id').where('id', '=', id).forUpdate().execute();
  }
  const row = await selectEvaluations(transaction, sight).where('e.id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const answers = row.answers as unknown as EvaluationAnswer[];
  return { summary: summaryOf(row), answers, comment: row.comment };
}

/** Whether an agent talked in a contact, and the latest recording on which that is heard. */
export async function partOf(
  transaction: DatabaseTransaction,
  contactId: ContactId,
  agentId: AgentId,
): Promise<{ contact: boolean; talked: boolean; recordingId: string | null }> {
  const contact = await transaction
    .selectFrom('contacts')
    .select(
      sql<boolean>`agent_id = ${agentId} or segments @> ${JSON.stringify([{ agentId }])}::jsonb`.as('talked'),
    )
    .where('id', '=', contactId)
    .executeTakeFirst();
  const recording = await transaction
    .selectFrom('recordings')
    .select('id')
    .where('contact_id', '=', contactId)
    .where('agent_id', '=', agentId)
    .where('deleted_at', 'is', null)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return {
    contact: contact !== undefined,
    talked: contact?.talked === true,
    recordingId: recording?.id ?? null,
  };
}

/** @throws {HttpProblem} `command-refused` when this person has evaluated it by this form already. */
export async function insertEvaluation(
  transaction: DatabaseTransaction,
  row: {
    id: string;
    tenantId: string;
    scorecardId: string;
    version: number;
    contactId: string;
    recordingId: string | null;
    agentId: string;
    evaluatorId: string;
    at: Date;
  },
): Promise<void> {
  await transaction
    .insertInto('evaluations')
    .values({
      ...{ id: row.id, tenant_id: row.tenantId, scorecard_id: row.scorecardId, version: row.version },
      ...{ contact_id: row.contactId, recording_id: row.recordingId, agent_id: row.agentId },
      ...{ evaluator_id: row.evaluatorId, state: 'draft', created_at: row.at },
    })
    .execute()
    .catch(
      onConstraint({
        evaluations_once_key: () => {
          const detail =
            'You have evaluated this conversation by this scorecard already. Go on with that one.';
          return new HttpProblem('command-refused', detail, { reason: 'already-evaluated' });
        },
      }),
    );
}

export async function storeAnswers(
  transaction: DatabaseTransaction,
  id: string,
  stored: {
    answers: readonly EvaluationAnswer[];
    comment: string;
    score: number | null;
    finishedAt: Date | null;
  },
): Promise<void> {
  await transaction
    .updateTable('evaluations')
    .set({
      ...{ answers: JSON.stringify(stored.answers), comment: stored.comment, score: stored.score },
      ...{ state: stored.finishedAt === null ? 'draft' : 'finished', finished_at: stored.finishedAt },
    })
    .where('id', '=', id)
    .execute();
}

export async function storeAcknowledgement(
  transaction: DatabaseTransaction,
  id: string,
  acknowledgement: { at: Date; comment: string },
): Promise<void> {
  await transaction
    .updateTable('evaluations')
    .set({ acknowledged_at: acknowledgement.at, agent_comment: acknowledgement.comment })
    .where('id', '=', id)
    .execute();
}

export async function deleteEvaluation(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('evaluations').where('id', '=', id).execute();
}

/** One finished evaluation, as far as calibration looks at it. */
export interface FinishedScore {
  subject: string;
  evaluatorId: UserId;
  evaluator: string;
  score: number;
}

/** The latest finished evaluations with a score. */
export async function finishedScores(
  transaction: DatabaseTransaction,
  filter: { scorecardId?: readonly string[] | undefined; from?: string | undefined; to?: string | undefined },
  sight: Sight,
  limit: number,
): Promise<FinishedScore[]> {
  let select = selectEvaluations(transaction, sight)
    .where('e.state', '=', 'finished')
    .where('e.score', 'is not', null);
  const { scorecardId, from, to } = filter;
  if (scorecardId !== undefined) select = select.where('e.scorecard_id', 'in', scorecardId);
  if (from !== undefined) select = select.where('e.finished_at', '>=', new Date(from));
  if (to !== undefined) select = select.where('e.finished_at', '<', new Date(to));
  const rows = await select.orderBy('e.finished_at', 'desc').orderBy('e.id').limit(limit).execute();
  return rows.map((row) => ({
    subject: `${row.contact_id}/${row.agent_id}/${row.scorecard_id}/${row.version}`,
    evaluatorId: row.evaluator_id as UserId,
    evaluator: row.evaluator ?? '',
    score: row.score ?? 0,
  }));
}
