import {
  type FieldError,
  type Permission,
  PageQuery,
  SearchText,
  type TenantId,
  type UserId,
} from '@crosspoint/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  boundsOf,
  etagOf,
  beyondTeams,
  HttpProblem,
  IdParams,
  notFound,
  type Principal,
  principalOf,
  requireEverything,
  requireMatch,
  type Routes,
  type TeamScope,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import type { InUse } from '../references/index.ts';
import {
  deleteNamed,
  findNamed,
  insertNamed,
  listNamed,
  type NamedFilter,
  type NamedRow,
  type NamedTable,
  updateNamed,
} from './repo.ts';

type Access = 'read' | 'write';

/** A kind of thing that is known by its name to whatever uses it, with settings in one document. */
interface NamedKind {
  table: NamedTable;
  /** `/calendars`, `calendar` in the audit log and in problems, `calendars` as the tag of the documentation. */
  path: string;
  subject: string;
  tag: string;
  permissions: { read: Permission; write: Permission };
  input: z.ZodType<{ name: string }>;
  item: z.ZodType;
  page: z.ZodType;
  /** What contradicts itself. */
  faults?: (settings: object) => FieldError[];
  /** Who uses it under this name; undefined when nobody does. */
  usedBy: (transaction: DatabaseTransaction, name: string) => Promise<InUse | undefined>;
  /** Who uses it knows it by its id, so that another name harms nobody. */
  renamable?: true;
  /** Which are a user's own, where the permission to read reaches no further. Only who may change all changes any. */
  own?: (userId: UserId) => NamedFilter;
  /** Which are in the scope of somebody's teams to be read, or to be changed; unless given they are everybody's. */
  within?: (scope: TeamScope, access: Access) => NamedFilter;
  /** Refuses what this person must not make of it: given are what it was and what it is to be. */
  judge?: (principal: Principal, rows: readonly NamedRow[]) => void;
  /** Who has to know of a change; unless given, the living centre. */
  changed?: (tenantId: TenantId, id: string) => Promise<void>;
  /** What else is stored with it, in the same transaction. */
  stored?: (transaction: DatabaseTransaction, row: NamedRow, by: Principal) => Promise<void>;
  /** As the API shows them, with what is known beside the settings. */
  show: (transaction: DatabaseTransaction, rows: readonly NamedRow[], to: Principal) => Promise<object[]>;
}

const Query = PageQuery.extend({
  search: SearchText.optional(),
  sort: z.enum(['name', '-name']).default('name'),
});

/** List, read, add, replace and delete. A thing that is in use keeps its name, and is not deleted. */
export function namedRoutes(context: ApiContext, kind: NamedKind): Routes {
  return (api) => {
    registerReading(api, context, kind);
    registerCreation(api, context, kind);
    registerReplacement(api, context, kind);
    registerDeletion(api, context, kind);
  };
}

/** The database keeps the keys of a document in an order of its own. */
const tagOf = ({ name, settings }: NamedRow): string => etagOf([name, inOrder(settings)]);
const logged = ({ name, settings }: NamedRow) => ({ name, ...(settings as object) });

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, inOrder(inner)]);
}

function rowOf(id: string, { name, ...settings }: { name: string }): NamedRow {
  return { id, name, settings };
}

