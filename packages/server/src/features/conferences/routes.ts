import {
  Conference,
  ConferenceAction,
  type ConferenceId,
  ConferenceInput,
  ConferencePage,
  ConferencePartyAction,
  ConferencePins,
  type ConferenceSettings,
  ContactId,
  type FieldError,
  MadeCall,
  NumberTarget,
  type Permission,
  type TenantId,
} from '@crosspoint/contracts';
import { canonicalNumber, occurrenceAt } from '@crosspoint/core';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  boundsOf,
  HttpProblem,
  IdParams,
  notFound,
  type Principal,
  principalOf,
  reachOfPrincipal,
  requireCentre,
  type Routes,
} from '../../http/index.ts';
import { type DatabaseTransaction, SecretBox } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { findNamed, type NamedRow, namedRoutes } from '../named/index.ts';
import { drawPins, givePins, readPins } from './pins.ts';
import { conferenceFaults, conferenceNames, conferenceOf, conferenceWithin } from './settings.ts';

const tags = ['conferences'];
const PartyParams = z.strictObject({ id: z.uuid(), contactId: ContactId });

interface RouteContext extends ApiContext {
  box: () => SecretBox;
}

/** Scheduled conferences: their settings, their PINs, and who is in them now. */
export function conferenceRoutes(context: ApiContext): Routes {
  // The key is read when it is needed first, by which time the data directory is there.
  let box: SecretBox | undefined;
  const routes = { ...context, box: () => (box ??= SecretBox.open(context.settings.dataDir)) };
  const named = namedRoutes(context, {
    ...{ table: 'conferences', path: '/conferences', subject: 'conference', tag: 'conferences' },
    permissions: { read: 'conferences.read', write: 'conferences.write' },
    ...{ input: ConferenceInput, item: Conference, page: ConferencePage, renamable: true },
    own: (userId) => conferenceNames(userId, 'anybody'),
    within: conferenceWithin,
    faults: (settings) => conferenceFaults(settings as ConferenceSettings),
    usedBy: async () => undefined,
    stored: async (transaction, row, { tenantId }) => {
      await requireNumbers(transaction, conferenceOf(row));
      await givePins(transaction, tenantId, row.id, routes.box());
    },
    show: async (transaction, rows, principal) => {
      const username = await usernameOf(transaction, principal);
      return rows.map((row) => shown(context, row, { principal, username }));
    },
  });
  return async (api) => {
    await named(api);
    registerPins(api, routes);
    registerLeading(api, context);
    registerJoining(api, context);
  };
}

async function usernameOf(transaction: DatabaseTransaction, { userId }: Principal): Promise<string> {
  const row = await transaction
    .selectFrom('users')
    .select('username')
    .where('id', '=', userId)
    .executeTakeFirst();
  return row?.username ?? '';
}

function shown(
  { now, centreOf }: ApiContext,
  row: NamedRow,
  { principal, username }: { principal: Principal; username: string },
): object {
  const settings = conferenceOf(row);
  const next = occurrenceAt(settings.schedule, now());
  const live = centreOf(principal.tenantId)?.conferences.live() ?? [];
  const iso = (at: number) => new Date(at).toISOString();
  const moderates = settings.moderators.includes(username);
  const may = (permission: Permission, own: boolean) => {
    const reach = reachOfPrincipal(principal, permission);
    return reach === 'all' || (reach === 'own' && own);
  };
  return {
    ...{ id: row.id, ...settings },
    next:
      next === undefined ? null : { startsAt: iso(next.startsAt), endsAt: iso(next.endsAt), open: next.open },
    live: live.find(({ id }) => id === row.id) ?? null,
    mayModerate: may('conferences.moderate', moderates),
    mayJoin:
      principal.agentId !== null &&
      may('conferences.join', moderates || settings.participants.includes(username)),
  };
}

/** @throws {HttpProblem} `validation-failed` when callers who dial that number would not come to conferences. */
async function requireNumbers(transaction: DatabaseTransaction, settings: ConferenceSettings): Promise<void> {
  const errors: FieldError[] = [];
  for (const path of ['number', 'extension'] as const) {
    const value = settings[path];
    if (value === null) continue;
    const row = await transaction
      .selectFrom('numbers')
      .select('target')
      .where('number', '=', canonicalNumber(value))
      .executeTakeFirst();
    if (row !== undefined && NumberTarget.parse(row.target).kind === 'conferences') continue;
    const remedy = 'Choose a number that leads to conferences, or make one do so under Numbers.';
    errors.push({ path, value, message: 'is no number at which conferences answer', remedy });
  }
  if (errors.length === 0) return;
  throw new HttpProblem('validation-failed', 'Nobody could come to this conference.', { errors });
}

/** The conference, if this person may do that with it; who leads one may do more than who takes part. */
async function reachable(
  { database }: ApiContext,
  request: FastifyRequest,
  id: string,
  permission: 'conferences.moderate' | 'conferences.join',
): Promise<ConferenceSettings> {
  const principal = principalOf(request);
  const { owner, scope } = boundsOf(principal, permission);
  const as = permission === 'conferences.moderate' ? 'moderator' : 'anybody';
  const filter = owner === undefined ? scope && conferenceWithin(scope) : conferenceNames(owner, as);
  const row = await database.inTenant(principal.tenantId, (transaction) =>
    findNamed(transaction, 'conferences', id, { filter }),
  );
  if (row === undefined) throw notFound('conference', id);
  return conferenceOf(row);
}

