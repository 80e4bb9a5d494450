import type {
  EntryNumber,
  EntryNumberInput,
  EntryNumberPage,
  EntryNumberQuery,
  FlowId,
  PromptLanguage,
  QueueId,
} from '@crosspoint/contracts';
import { canonicalNumber } from '@crosspoint/core';
import { sql } from 'kysely';
import type { z } from 'zod';
import { escapeLike, keysetPage, nameTaken, onConstraint, unknownReference } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** What the product itself answers, in a language. */
type SpokenTarget = Extract<EntryNumber['target'], { language: PromptLanguage }>;

/** The stored form of a target: the id of the queue or flow, so that it keeps its numbers when it is renamed. */
export function storedTarget(
  target: { queueId: string } | { flowId: string } | SpokenTarget | 'rules',
): string {
  if (target === 'rules') return JSON.stringify({ kind: 'rules' });
  if ('language' in target) return JSON.stringify(target);
  return JSON.stringify({ kind: 'queueId' in target ? 'queue' : 'flow', ...target });
}

function selectNumbers(transaction: DatabaseTransaction) {
  return transaction
    .selectFrom('numbers as n')
    .leftJoin('queues as q', (join) => join.on(sql<boolean>`q.id::text = n.target ->> 'queueId'`))
    .leftJoin('flows as f', (join) => join.on(sql<boolean>`f.id::text = n.target ->> 'flowId'`))
    .select(['n.id', 'n.number', 'q.name as queue_name', 'f.id as flow_id', 'f.name as flow_name'])
    .select(sql<string>`n.target ->> 'queueId'`.as('queue_id'))
    .select(sql<PromptLanguage | null>`n.target ->> 'language'`.as('language'))
    .select(sql<string>`n.target ->> 'kind'`.as('kind'));
}
type NumberRow = Awaited<ReturnType<ReturnType<typeof selectNumbers>['executeTakeFirstOrThrow']>>;

function numberOf(row: NumberRow): EntryNumber {
  return { id: row.id, number: row.number, target: targetOf(row) };
}

function targetOf(row: NumberRow): EntryNumber['target'] {
  if (row.kind === 'rules') return { kind: 'rules' };
  if (row.language !== null) return { kind: row.kind as SpokenTarget['kind'], language: row.language };
  return row.flow_id === null
    ? { kind: 'queue', queueId: row.queue_id as QueueId, queueName: row.queue_name ?? '' }
    : { kind: 'flow', flowId: row.flow_id as FlowId, flowName: row.flow_name ?? '' };
}

export async function listNumbers(
  transaction: DatabaseTransaction,
  query: z.output<typeof EntryNumberQuery>,
): Promise<z.output<typeof EntryNumberPage>> {
  let select = selectNumbers(transaction);
  if (query.queueId !== undefined) select = select.where('q.id', 'in', query.queueId);
  if (query.search) {
    const text = `%${escapeLike(query.search)}%`;
    const digits = `%${escapeLike(canonicalNumber(query.search))}%`;
    select = select.where((where) =>
      where.or([
        where('n.number', 'ilike', text),
        where('n.number', 'ilike', digits),
        where('q.name', 'ilike', text),
        where('f.name', 'ilike', text),
      ]),
    );
  }
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [{ expression: sql.ref('n.number'), type: 'text' }],
    limit: query.limit,
    cursor: query.cursor,
  });
  return { items: page.items.map(numberOf), nextCursor: page.nextCursor };
}

/** @param lock keeps others from changing the number until the transaction ends. */
export async function findNumber(
  transaction: DatabaseTransaction,
  id: string,
  lock = false,
): Promise<EntryNumber | undefined> {
  if (lock) await transaction.selectFrom('numbers').select('id').where('id', '=', id).forUpdate().execute();
  const row = await selectNumbers(transaction).where('n.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : numberOf(row);
}

const violations = (number: string) =>
  onConstraint({ numbers_tenant_id_number_key: () => nameTaken('number', number, 'entry') });

async function columnsOf(transaction: DatabaseTransaction, input: EntryNumberInput) {
  const number = canonicalNumber(input.number);
  if (input.target.kind === 'flow') {
    const { flowId } = input.target;
    const flow = await transaction
      .selectFrom('flows')
      .select('id')
      .where('id', '=', flowId)
      .where('version', 'is not', null)
      .where('archived_at', 'is', null)
      .executeTakeFirst();
    if (flow === undefined) throw unknownReference('target.flowId', flowId, 'published flow');
    return { number, target: storedTarget({ flowId }) };
  }
  if (input.target.kind === 'rules') return { number, target: storedTarget('rules') };
  if ('language' in input.target) return { number, target: storedTarget(input.target) };
  const { queueId } = input.target;
  const queue = await transaction
    .selectFrom('queues')
    .select('id')
    .where('id', '=', queueId)
    .executeTakeFirst();
  if (queue === undefined) throw unknownReference('target.queueId', queueId, 'queue');
  return { number, target: storedTarget({ queueId }) };
}

/** Whoever dials what is both would reach the number, and the agent nobody. */
async function requireNoExtension(
  transaction: DatabaseTransaction,
  { number }: EntryNumberInput,
): Promise<void> {
  const agent = await transaction
    .selectFrom('agents')
    .select('user_id')
    .where('extension', '=', canonicalNumber(number))
    .executeTakeFirst();
  if (agent !== undefined) throw nameTaken('number', number, 'agent');
}

export async function insertNumber(
  transaction: DatabaseTransaction,
  id: string,
  tenantId: string,
  input: EntryNumberInput,
): Promise<void> {
  await requireNoExtension(transaction, input);
  await transaction
    .insertInto('numbers')
    .values({ id, tenant_id: tenantId, ...(await columnsOf(transaction, input)) })
    .execute()
    .catch(violations(input.number));
}

export async function updateNumber(
  transaction: DatabaseTransaction,
  id: string,
  input: EntryNumberInput,
  before: EntryNumber,
): Promise<void> {
  if (canonicalNumber(input.number) !== before.number) await requireNoExtension(transaction, input);
  await transaction
    .updateTable('numbers')
    .set(await columnsOf(transaction, input))
    .where('id', '=', id)
    .execute()
    .catch(violations(input.number));
}

export async function deleteNumber(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('numbers').where('id', '=', id).execute();
}

/** The numbers that lead to a target of that kind. */
export async function numbersTo(
  transaction: DatabaseTransaction,
  kind: SpokenTarget['kind'],
): Promise<string[]> {
  const rows = await transaction
    .selectFrom('numbers')
    .select('number')
    .where(sql<string>`target ->> 'kind'`, '=', kind)
    .orderBy('number')
    .execute();
  return rows.map(({ number }) => number);
}
