import {
  Alert,
  AlertAcknowledgement,
  AlertId,
  AlertPage,
  AlertQuery,
  AlertRule,
  AlertRuleInput,
  AlertRulePage,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  notFound,
  principalOf,
  type Routes,
  unknownReference,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { namedRoutes } from '../named/index.ts';
import { acknowledgeAlert, findAlert, listAlerts, ruleOf, ruleWithin, unknownTeams } from './repo.ts';
import type { AlertService } from './service.ts';

const tags = ['alerts'];

/** What is and was wrong with queues and agents, who has seen it, and by which rules it is found of agents. */
export function alertRoutes(context: ApiContext, service: AlertService): Routes {
  const rules = namedRoutes(context, {
    ...{ table: 'alert_rules', path: '/alert-rules', subject: 'alert-rule', tag: 'alerts' },
    permissions: { read: 'alerts.read', write: 'alerts.write' },
    ...{ input: AlertRuleInput, item: AlertRule, page: AlertRulePage },
    renamable: true,
    usedBy: async () => undefined,
    within: ruleWithin,
    changed: async () => service.configurationChanged(),
    stored: async (transaction, row) => {
      const { teamIds } = ruleOf(row);
      const missing = (await unknownTeams(transaction, teamIds))[0];
      if (missing === undefined) return;
      throw unknownReference(`teamIds.${teamIds.findIndex((id) => id === missing)}`, missing, 'team');
    },
    show: async (_transaction, rows) => rows.map(ruleOf),
  });
  return async (api) => {
    api.addHook('preClose', async () => service.close());
    await rules(api);
    registerList(api, context);
    registerAcknowledgement(api, context, service);
  };
}

function registerList(api: Api, { database }: ApiContext): void {
  api.get(
    '/alerts',
    {
      config: { permission: 'alerts.read' },
      schema: {
        summary: 'List alerts, newest first',
        description: 'Where one has teams, those about their agents and queues.',
        ...{ tags, querystring: AlertQuery, response: { 200: AlertPage } },
      },
    },
    (request) => {
      const principal = principalOf(request);
      return database.inTenant(principal.tenantId, async (transaction) =>
        listAlerts(transaction, request.query, principal.scope),
      );
    },
  );
}

function registerAcknowledgement(api: Api, { database, now }: ApiContext, service: AlertService): void {
  api.post(
    '/alerts/:id/acknowledge',
    {
      config: { permission: 'alerts.acknowledge' },
      schema: {
        summary: 'Say that an alert was seen',
        description: 'The first acknowledgement stays; a later one changes nothing.',
        tags,
        params: z.strictObject({ id: AlertId }),
        body: AlertAcknowledgement,
        response: { 200: Alert },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { tenantId, userId } = principal;
      const { id } = request.params;
      const { note } = request.body;
      const { alert, isFirst } = await database.inTenant(tenantId, async (transaction) => {
        const { scope } = principal;
        if ((await findAlert(transaction, id, scope)) === undefined) throw notFound('alert', id);
        const first = await acknowledgeAlert(transaction, id, { userId, note, at: new Date(now()) });
        const found = await findAlert(transaction, id, scope);
        if (found === undefined) throw notFound('alert', id);
        if (first) await recordChange(transaction, request, 'alert.acknowledged', id, { after: found });
        return { alert: found, isFirst: first };
      });
      if (isFirst) service.acknowledged(alert);
      return alert;
    },
  );
}
