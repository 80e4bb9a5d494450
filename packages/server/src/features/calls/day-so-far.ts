import type { TenantId } from '@crosspoint/contracts';
import { countedFacts } from '@crosspoint/core';
import type { Database } from '../../platform/index.ts';
import { carriedFacts, latestStays, replayFacts } from './history.ts';
import type { LiveStatistics } from './statistics.ts';

/** Nobody waits or talks longer than so. */
const stayMsMax = 86_400_000;
/** Calls go on between the pages of the day so far, each of which takes some 10 ms. */
const pageRows = 1_000;
/** Patience is known after a start from the stays of so many days, of all queues together. */
const patienceDaysMs = 14 * 86_400_000;
const patienceStaysMax = 5_000;

/** Counts what happened today so far, and who waited or talked already when the day began, while calls are taken. */
export async function countDaySoFar(
  database: Database,
  tenantId: TenantId,
  statistics: LiveStatistics,
  now: number,
): Promise<void> {
  const since = statistics.dayStart(now);
  const earlier = { since: since - patienceDaysMs, before: since, countMax: patienceStaysMax };
  const carried = await carriedFacts(database, tenantId, { since: since - stayMsMax, before: since });
  await statistics.catchUp(async (take) => {
    for (const fact of await latestStays(database, tenantId, earlier)) take.contactFact(fact);
    await replayFacts(database, tenantId, { since, ...countedFacts, pageRows }, take);
  }, carried);
}
