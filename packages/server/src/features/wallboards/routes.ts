import {
  Wallboard,
  type Wallboard as WallboardModel,
  WallboardId,
  WallboardInput,
  WallboardPage,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  etagOf,
  HttpProblem,
  notFound,
  type Principal,
  principalOf,
  requireMatch,
  type Routes,
  tagged,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import {
  countWallboards,
  deleteWallboard,
  findWallboard,
  insertWallboard,
  listWallboards,
  updateWallboard,
} from './repo.ts';

const tags = ['wallboards'];
const config = { permission: 'dashboard.read' } as const;
const Params = z.strictObject({ id: WallboardId });
const OWN_MAX = 50;
const SHOWN_MAX = 500;

/** What screens on the wall show. Everybody arranges the own ones, and looks at those that others share. */
export function wallboardRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerWriting(api, context);
  };
}

function registerReading(api: Api, { database }: ApiContext): void {
  api.get(
    '/wallboards',
    {
      config,
      schema: { summary: 'List the own and shared wallboards', tags, response: { 200: WallboardPage } },
    },
    async (request) => {
      const { tenantId, userId } = principalOf(request);
      const items = await database.inTenant(tenantId, (transaction) =>
        listWallboards(transaction, userId, SHOWN_MAX),
      );
      return { items, nextCursor: null };
    },
  );
  api.get(
    '/wallboards/:id',
    { config, schema: { summary: 'Read a wallboard', tags, params: Params, response: { 200: Wallboard } } },
    (request, reply) => {
      const { tenantId, userId } = principalOf(request);
      const { id } = request.params;
      return database.inTenant(tenantId, async (transaction) => {
        const board = await findWallboard(transaction, id, userId);
        if (board === undefined) throw notFound('wallboard', id);
        return tagged(reply, board);
      });
    },
  );
}

function registerWriting(api: Api, { database }: ApiContext): void {
  api.post(
    '/wallboards',
    {
      config,
      schema: { summary: 'Arrange a wallboard', tags, body: WallboardInput, response: { 201: Wallboard } },
    },
    (request, reply) => {
      const { tenantId, userId } = principalOf(request);
      const id = newId();
      return database.inTenant(tenantId, async (transaction) => {
        if ((await countWallboards(transaction, userId)) >= OWN_MAX)
          throw new HttpProblem('command-refused', `You have ${OWN_MAX} wallboards. Delete one first.`);
        await insertWallboard(transaction, { id, tenantId, userId }, request.body);
        const board = (await findWallboard(transaction, id, userId)) as WallboardModel;
        await recordChange(transaction, request, 'wallboard.created', id, { after: board });
        return tagged(reply.code(201), board);
      });
    },
  );
  api.put(
    '/wallboards/:id',
    {
      config,
      schema: {
        summary: 'Rearrange an own wallboard',
        ...{ tags, params: Params, body: WallboardInput, response: { 200: Wallboard } },
      },
    },
    (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      return database.inTenant(principal.tenantId, async (transaction) => {
        const before = await requireOwn(transaction, principal, id);
        requireMatch(request, etagOf(before));
        await updateWallboard(transaction, id, request.body);
        const after = (await findWallboard(transaction, id, principal.userId)) as WallboardModel;
        await recordChange(transaction, request, 'wallboard.updated', id, { before, after });
        return tagged(reply, after);
      });
    },
  );
  api.delete(
    '/wallboards/:id',
    {
      config,
      schema: { summary: 'Delete an own wallboard', tags, params: Params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      await database.inTenant(principal.tenantId, async (transaction) => {
        const before = await requireOwn(transaction, principal, id);
        requireMatch(request, etagOf(before));
        await deleteWallboard(transaction, id);
        await recordChange(transaction, request, 'wallboard.deleted', id, { before });
      });
      return reply.code(204).send(null);
    },
  );
}

/** One that somebody else shares is there to be looked at. @throws {HttpProblem} `not-found` or `forbidden`. */
async function requireOwn(
  transaction: DatabaseTransaction,
  { userId }: Principal,
  id: string,
): Promise<WallboardModel> {
  const board = await findWallboard(transaction, id, userId);
  if (board === undefined) throw notFound('wallboard', id);
  if (board.owner.id === userId) return board;
  throw new HttpProblem(
    'forbidden',
    `This wallboard belongs to ${board.owner.name}. Make a copy of your own.`,
  );
}
