import {
  Trunk,
  TrunkId,
  TrunkInput,
  type TrunkLive,
  TrunkPage,
  TrunkQuery,
  type TrunkSettings,
  TrunkTest,
} from '@crosspoint/contracts';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  etagOf,
  HttpProblem,
  notFound,
  principalOf,
  requireCentre,
  requireMatch,
  type Routes,
} from '../../http/index.ts';
import { newId, SecretBox } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { trunkFaults } from './faults.ts';
import { deleteTrunk, findTrunk, insertTrunk, listTrunks, type StoredTrunk, updateTrunk } from './repo.ts';
import { changedSecrets, type Sealing, sealTrunk, trunkWithoutSecrets } from './stored.ts';

const tags = ['trunks'];
const Params = z.strictObject({ id: TrunkId });

/** SIP connections to providers. */
export function trunkRoutes(context: ApiContext): Routes {
  const opened: { box?: Sealing } = {};
  // The key is made with the first trunk that needs it, not by a look at the list.
  const box = () => (opened.box ??= SecretBox.open(context.settings.dataDir));
  return (api) => {
    registerReading(api, context);
    registerCreation(api, context, box);
    registerReplacement(api, context, box);
    registerDeletion(api, context);
    registerTest(api, context);
  };
}

/** The trunk as the API shows it. */
function trunkOf({ id, name, settings }: StoredTrunk, live: TrunkLive | undefined): Trunk {
  const { register, authentication, ...open } = settings;
  return {
    id,
    name,
    ...open,
    register:
      register === undefined
        ? null
        : {
            username: register.username,
            hasPassword: register.sealedPassword !== undefined,
            domain: register.domain ?? null,
            expirySeconds: register.expirySeconds,
          },
    authentication:
      authentication === undefined
        ? null
        : { username: authentication.username, hasPassword: authentication.sealedPassword !== undefined },
    live: live ?? null,
  };
}

/** What the editor edits; whether a password was set anew shows by its sealed form. */
const tagOf = ({ name, settings }: StoredTrunk): string => etagOf({ name, settings });
/** As the audit log keeps it. */
const logged = ({ name, settings }: StoredTrunk) => ({ name, ...trunkWithoutSecrets(settings) });

function registerReading(api: Api, { database, centreOf }: ApiContext): void {
  api.get(
    '/trunks',
    {
      config: { permission: 'trunks.read' },
      schema: { summary: 'List trunks', tags, querystring: TrunkQuery, response: { 200: TrunkPage } },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const centre = centreOf(tenantId);
      const page = await database.inTenant(tenantId, (transaction) => listTrunks(transaction, request.query));
      return {
        items: page.items.map((trunk) => trunkOf(trunk, centre?.trunk(trunk.id))),
        nextCursor: page.nextCursor,
      };
    },
  );

  api.get(
    '/trunks/:id',
    {
      config: { permission: 'trunks.read' },
      schema: { summary: 'Read a trunk', tags, params: Params, response: { 200: Trunk } },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const trunk = await database.inTenant(tenantId, (transaction) => findTrunk(transaction, id));
      if (trunk === undefined) throw notFound('trunk', id);
      return tagged(reply, trunk, centreOf(tenantId)?.trunk(id));
    },
  );
}

function registerCreation(api: Api, context: ApiContext, box: () => Sealing): void {
  api.post(
    '/trunks',
    {
      config: { permission: 'trunks.write' },
      schema: { summary: 'Add a trunk', tags, body: TrunkInput, response: { 201: Trunk } },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { name, ...wanted } = request.body;
      requireSound(wanted);
      const trunk: StoredTrunk = {
        id: newId() as TrunkId,
        name,
        settings: sealTrunk(wanted, undefined, box()),
      };
      await context.database.inTenant(tenantId, async (transaction) => {
        await insertTrunk(transaction, tenantId, trunk);
        await recordChange(transaction, request, 'trunk.created', trunk.id, { after: logged(trunk) });
      });
      await applyToCentre(context, tenantId);
      return tagged(reply.code(201), trunk, context.centreOf(tenantId)?.trunk(trunk.id));
    },
  );
}

function registerReplacement(api: Api, context: ApiContext, box: () => Sealing): void {
  api.put(
    '/trunks/:id',
    {
      config: { permission: 'trunks.write' },
      schema: {
        summary: 'Replace a trunk',
        description: 'An absent password stays as it is.',
        tags,
        params: Params,
        body: TrunkInput,
        response: { 200: Trunk },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const { name, ...wanted } = request.body;
      requireSound(wanted);
      const trunk = await context.database.inTenant(tenantId, async (transaction) => {
        const before = await findTrunk(transaction, id, true);
        if (before === undefined) throw notFound('trunk', id);
        requireMatch(request, tagOf(before));
        const after: StoredTrunk = { id, name, settings: sealTrunk(wanted, before.settings, box()) };
        await updateTrunk(transaction, after);
        const changed = changedSecrets(after.settings, before.settings);
        await recordChange(transaction, request, 'trunk.updated', id, {
          before: logged(before),
          after: { ...logged(after), ...(changed.length > 0 ? { newlySet: changed } : {}) },
        });
        return after;
      });
      await applyToCentre(context, tenantId);
      return tagged(reply, trunk, context.centreOf(tenantId)?.trunk(id));
    },
  );
}

function registerDeletion(api: Api, context: ApiContext): void {
  api.delete(
    '/trunks/:id',
    {
      config: { permission: 'trunks.write' },
      schema: { summary: 'Delete a trunk', tags, params: Params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      await context.database.inTenant(tenantId, async (transaction) => {
        const before = await findTrunk(transaction, id, true);
        if (before === undefined) throw notFound('trunk', id);
        requireMatch(request, tagOf(before));
        await deleteTrunk(transaction, id);
        await recordChange(transaction, request, 'trunk.deleted', id, { before: logged(before) });
      });
      await applyToCentre(context, tenantId);
      return reply.code(204).send(null);
    },
  );
}

function registerTest(api: Api, context: ApiContext): void {
  api.post(
    '/trunks/:id/test',
    {
      config: { permission: 'trunks.write', rateLimit: { max: 30, timeWindow: 60_000 } },
      schema: {
        summary: 'Ask a provider whether it is there',
        description: 'Sends one OPTIONS and waits for its answer, up to 32 seconds.',
        tags,
        params: Params,
        response: { 200: TrunkTest },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const trunk = await context.database.inTenant(tenantId, (transaction) => findTrunk(transaction, id));
      if (trunk === undefined) throw notFound('trunk', id);
      const result = await requireCentre(context, tenantId).testTrunk(id);
      if (result === undefined) {
        throw new HttpProblem('command-refused', 'The trunk is off. Switch it on before you test it.', {
          reason: 'trunk-off',
        });
      }
      return result;
    },
  );
}

/** @throws {HttpProblem} `validation-failed`. */
function requireSound(settings: TrunkSettings): void {
  const errors = trunkFaults(settings).map(({ path, ...fault }) => ({ path: path.join('.'), ...fault }));
  if (errors.length === 0) return;
  throw new HttpProblem('validation-failed', 'The trunk cannot work with these settings.', { errors });
}

function tagged(reply: FastifyReply, trunk: StoredTrunk, live: TrunkLive | undefined): Trunk {
  reply.header('etag', tagOf(trunk));
  return trunkOf(trunk, live);
}
