import { isDeepStrictEqual } from 'node:util';
import {
  FlowDocument,
  type Flow,
  type FlowId,
  type FlowQuery,
  FlowTests,
  type FlowVersion,
} from '@crosspoint/contracts';
import { checkFlow, type FlowLibrary, type FlowSurroundings } from '@crosspoint/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import { escapeLike, isTimeZone, keysetPage, nameTaken, onConstraint } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { calendarsByName } from '../calendars/index.ts';
import { segmentNames } from '../segments/index.ts';
import { boxesByName } from '../voicemails/index.ts';
import type { PublishedFlow } from './published-flow.ts';

/** More flows than a centre has. */
const flowsMax = 5_000;

function selectFlows(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('flows as f')
    .leftJoin('flow_versions as v', (join) =>
      join.onRef('v.flow_id', '=', 'f.id').onRef('v.version', '=', 'f.version'),
    )
    .select(['f.id', 'f.name', 'f.draft', 'f.version', 'f.archived_at', 'v.document']);
}
type FlowRow = Awaited<ReturnType<ReturnType<typeof selectFlows>['executeTakeFirstOrThrow']>>;

/**
 * What flows may name at present.
 *
 * @param recordings the names of those that there are; without them flows are not asked what they play.
 */
export async function surroundingsOf(
  transaction: DatabaseTransaction,
  recordings?: ReadonlySet<string>,
): Promise<FlowSurroundings & FlowLibrary> {
  const queues = await transaction.selectFrom('queues').select('name').execute();
  const names = new Set(queues.map(({ name }) => name));
  const agents = await transaction
    .selectFrom('agents')
    .innerJoin('users', 'users.id', 'agents.user_id')
    .select('users.username')
    .where('users.disabled_at', 'is', null)
    .execute();
  const usernames = new Set(agents.map(({ username }) => username));
  const published = await readPublished(transaction);
  const boxes = await boxesByName(transaction);
  const calendars = await calendarsByName(transaction);
  const segments = await segmentNames(transaction);
  return {
    isTimeZone,
    hasQueue: (name) => names.has(name),
    hasAgent: (username) => usernames.has(username),
    hasVoicemailBox: (name) => boxes.has(name),
    hasCalendar: (name) => calendars.has(name),
    hasSegment: (name) => segments.has(name),
    hours: (name) => calendars.get(name),
    flow: (name) => published.get(name)?.document,
    ...(recordings === undefined ? {} : { hasRecording: (name) => recordings.has(name) }),
  };
}

function flowOf(row: FlowRow, surroundings: FlowSurroundings): Flow {
  const draft = FlowDocument.parse(row.draft);
  const published = row.document === null ? null : FlowDocument.parse(row.document);
  return {
    id: row.id as FlowId,
    name: row.name,
    state: row.archived_at !== null ? 'archived' : row.version === null ? 'draft' : 'published',
    version: row.version,
    hasChanges: !isDeepStrictEqual(draft, published),
    draft,
    faults: checkFlow(draft, surroundings),
  };
}

