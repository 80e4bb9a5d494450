import type { AuditEntry, AuditPage, AuditQuery } from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import { anyHolds, keysetPage } from '../../http/index.ts';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';

type Query = z.output<typeof AuditQuery>;

/** The person whom an act was about, or whose work it was about, as that person is called now. */
const personName = sql<string | null>`(
  select p.name from users as p
  where p.id::text = coalesce(a.after ->> 'agentId', a.before ->> 'agentId', a.subject_id)
)`;

/** One page of the audit log, newest first unless asked otherwise. */
export async function listAudit(
  transaction: DatabaseTransaction,
  query: Query,
): Promise<z.output<typeof AuditPage>> {
  let select = transaction
    .selectFrom('audit_log as a')
    .leftJoin('users as u', 'u.id', 'a.actor_user_id')
    .select(['a.id', 'a.at', 'a.actor_kind', 'a.actor_user_id', 'a.action', 'a.subject_type', 'a.subject_id'])
    .select(['a.before', 'a.after', 'u.name as actor_name', personName.as('person_name')])
    .select(sql<string | null>`host(a.ip)`.as('ip'))
    .where(ofTenant('a'));
  if (query.actorUserId !== undefined) select = select.where('a.actor_user_id', '=', query.actorUserId);
  if (query.action !== undefined) select = select.where('a.action', 'in', query.action);
  if (query.subjectType !== undefined) select = select.where('a.subject_type', 'in', query.subjectType);
  if (query.subjectId !== undefined) select = select.where('a.subject_id', '=', query.subjectId);
  if (query.from !== undefined) select = select.where('a.at', '>=', new Date(query.from));
  if (query.to !== undefined) select = select.where('a.at', '<', new Date(query.to));
  if (query.search)
    select = select.where(
      anyHolds(query.search, [
        'a.action',
        'a.subject_type',
        'a.subject_id',
        'u.name',
        personName,
        sql`a.before::text`,
        sql`a.after::text`,
      ]),
    );
  const page = await keysetPage(select, {
    sort: query.sort,
    keys: [
      { expression: sql.ref('a.at'), type: 'timestamptz' },
      { expression: sql.ref('a.id'), type: 'uuid' },
    ],
    limit: query.limit,
    cursor: query.cursor,
  });
  const items = page.items.map(
    (row): AuditEntry => ({
      id: row.id,
      at: row.at.toISOString(),
      actor: {
        kind: row.actor_kind as AuditEntry['actor']['kind'],
        userId: row.actor_user_id as AuditEntry['actor']['userId'],
        name: row.actor_name,
      },
      action: row.action,
      subjectType: row.subject_type,
      subjectId: row.subject_id,
      personName: row.person_name,
      before: row.before,
      after: row.after,
      ip: row.ip,
    }),
  );
  return { items, nextCursor: page.nextCursor };
}
