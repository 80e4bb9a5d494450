import {
  RefusalPage,
  RefusalQuery,
  SecurityOverview,
  SecuritySettings,
  type TollUsage,
  TollUsagePage,
} from '@crosspoint/contracts';
import { type LineDefence, reportCertificates } from '../../carriers/sip/index.ts';
import {
  type Api,
  type ApiContext,
  etagOf,
  HttpProblem,
  pageOfArray,
  principalOf,
  requireMatch,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { registerBans } from './ban-routes.ts';
import type { DefenceOf } from './door.ts';
import { namesOf, storeSettings } from './repo.ts';
import { registerRules } from './rule-routes.ts';

const tags = ['security'];

/** How the SIP line defends itself: bans, rules of access, limits, and what was turned away. */
export function securityRoutes(context: ApiContext, defence: LineDefence): Routes {
  const defenceOf: DefenceOf = (request) => {
    if (principalOf(request).tenantId === defence.tenantId) return defence;
    throw new HttpProblem('unavailable', 'The SIP line of this tenant does not run here.');
  };
  return (api) => {
    registerReading(api, context, defenceOf);
    registerSettings(api, context, defenceOf);
    registerBans(api, context, defenceOf);
    registerRules(api, context, defenceOf);
  };
}

function registerReading(api: Api, { database, settings, now }: ApiContext, defenceOf: DefenceOf): void {
  api.get(
    '/security',
    {
      config: { permission: 'security.read' },
      schema: {
        summary: 'Count bans and refusals, and list the certificates in use',
        tags,
        response: { 200: SecurityOverview },
      },
    },
    async (request) => {
      const certificates = await reportCertificates(settings, now());
      return {
        ...defenceOf(request).counts(),
        certificates: certificates.map(({ expiresAt, ...report }) => ({
          ...report,
          expiresAt: expiresAt?.toISOString() ?? null,
        })),
      };
    },
  );

  api.get(
    '/security/refusals',
    {
      config: { permission: 'security.read' },
      schema: {
        summary: 'List what was turned away lately, and why',
        tags,
        querystring: RefusalQuery,
        response: { 200: RefusalPage },
      },
    },
    async (request) => {
      const { limit, cursor, search, reason } = request.query;
      const text = search?.toLowerCase() ?? '';
      const found = defenceOf(request)
        .refusals()
        .filter((entry) => reason === undefined || reason.includes(entry.reason))
        .filter(({ source, detail }) => `${source} ${detail}`.toLowerCase().includes(text))
        .map(({ atMs, firstAtMs, ...entry }) => ({
          ...entry,
          at: new Date(atMs).toISOString(),
          firstAt: new Date(firstAtMs).toISOString(),
        }));
      return pageOfArray(found, ({ id }) => id, { limit, cursor });
    },
  );

  api.get(
    '/security/outgoing',
    {
      config: { permission: 'security.read' },
      schema: {
        summary: 'List what outgoing calls have used of their limits',
        tags,
        response: { 200: TollUsagePage },
      },
    },
    async (request) => {
      const usage = defenceOf(request).usage();
      const ids = usage.map(({ id }) => id).filter((id) => id !== undefined);
      const names = await database.inTenant(principalOf(request).tenantId, (transaction) =>
        namesOf(transaction, ids),
      );
      const items: TollUsage[] = usage.map(({ id, ...account }) => ({
        ...account,
        id: id ?? null,
        name: id === undefined ? null : (names.get(id) ?? null),
      }));
      return { items, nextCursor: null };
    },
  );
}

function registerSettings(api: Api, { database }: ApiContext, defenceOf: DefenceOf): void {
  api.get(
    '/security/settings',
    {
      config: { permission: 'security.read' },
      schema: { summary: 'Read the limits', tags, response: { 200: SecuritySettings } },
    },
    async (request, reply) => {
      const { settings } = defenceOf(request);
      reply.header('etag', etagOf(settings));
      return settings;
    },
  );

  api.put(
    '/security/settings',
    {
      config: { permission: 'security.write' },
      schema: {
        summary: 'Replace the limits; what is left out has its default',
        tags,
        body: SecuritySettings,
        response: { 200: SecuritySettings },
      },
    },
    async (request, reply) => {
      const defence = defenceOf(request);
      const { tenantId } = defence;
      const before = defence.settings;
      requireMatch(request, etagOf(before));
      const after = request.body;
      await database.inTenant(tenantId, async (transaction) => {
        await storeSettings(transaction, tenantId, after);
        await recordChange(transaction, request, 'security-settings.updated', null, { before, after });
      });
      await defence.reload();
      reply.header('etag', etagOf(defence.settings));
      return defence.settings;
    },
  );
}