export async function listFlows(
  transaction: DatabaseTransaction,
  query: z.output<typeof FlowQuery>,
  recordings: ReadonlySet<string>,
) {
  let select = selectFlows(transaction);
  if (query.search) select = select.where('f.name', 'ilike', `%${escapeLike(query.search)}%`);
  const page = await keysetPage(select, {
    sort: 'name',
    keys: [{ expression: sql.ref('f.name'), type: 'text' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  const surroundings = await surroundingsOf(transaction, recordings);
  return { items: page.items.map((row) => flowOf(row, surroundings)), nextCursor: page.nextCursor };
}

/** @param options `lock` keeps others from changing the flow until the transaction ends; `recordings` as with {@link surroundingsOf}. */
export async function findFlow(
  transaction: DatabaseTransaction,
  id: string,
  { lock = false, recordings }: { lock?: boolean; recordings?: ReadonlySet<string> } = {},
): Promise<Flow | undefined> {
  if (lock) await transaction.selectFrom('flows').select('id').where('id', '=', id).forUpdate().execute();
  const row = await selectFlows(transaction).where('f.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : flowOf(row, await surroundingsOf(transaction, recordings));
}

const violations = (name: string) =>
  onConstraint({ flows_tenant_id_name_key: () => nameTaken('name', name, 'flow') });

export async function insertFlow(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  draft: FlowDocument,
): Promise<void> {
  await transaction
    .insertInto('flows')
    .values({ id, tenant_id: tenantId, name: draft.name, draft: JSON.stringify(draft) })
    .execute()
    .catch(violations(draft.name));
}

export async function updateDraft(
  transaction: DatabaseTransaction,
  id: string,
  draft: FlowDocument,
): Promise<void> {
  await transaction
    .updateTable('flows')
    .set({ name: draft.name, draft: JSON.stringify(draft), archived_at: null })
    .where('id', '=', id)
    .execute()
    .catch(violations(draft.name));
}

/** The tests that are kept with a flow; undefined without such a flow. */
export async function findTests(
  transaction: DatabaseTransaction,
  id: string,
  lock = false,
): Promise<FlowTests | undefined> {
  const row = await transaction
    .selectFrom('flows')
    .select('tests')
    .where('id', '=', id)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
  return row && FlowTests.parse({ tests: row.tests });
}

export async function updateTests(
  transaction: DatabaseTransaction,
  id: string,
  { tests }: FlowTests,
): Promise<void> {
  await transaction
    .updateTable('flows')
    .set({ tests: JSON.stringify(tests) })
    .where('id', '=', id)
    .execute();
}

/** The draft becomes the next version. Whoever calls has checked it. */
export async function publishDraft(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  draft: FlowDocument,
): Promise<void> {
  const last = await transaction
    .selectFrom('flow_versions')
    .select((query) => query.fn.max('version').as('version'))
    .where('flow_id', '=', id)
    .executeTakeFirst();
  const version = (last?.version ?? 0) + 1;
  const document = JSON.stringify(draft);
  await transaction
    .insertInto('flow_versions')
    .values({ tenant_id: tenantId, flow_id: id, version, document, published_at: sql`now()` })
    .execute();
  await transaction.updateTable('flows').set({ version, archived_at: null }).where('id', '=', id).execute();
}

export async function archiveFlow(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.updateTable('flows').set({ archived_at: sql`now()` }).where('id', '=', id).execute();
}

export async function unarchiveFlow(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.updateTable('flows').set({ archived_at: null }).where('id', '=', id).execute();
}

export async function deleteFlow(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('flows').where('id', '=', id).execute();
}

export async function listVersions(transaction: DatabaseTransaction, id: string): Promise<FlowVersion[]> {
  const rows = await transaction
    .selectFrom('flow_versions')
    .select(['version', 'published_at', 'document'])
    .where('flow_id', '=', id)
    .orderBy('version', 'desc')
    .limit(100)
    .execute();
  return rows.map(({ version, published_at, document }) => ({
    version,
    publishedAt: published_at.toISOString(),
    document: FlowDocument.parse(document),
  }));
}

/** Flows that may answer, by name. */
export async function readPublished(transaction: DatabaseTransaction): Promise<Map<string, PublishedFlow>> {
  const rows = await transaction
    .selectFrom('flows as f')
    .innerJoin('flow_versions as v', (join) =>
      join.onRef('v.flow_id', '=', 'f.id').onRef('v.version', '=', 'f.version'),
    )
    .select(['f.id', 'v.version', 'v.document'])
    .where('f.archived_at', 'is', null)
    .execute();
  return new Map(
    rows.map(({ id, version, document }) => {
      const parsed = FlowDocument.parse(document);
      return [parsed.name, { id: id as FlowId, version, document: parsed }];
    }),
  );
}

/** Every draft by its name, for tests. */
export async function readDrafts(transaction: DatabaseTransaction): Promise<Map<string, FlowDocument>> {
  const rows = await transaction.selectFrom('flows').select('draft').limit(flowsMax).execute();
  return new Map(
    rows.map(({ draft }) => {
      const document = FlowDocument.parse(draft);
      return [document.name, document];
    }),
  );
}
