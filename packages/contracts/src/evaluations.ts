import { z } from 'zod';
import { AgentId, ContactId, EvaluationId, RecordingId, ScorecardId, TeamId, UserId } from './ids.ts';
import { Instant } from './instants.ts';
import { oneOrMore, pageOf, PageQuery } from './pages.ts';
import { ScorecardGroup } from './scorecards.ts';

export const EVALUATION_COMMENT_LENGTH_MAX = 2000;
const Comment = z.string().trim().max(EVALUATION_COMMENT_LENGTH_MAX);

export const EvaluationAnswer = z.strictObject({
  questionId: z.string().min(1).max(40),
  /**
   * Points of 0–100, yes or no, the id of an option, or null for "not applicable", as the question's kind says. Absent while
   * only a comment stands there.
   */
  value: z.union([z.number().min(0).max(100), z.boolean(), z.string().min(1).max(40), z.null()]).optional(),
  comment: Comment.default(''),
});
export type EvaluationAnswer = z.infer<typeof EvaluationAnswer>;

export const EvaluationState = z.enum(['draft', 'finished']);
export type EvaluationState = z.infer<typeof EvaluationState>;

/** What one person thinks of one agent's part in one contact, by one form. */
export const EvaluationSummary = z
  .object({
    id: EvaluationId,
    scorecardId: ScorecardId,
    scorecard: z.string(),
    /** The version of the form that it was begun with. */
    version: z.number().int(),
    contactId: ContactId,
    /** Null when the contact is no longer stored. */
    callerPhone: z.string().nullable(),
    contactStartedAt: Instant.nullable(),
    /** The recording in which the agent is heard. */
    recordingId: RecordingId.nullable(),
    agentId: AgentId,
    agent: z.string(),
    evaluatorId: UserId,
    evaluator: z.string(),
    state: EvaluationState,
    /** 0–100, two decimals; null while nothing that counts is answered. */
    score: z.number().nullable(),
    createdAt: Instant,
    finishedAt: Instant.nullable(),
    /** When the agent said to have read it. */
    acknowledgedAt: Instant.nullable(),
    agentComment: z.string(),
  })
  .meta({ id: 'EvaluationSummary' });
export type EvaluationSummary = z.infer<typeof EvaluationSummary>;
export const EvaluationPage = pageOf(EvaluationSummary);

export const Evaluation = EvaluationSummary.extend({
  /** The form as it was. */
  groups: z.array(ScorecardGroup),
  answers: z.array(EvaluationAnswer),
  comment: z.string(),
  /** Score of each group in turn; null where nothing that counts is answered. */
  groupScores: z.array(z.number().nullable()),
  /** Fatal questions that were failed: they make the score 0. */
  failed: z.array(z.string()),
  /** Questions that have no answer yet. */
  missing: z.array(z.string()),
}).meta({ id: 'Evaluation' });
export type Evaluation = z.infer<typeof Evaluation>;

export const EvaluationQuery = PageQuery.extend({
  contactId: ContactId.optional(),
  agentId: oneOrMore(AgentId).optional(),
  teamId: oneOrMore(TeamId).optional(),
  scorecardId: oneOrMore(ScorecardId).optional(),
  evaluatorId: oneOrMore(UserId).optional(),
  state: EvaluationState.optional(),
  /** Finished or, while it is a draft, begun at or after. */
  from: Instant.optional(),
  /** Finished or, while it is a draft, begun before. */
  to: Instant.optional(),
  sort: z.enum(['-at', 'at', '-score', 'score']).default('-at'),
});
export type EvaluationQuery = z.input<typeof EvaluationQuery>;

export const EvaluationInput = z.strictObject({
  contactId: ContactId,
  /** Whose part in the contact is judged. */
  agentId: AgentId,
  scorecardId: ScorecardId,
});
export type EvaluationInput = z.input<typeof EvaluationInput>;

/** Drafts are stored as often as one likes; finished is for good. */
export const EvaluationChange = z.strictObject({
  answers: z.array(EvaluationAnswer).max(1000),
  comment: Comment.default(''),
  finished: z.boolean().default(false),
});
export type EvaluationChange = z.input<typeof EvaluationChange>;

export const EvaluationAcknowledgement = z.strictObject({ comment: Comment.default('') });

/** How strict one person judges beside the others who judged the same conversations by the same form. */
export const EvaluatorCalibration = z.object({
  evaluatorId: UserId,
  evaluator: z.string(),
  /** Finished evaluations, and their mean score. */
  evaluations: z.number().int(),
  scoreMean: z.number().nullable(),
  /** Those of them that others made too. */
  compared: z.number().int(),
  /** Mean of own score less the mean of the others': above 0 is milder. Null without any to compare. */
  differenceMean: z.number().nullable(),
  /** Mean of the same without its sign: how far apart they are. */
  distanceMean: z.number().nullable(),
});
export type EvaluatorCalibration = z.infer<typeof EvaluatorCalibration>;

export const Calibration = z
  .object({
    evaluators: z.array(EvaluatorCalibration),
    /** Conversations that two or more judged by the same version of a form. */
    shared: z.number().int(),
    /** False when there were more evaluations than are looked at: then the latest ones count. */
    complete: z.boolean(),
  })
  .meta({ id: 'Calibration' });
export type Calibration = z.infer<typeof Calibration>;

export const CalibrationQuery = z.strictObject({
  scorecardId: oneOrMore(ScorecardId).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});
