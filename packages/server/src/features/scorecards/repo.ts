import { ScorecardGroup, ScorecardInput } from '@crosspoint/contracts';
import { sql } from 'kysely';
import { z } from 'zod';
import type { DatabaseTransaction } from '../../platform/index.ts';
import type { NamedRow } from '../named/index.ts';

const Groups = z.array(ScorecardGroup);

/** A form as it is stored under its name. */
export function settingsOf({ name, settings }: NamedRow): z.output<typeof ScorecardInput> {
  return ScorecardInput.parse({ ...(settings as object), name });
}

/** The version of a form that an evaluation begins with; undefined for a form that does not exist or is not active. */
export async function latestVersion(
  transaction: DatabaseTransaction,
  scorecardId: string,
): Promise<number | undefined> {
  const row = await transaction
    .selectFrom('scorecards as s')
    .innerJoin('scorecard_versions as v', 'v.scorecard_id', 's.id')
    .select(['v.version', 's.name', 's.settings'])
    .where('s.id', '=', scorecardId)
    .orderBy('v.version', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return settingsOf({ ...row, id: scorecardId }).active ? row.version : undefined;
}

/** The groups of one version. */
export async function findVersion(
  transaction: DatabaseTransaction,
  scorecardId: string,
  version: number,
): Promise<ScorecardGroup[]> {
  const { groups } = await transaction
    .selectFrom('scorecard_versions')
    .select('groups')
    .where('scorecard_id', '=', scorecardId)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return Groups.parse(groups);
}

/** Stores the groups as a new version, unless they are those of the latest one. */
export async function keepVersion(
  transaction: DatabaseTransaction,
  row: NamedRow,
  by: { tenantId: string; userId: string; at: Date },
): Promise<void> {
  const groups = JSON.stringify(settingsOf(row).groups);
  await sql`
    with latest as (
      select version, groups from scorecard_versions
      where scorecard_id = ${row.id} order by version desc limit 1
    )
    insert into scorecard_versions (tenant_id, scorecard_id, version, groups, created_at, created_by)
    select ${by.tenantId}, ${row.id}, coalesce((select version from latest), 0) + 1, ${groups}::jsonb, ${by.at}, ${by.userId}
    where (select groups from latest) is distinct from ${groups}::jsonb
  `.execute(transaction);
}

export interface VersionState {
  version: number;
  at: Date;
  evaluations: number;
}

/** The latest version of each form, and how many evaluations were begun with any. */
export async function versionStates(
  transaction: DatabaseTransaction,
  ids: readonly string[],
): Promise<Map<string, VersionState>> {
  const rows = await transaction
    .selectFrom('scorecard_versions as v')
    .select(['v.scorecard_id', 'v.version', 'v.created_at'])
    .select((where) =>
      where
        .selectFrom('evaluations as e')
        .select(sql<number>`count(*)::int`.as('count'))
        .whereRef('e.scorecard_id', '=', 'v.scorecard_id')
        .as('evaluations'),
    )
    .distinctOn('v.scorecard_id')
    .where(sql<boolean>`v.scorecard_id = any(${[...ids]}::uuid[])`)
    .orderBy('v.scorecard_id')
    .orderBy('v.version', 'desc')
    .execute();
  return new Map(
    rows.map(({ scorecard_id, version, created_at, evaluations }) => [
      scorecard_id,
      { version, at: created_at, evaluations: evaluations ?? 0 },
    ]),
  );
}

/** How many evaluations were made by the form of this name. */
export async function countEvaluations(transaction: DatabaseTransaction, name: string): Promise<number> {
  const { count } = await transaction
    .selectFrom('evaluations as e')
    .innerJoin('scorecards as s', 's.id', 'e.scorecard_id')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('s.name', '=', name)
    .executeTakeFirstOrThrow();
  return count;
}
