import {
  Calibration,
  CalibrationQuery,
  Evaluation,
  EvaluationPage,
  EvaluationQuery,
} from '@crosspoint/contracts';
import { calibrate } from '@crosspoint/core';
import { type Api, type ApiContext, principalOf, type Routes } from '../../http/index.ts';
import { detailOf, Params, requireEvaluation, sightOf, tags } from './access.ts';
import { registerChanges } from './change-routes.ts';
import { finishedScores, listEvaluations } from './repo.ts';

/** More than these of one period are not compared at once. */
const CALIBRATED_MAX = 20_000;

/** How conversations were judged: by whom, by which form, and what the agent says to it. */
export function evaluationRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerCalibration(api, context);
    registerChanges(api, context);
  };
}

function registerReading(api: Api, { database }: ApiContext): void {
  const config = { permission: 'evaluations.read' } as const;
  api.get(
    '/evaluations',
    {
      config,
      schema: {
        summary: 'List evaluations, newest first unless asked otherwise',
        description: 'An agent sees the finished ones about oneself; a draft is seen by who writes it.',
        ...{ tags, querystring: EvaluationQuery, response: { 200: EvaluationPage } },
      },
    },
    (request) => {
      const principal = principalOf(request);
      return database.inTenant(principal.tenantId, async (transaction) =>
        listEvaluations(transaction, request.query, sightOf(principal, 'evaluations.read')),
      );
    },
  );
  api.get(
    '/evaluations/:id',
    {
      config,
      schema: {
        summary: 'Read an evaluation with its form and answers',
        ...{ tags, params: Params, response: { 200: Evaluation } },
      },
    },
    (request) => {
      const principal = principalOf(request);
      return database.inTenant(principal.tenantId, async (transaction) => {
        const sight = sightOf(principal, 'evaluations.read');
        return detailOf(transaction, await requireEvaluation(transaction, request, sight));
      });
    },
  );
}

function registerCalibration(api: Api, { database }: ApiContext): void {
  api.get(
    '/evaluations/calibration',
    {
      config: { permission: 'evaluations.write' },
      schema: {
        summary: 'How strict each person judges, beside others on the same conversations',
        ...{ tags, querystring: CalibrationQuery, response: { 200: Calibration } },
      },
    },
    (request): Promise<Calibration> => {
      const principal = principalOf(request);
      return database.inTenant(principal.tenantId, async (transaction) => {
        const sight = sightOf(principal, 'evaluations.write');
        const scores = await finishedScores(transaction, request.query, sight, CALIBRATED_MAX);
        const names = new Map(scores.map(({ evaluatorId, evaluator }) => [evaluatorId, evaluator]));
        const { byEvaluator, shared } = calibrate(
          scores.map(({ evaluatorId, subject, score }) => ({ evaluator: evaluatorId, subject, score })),
        );
        const evaluators = [...byEvaluator].map(([evaluatorId, strictness]) => ({
          evaluatorId,
          evaluator: names.get(evaluatorId) ?? '',
          ...strictness,
        }));
        return {
          evaluators: evaluators.toSorted((one, other) => one.evaluator.localeCompare(other.evaluator)),
          shared,
          complete: scores.length < CALIBRATED_MAX,
        };
      });
    },
  );
}
