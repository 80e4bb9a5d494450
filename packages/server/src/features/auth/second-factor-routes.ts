import {
  RecoveryCodes,
  SecondFactor,
  SecondFactorCode,
  SecondFactorPassword,
  SecondFactorSecret,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Api, type ApiContext, HttpProblem, principalOf } from '../../http/index.ts';
import type { DatabaseTransaction, SecretBox } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { requireCurrentPassword } from './current-password.ts';
import {
  beginSecondFactor,
  checkSecondFactor,
  confirmSecondFactor,
  findSecondFactor,
  removeSecondFactor,
  replaceRecoveryCodes,
} from './second-factor.ts';

const tags = ['auth'];
const path = '/auth/second-factor';
/** A code has a million values: nobody may try them all, also not with a session. */
const config = {
  permission: 'account.own' as const,
  rateLimit: { max: 10, timeWindow: 60_000 },
  idempotent: false,
};

/** Setting up, renewing and removing the own second factor. */
export function registerSecondFactor(api: Api, context: ApiContext, box: () => SecretBox): void {
  registerSetup(api, context, box);
  registerAfterwards(api, context, box);
}

function inTenant<Result>(
  { database }: ApiContext,
  request: FastifyRequest,
  work: (transaction: DatabaseTransaction) => Promise<Result>,
): Promise<Result> {
  return database.inTenant(principalOf(request).tenantId, work);
}

function registerSetup(api: Api, context: ApiContext, box: () => SecretBox): void {
  const { database, wallNow } = context;
  api.get(
    path,
    {
      config: { permission: 'account.own' },
      schema: {
        summary: 'Whether signing in asks for a second factor',
        tags,
        response: { 200: SecondFactor },
      },
    },
    (request) =>
      inTenant(context, request, (transaction) => findSecondFactor(transaction, principalOf(request).userId)),
  );

  api.post(
    path,
    {
      config,
      schema: {
        summary: 'Draw a secret for an authenticator app; it counts once a code has confirmed it',
        tags,
        body: SecondFactorPassword,
        response: { 201: SecondFactorSecret },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      await requireCurrentPassword(database, principal, request.body.currentPassword);
      const secret = await inTenant(context, request, async (transaction) => {
        const { username } = await transaction
          .selectFrom('users')
          .select('username')
          .where('id', '=', principal.userId)
          .executeTakeFirstOrThrow();
        return beginSecondFactor(transaction, box(), { ...principal, username });
      });
      return reply.code(201).send(secret);
    },
  );

  api.post(
    `${path}/confirm`,
    {
      config,
      schema: {
        summary: 'Prove with a first code that the app has the secret',
        tags,
        body: SecondFactorCode,
        response: { 200: RecoveryCodes },
      },
    },
    (request) =>
      inTenant(context, request, async (transaction) => {
        const { userId } = principalOf(request);
        const { code } = request.body;
        const recoveryCodes = await confirmSecondFactor(transaction, box(), userId, code, wallNow());
        if (recoveryCodes === undefined) throw wrongCode();
        await recordChange(transaction, request, 'user.second-factor-added', userId);
        return { recoveryCodes };
      }),
  );
}

/** What somebody who has one does with it. */
function registerAfterwards(api: Api, context: ApiContext, box: () => SecretBox): void {
  const { database, wallNow } = context;
  api.post(
    `${path}/recovery-codes`,
    {
      config,
      schema: {
        summary: 'Draw new recovery codes; the former ones end',
        tags,
        body: SecondFactorCode,
        response: { 200: RecoveryCodes },
      },
    },
    (request) =>
      inTenant(context, request, async (transaction) => {
        const { userId } = principalOf(request);
        const { code } = request.body;
        const checked = await checkSecondFactor(transaction, box(), userId, code, wallNow());
        if (checked !== 'code' && checked !== 'recovery-code') throw wrongCode();
        const recoveryCodes = await replaceRecoveryCodes(transaction, userId);
        await recordChange(transaction, request, 'user.recovery-codes-renewed', userId);
        return { recoveryCodes };
      }),
  );

  api.post(
    `${path}/remove`,
    {
      config,
      schema: {
        summary: 'Sign in by the password alone again',
        tags,
        body: SecondFactorPassword,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      await requireCurrentPassword(database, principal, request.body.currentPassword);
      await inTenant(context, request, async (transaction) => {
        if (!(await removeSecondFactor(transaction, principal.userId))) return;
        await recordChange(transaction, request, 'user.second-factor-removed', principal.userId);
      });
      return reply.code(204).send(null);
    },
  );
}

const wrongCode = (): HttpProblem =>
  new HttpProblem('second-factor-wrong', 'Wait for the next code of the app, and type that.');
