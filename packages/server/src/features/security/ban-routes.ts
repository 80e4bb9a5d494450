import { Ban, type Ban as BanModel, BanInput, BanPage, BanQuery } from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type BanEntry,
  type LineDefence,
  parseNetwork,
  removeBan,
  sourceOf,
  writeBan,
} from '../../carriers/sip/index.ts';
import {
  type Api,
  type ApiContext,
  HttpProblem,
  IdParams,
  notFound,
  pageOfArray,
  principalOf,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import type { DefenceOf } from './door.ts';

const tags = ['security'];
const hostBits = 128;

/** Who is banned: listed, banned by hand, lifted. */
export function registerBans(api: Api, context: ApiContext, defenceOf: DefenceOf): void {
  registerReading(api, defenceOf);
  registerEditing(api, context, defenceOf);
}

function registerReading(api: Api, defenceOf: DefenceOf): void {
  api.get(
    '/security/bans',
    {
      config: { permission: 'security.read' },
      schema: { summary: 'List bans', tags, querystring: BanQuery, response: { 200: BanPage } },
    },
    async (request) => {
      const { limit, cursor, search, reason } = request.query;
      const text = search?.toLowerCase() ?? '';
      const found = defenceOf(request)
        .bans()
        .map(banOf)
        .filter((ban) => reason === undefined || reason.includes(ban.reason))
        .filter(({ source, username, note }) =>
          `${source} ${username ?? ''} ${note}`.toLowerCase().includes(text),
        );
      return pageOfArray(found, ({ id }) => id, { limit, cursor });
    },
  );
}

function registerEditing(api: Api, { database }: ApiContext, defenceOf: DefenceOf): void {
  api.post(
    '/security/bans',
    {
      config: { permission: 'security.write' },
      schema: { summary: 'Ban a source, or one user of it', tags, body: BanInput, response: { 201: Ban } },
    },
    async (request, reply) => {
      const defence = defenceOf(request);
      const { tenantId } = principalOf(request);
      const { username, seconds, note } = request.body;
      const source = bannableSource(request.body.source, defence);
      const entry = defence.draft(source, username ?? undefined, seconds, note);
      const ban = banOf(entry);
      await database.inTenant(tenantId, async (transaction) => {
        await writeBan(transaction, tenantId, entry);
        await recordChange(transaction, request, 'ban.created', ban.id, { after: ban });
      });
      defence.enforce(entry);
      return reply.code(201).send(ban);
    },
  );

  api.delete(
    '/security/bans/:id',
    {
      config: { permission: 'security.write' },
      schema: { summary: 'Lift a ban', tags, params: IdParams, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const defence = defenceOf(request);
      const entry = defence.bans().find((ban) => ban.id === id);
      if (entry === undefined) throw notFound('ban', id);
      await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        await removeBan(transaction, id);
        await recordChange(transaction, request, 'ban.lifted', id, { before: banOf(entry) });
      });
      defence.lift(id);
      return reply.code(204).send(null);
    },
  );
}

function banOf(entry: BanEntry): BanModel {
  const { createdAtMs, untilMs, username, isStored: _isStored, ...ban } = entry;
  return {
    ...ban,
    username: username ?? null,
    createdAt: new Date(createdAtMs).toISOString(),
    until: Number.isFinite(untilMs) ? new Date(untilMs).toISOString() : null,
  };
}

/** What a ban is counted by. @throws {HttpProblem} for a network, and for what is never banned. */
function bannableSource(text: string, defence: LineDefence): string {
  const network = parseNetwork(text);
  const refuse = (message: string, remedy: string) =>
    new HttpProblem('validation-failed', `source ${message}. ${remedy}`, {
      errors: [{ path: 'source', value: text, message, remedy }],
    });
  if (network === undefined) throw refuse('is no IP address', 'Give one such as 192.0.2.10.');
  const [address = ''] = network.text.split('/');
  const source = sourceOf(address);
  if (network.length !== hostBits && network.text !== source)
    throw refuse('is a network', 'Add a rule that denies it instead.');
  if (defence.isExempt(address))
    throw refuse(
      'is never banned: it is an own address, a trunk, or allowed by a rule',
      'Change the trunk or the rule first.',
    );
  return source;
}
