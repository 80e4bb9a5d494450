import type { FastifyRequest } from 'fastify';
import { type ApiContext, principalOf } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { playableNames } from '../prompts/index.ts';

/** Works in the tenant of who asks, knowing which recordings flows may play: they lie in files beside the database. */
export function readingOf({ database, settings }: Pick<ApiContext, 'database' | 'settings'>) {
  return async <Result>(
    request: FastifyRequest,
    work: (transaction: DatabaseTransaction, recordings: ReadonlySet<string>) => Promise<Result>,
  ): Promise<Result> => {
    const { tenantId } = principalOf(request);
    const recordings = await playableNames(settings.dataDir, tenantId);
    return database.inTenant(tenantId, (transaction) => work(transaction, recordings));
  };
}