function registerReading(api: Api, { database }: ApiContext, kind: NamedKind): void {
  const { table, path, subject, tag, permissions } = kind;
  const tags = [tag];
  api.get(
    path,
    {
      config: { permission: permissions.read },
      schema: { summary: `List ${tag}`, tags, querystring: Query, response: { 200: kind.page } },
    },
    (request) => {
      const principal = principalOf(request);
      const filter = visibleTo(kind, principal, 'read');
      return database.inTenant(principal.tenantId, async (transaction) => {
        const { items, nextCursor } = await listNamed(transaction, table, request.query, filter);
        return { items: await kind.show(transaction, items, principal), nextCursor };
      });
    },
  );
  api.get(
    `${path}/:id`,
    {
      config: { permission: permissions.read },
      schema: { summary: `Read a ${subject}`, tags, params: IdParams, response: { 200: kind.item } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const principal = principalOf(request);
      const filter = visibleTo(kind, principal, 'read');
      return database.inTenant(principal.tenantId, async (transaction) => {
        const row = await findNamed(transaction, table, id, { filter });
        if (row === undefined) throw notFound(subject, id);
        return shown(transaction, reply, kind, row, principal);
      });
    },
  );
}

/** What a principal reaches by the permission of `as`, to read it or to change it. */
function visibleTo(
  { permissions, own, within }: NamedKind,
  principal: Principal,
  as: Access,
  access: Access = as,
): NamedFilter {
  const { owner, scope } = boundsOf(principal, permissions[as]);
  if (owner !== undefined) return own?.(owner);
  return scope === undefined ? undefined : within?.(scope, access);
}

/**
 * What other teams have to do with is read at most, and nobody hands something to them, before whose own eyes it would vanish.
 *
 * @throws {HttpProblem} `forbidden`.
 */
async function requireWithin(
  transaction: DatabaseTransaction,
  kind: NamedKind,
  id: string,
  principal: Principal,
): Promise<void> {
  const filter = visibleTo(kind, principal, 'write');
  if (filter === undefined) return;
  if ((await findNamed(transaction, kind.table, id, { filter })) !== undefined) return;
  throw beyondTeams(
    `This ${kind.subject} concerns other teams than yours. Keep it to your own, or let somebody do it who reaches all teams.`,
  );
}

/** The one that is to be changed. @throws {HttpProblem} `not-found`, or `forbidden`. */
async function changeable(
  transaction: DatabaseTransaction,
  kind: NamedKind,
  id: string,
  principal: Principal,
): Promise<NamedRow> {
  const filter = visibleTo(kind, principal, 'write', 'read');
  const row = await findNamed(transaction, kind.table, id, { lock: true, filter });
  if (row === undefined) throw notFound(kind.subject, id);
  await requireWithin(transaction, kind, id, principal);
  return row;
}

function registerCreation(api: Api, context: ApiContext, kind: NamedKind): void {
  const { table, path, subject, tag, permissions, input } = kind;
  api.post(
    path,
    {
      config: { permission: permissions.write },
      schema: { summary: `Add a ${subject}`, tags: [tag], body: input, response: { 201: kind.item } },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      requireEverything(principal, permissions.write);
      const { tenantId } = principal;
      const row = rowOf(newId(), request.body);
      requireSound(kind, row);
      kind.judge?.(principal, [row]);
      const created = await context.database.inTenant(tenantId, async (transaction) => {
        await insertNamed(transaction, table, tenantId, row, subject);
        await kind.stored?.(transaction, row, principal);
        await requireWithin(transaction, kind, row.id, principal);
        await recordChange(transaction, request, `${subject}.created`, row.id, { after: logged(row) });
        return shown(transaction, reply.code(201), kind, row, principal);
      });
      await tell(context, kind, tenantId, row.id);
      return created;
    },
  );
}

function registerReplacement(api: Api, context: ApiContext, kind: NamedKind): void {
  const { table, path, subject, tag, permissions, input } = kind;
  api.put(
    `${path}/:id`,
    {
      config: { permission: permissions.write },
      schema: {
        ...{ summary: `Replace a ${subject}`, description: replacementNote(kind) },
        ...{ tags: [tag], params: IdParams, body: input, response: { 200: kind.item } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      requireEverything(principal, permissions.write);
      const { tenantId } = principal;
      const { id } = request.params;
      const row = rowOf(id, request.body);
      requireSound(kind, row);
      const replaced = await context.database.inTenant(tenantId, async (transaction) => {
        const before = await changeable(transaction, kind, id, principal);
        requireMatch(request, tagOf(before));
        kind.judge?.(principal, [before, row]);
        if (before.name !== row.name && kind.renamable !== true)
          await requireUnused(transaction, kind, before.name);
        await updateNamed(transaction, table, row, subject);
        await kind.stored?.(transaction, row, principal);
        await requireWithin(transaction, kind, id, principal);
        const change = { before: logged(before), after: logged(row) };
        await recordChange(transaction, request, `${subject}.updated`, id, change);
        return shown(transaction, reply, kind, row, principal);
      });
      await tell(context, kind, tenantId, id);
      return replaced;
    },
  );
}

function registerDeletion(api: Api, context: ApiContext, kind: NamedKind): void {
  const { table, path, subject, tag, permissions } = kind;
  api.delete(
    `${path}/:id`,
    {
      config: { permission: permissions.write },
      schema: { summary: `Delete a ${subject}`, tags: [tag], params: IdParams, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      requireEverything(principal, permissions.write);
      const { tenantId } = principal;
      const { id } = request.params;
      await context.database.inTenant(tenantId, async (transaction) => {
        const before = await changeable(transaction, kind, id, principal);
        requireMatch(request, tagOf(before));
        await requireUnused(transaction, kind, before.name);
        await deleteNamed(transaction, table, id);
        await recordChange(transaction, request, `${subject}.deleted`, id, { before: logged(before) });
      });
      await tell(context, kind, tenantId, id);
      return reply.code(204).send(null);
    },
  );
}

const replacementNote = ({ renamable }: NamedKind): string =>
  renamable === true ? 'Whoever uses it follows at once.' : 'What is in use keeps its name.';

const tell = (context: ApiContext, kind: NamedKind, tenantId: TenantId, id: string): Promise<void> =>
  kind.changed?.(tenantId, id) ?? applyToCentre(context, tenantId);

async function shown(
  transaction: DatabaseTransaction,
  reply: FastifyReply,
  kind: NamedKind,
  row: NamedRow,
  to: Principal,
): Promise<object | undefined> {
  reply.header('etag', tagOf(row));
  const [item] = await kind.show(transaction, [row], to);
  return item;
}

/** @throws {HttpProblem} `validation-failed`. */
function requireSound({ faults, subject }: NamedKind, { settings }: NamedRow): void {
  const errors = faults?.(settings as object) ?? [];
  if (errors.length === 0) return;
  throw new HttpProblem('validation-failed', `The ${subject} cannot work with these settings.`, { errors });
}

/** @throws {HttpProblem} `in-use`. */
async function requireUnused(
  transaction: DatabaseTransaction,
  { usedBy }: NamedKind,
  name: string,
): Promise<void> {
  const used = await usedBy(transaction, name);
  if (used !== undefined) throw new HttpProblem('in-use', used.detail, { usedBy: used.usedBy });
}