function registerPins(api: Api, context: RouteContext): void {
  const schema = { tags, params: IdParams, response: { 200: ConferencePins } };
  const config = { permission: 'conferences.moderate' } as const;
  const read = async (tenantId: TenantId, id: string): Promise<ConferencePins> => {
    const pins = await context.database.inTenant(tenantId, (transaction) =>
      readPins(transaction, id, context.box()),
    );
    if (pins !== undefined) return pins;
    const detail = 'The PINs were sealed with a key that is gone. Draw new ones.';
    throw new HttpProblem('command-refused', detail, { reason: 'sealed-otherwise' });
  };
  api.get(
    '/conferences/:id/pins',
    {
      config,
      schema: {
        ...schema,
        summary: 'Read the PINs of a conference',
        description: 'For those who lead it. Neither a log nor a list holds them.',
      },
    },
    async (request, reply) => {
      await reachable(context, request, request.params.id, 'conferences.moderate');
      reply.header('cache-control', 'no-store');
      return read(principalOf(request).tenantId, request.params.id);
    },
  );
  api.post(
    '/conferences/:id/pins',
    { config, schema: { ...schema, summary: 'Draw new PINs; the former ones open nothing any more' } },
    async (request, reply) => {
      const { id } = request.params;
      const { name } = await reachable(context, request, id, 'conferences.moderate');
      const { tenantId } = principalOf(request);
      await context.database.inTenant(tenantId, async (transaction) => {
        await drawPins(transaction, tenantId, id, context.box());
        await recordChange(transaction, request, 'conference.pins-drawn', id, { after: { name } });
      });
      await applyToCentre(context, tenantId);
      reply.header('cache-control', 'no-store');
      return read(tenantId, id);
    },
  );
}

function registerLeading(api: Api, context: ApiContext): void {
  const config = { permission: 'conferences.moderate' } as const;
  const lead = async (
    request: FastifyRequest,
    id: string,
    act: (conferences: ReturnType<typeof requireCentre>['conferences']) => boolean,
    change: { action: string; after: object },
  ): Promise<void> => {
    await reachable(context, request, id, 'conferences.moderate');
    const { tenantId } = principalOf(request);
    if (!act(requireCentre(context, tenantId).conferences)) {
      const detail = 'Whoever is meant is not in this conference now.';
      throw new HttpProblem('command-refused', detail, { reason: 'not-in-conference' });
    }
    await context.database.inTenant(tenantId, (transaction) =>
      recordChange(transaction, request, change.action, id, { after: change.after }),
    );
  };
  api.post(
    '/conferences/:id/actions',
    {
      config,
      schema: {
        summary: 'Lock a conference, mute all its participants, record it, or end it',
        ...{ tags, params: IdParams, body: ConferenceAction, response: { 204: z.null() } },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const id = params.id as ConferenceId;
      await lead(request, id, (conferences) => conferences.act(id, body), {
        ...{ action: 'conference.led', after: body },
      });
      return reply.code(204).send(null);
    },
  );
  api.post(
    '/conferences/:id/parties/:contactId',
    {
      config,
      schema: {
        summary: 'Mute one party of a conference, or remove it',
        ...{ tags, params: PartyParams, body: ConferencePartyAction, response: { 204: z.null() } },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const id = params.id as ConferenceId;
      const act = (conferences: ReturnType<typeof requireCentre>['conferences']) =>
        conferences.actOnParty(id, params.contactId, body);
      const after = { contactId: params.contactId, ...body };
      await lead(request, id, act, { action: 'conference.party-led', after });
      return reply.code(204).send(null);
    },
  );
}

function registerJoining(api: Api, context: ApiContext): void {
  api.post(
    '/conferences/:id/join',
    {
      config: { permission: 'conferences.join' },
      schema: {
        summary: 'Join a conference without a PIN',
        description: "Rings the user's own devices; with the answer the user is in the conference.",
        ...{ tags, params: IdParams, response: { 202: MadeCall } },
      },
    },
    async (request, reply) => {
      const id = request.params.id as ConferenceId;
      const settings = await reachable(context, request, id, 'conferences.join');
      const principal = principalOf(request);
      const { tenantId, agentId } = principal;
      if (agentId === null) {
        const detail = 'Only who takes calls has devices to ring. Dial the number of the conference instead.';
        throw new HttpProblem('command-refused', detail, { reason: 'agent-unknown' });
      }
      const username = await context.database.inTenant(tenantId, (transaction) =>
        usernameOf(transaction, principal),
      );
      const role = settings.moderators.includes(username) ? 'moderator' : 'participant';
      const result = await requireCentre(context, tenantId).joinConference(agentId, id, role);
      if (!result.ok) throw new HttpProblem('command-refused', result.detail, { reason: result.code });
      const { contactId, callId } = result;
      return reply.code(202).send({ contactId, callId });
    },
  );
}
