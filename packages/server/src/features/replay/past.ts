import type { ContactId, ReplayDifference, ReplayOutcome } from '@crosspoint/contracts';
import { sql } from 'kysely';
import { contactWithin, type Scope } from '../../http/index.ts';
import { type DatabaseTransaction, ofTenant } from '../../platform/index.ts';

/** A contact of the past, decided twice. */
export type ReplayedContact = ReplayDifference;

/** Which contacts: those with a fact of this type between the instants, and where `flow` is given of this flow. */
export interface PastSpan {
  type: 'routing.decided' | 'flow.started';
  flow: string | null;
  fromMs: number;
  toMs: number;
}

/** Reads within a transaction of the tenant; each batch has one of its own, so that none lasts. */
export type Within = <Result>(work: (transaction: DatabaseTransaction) => Promise<Result>) => Promise<Result>;

/** What a subject of a replay brings. */
export interface ReplaySource {
  readonly span: PastSpan;
  /** Decides the contacts of a batch, one after the other as they are asked for. */
  decide: (within: Within, batch: readonly PastContact[]) => AsyncIterable<ReplayedContact>;
  /** Lets go of what it holds; nothing is decided any more. */
  close: () => void;
}

export interface PastContact {
  readonly contactId: ContactId;
  readonly at: Date;
  /** Of the fact that names the span. */
  readonly data: Record<string, unknown>;
  /** Of `contact.started`. */
  readonly started: { number?: string; callerPhone?: string; callerName?: string; trunk?: string };
}

const batchSize = 500;

const within = ({ type, flow, fromMs, toMs }: PastSpan) => sql`
  ${ofTenant('e')} and e.type = ${type} and e.at >= ${new Date(fromMs)} and e.at < ${new Date(toMs)}
  and (${flow}::text is null or e.data ->> 'flow' = ${flow}::text)
`;

/** Which of these contacts are in scope. */
export async function idsWithin(
  transaction: DatabaseTransaction,
  contactIds: readonly ContactId[],
  scope: Scope,
): Promise<ReadonlySet<string>> {
  if (scope === undefined) return new Set(contactIds);
  const rows = await transaction
    .selectFrom('contacts as c')
    .select('c.id')
    .where(sql<boolean>`c.id = any(${[...contactIds]}::uuid[])`)
    .where(contactWithin('c', scope))
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** The instant of the latest but so many contacts of the span, from which on they are looked at, and how many those are. */
export async function measure(
  transaction: DatabaseTransaction,
  span: PastSpan,
  contactsMax: number,
): Promise<{ fromMs: number; total: number; isCut: boolean }> {
  const { rows } = await sql<{ from: Date | null; total: string }>`
    select min(at) filter (where place <= ${contactsMax}) as "from", count(*)::text as total from (
      select e.at, row_number() over (order by e.at desc) as place
      from contact_events e where ${within(span)} order by e.at desc limit ${contactsMax + 1}
    ) latest
  `.execute(transaction);
  const found = Number(rows[0]?.total ?? 0);
  const fromMs = rows[0]?.from?.getTime() ?? span.toMs;
  return { fromMs, total: Math.min(found, contactsMax), isCut: found > contactsMax };
}

/** The contacts of the span behind that place, the earliest first. */
export async function readBatch(
  transaction: DatabaseTransaction,
  span: PastSpan,
  behind: PastContact | undefined,
): Promise<PastContact[]> {
  const place =
    behind === undefined ? sql`true` : sql`(e.at, e.contact_id) > (${behind.at}, ${behind.contactId}::uuid)`;
  const { rows } = await sql<PastContact>`
    select e.contact_id as "contactId", e.at, e.data, s.data as started
    from contact_events e join contact_events s on s.contact_id = e.contact_id and s.seq = 1
    where ${within(span)} and ${place} order by e.at, e.contact_id limit ${batchSize}
  `.execute(transaction);
  return rows;
}

/** What both sides of a difference say of a contact. */
export function replayed(
  { contactId, at, started }: PastContact,
  decided: Pick<ReplayedContact, 'version' | 'before' | 'after' | 'doubts'>,
): ReplayedContact {
  const { callerPhone: caller = '', number: dialled = '' } = started;
  return { contactId, at: at.toISOString(), caller, dialled, ...decided };
}

/** Two outcomes are the same when the contact goes to the same place; by which way is another matter. */
export function moveOf({ before, after }: Pick<ReplayedContact, 'before' | 'after'>): string | undefined {
  const place = ({ ending, target }: ReplayOutcome) => JSON.stringify([ending, target]);
  const [from, to] = [place(before), place(after)];
  return from === to ? undefined : `${from} ${to}`;
}
