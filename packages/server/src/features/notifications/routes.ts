import {
  type Alert,
  AlertDelivery,
  AlertDeliveryPage,
  AlertDeliveryQuery,
  AlertTarget,
  AlertTargetId,
  AlertTargetInput,
  AlertTargetPage,
  DeliveryOutcome,
  type QueueId,
  WebhookSecret,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  HttpProblem,
  IdParams,
  notFound,
  principalOf,
  requireTimeZone,
  type Routes,
} from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { findNamed, namedRoutes } from '../named/index.ts';
import { registerMailServer } from './mail-server-routes.ts';
import { findDelivery, listDeliveries, requeue, targetOf } from './repo.ts';
import type { NotificationService } from './service.ts';

const tags = ['notifications'];
const Params = z.strictObject({ id: AlertTargetId });

/** Where alerts are sent to by mail and webhook, and what became of each message. */
export function notificationRoutes(context: ApiContext, service: NotificationService): Routes {
  const targets = namedRoutes(context, {
    ...{ table: 'alert_targets', path: '/alert-targets', subject: 'alert-target', tag: 'notifications' },
    permissions: { read: 'notifications.read', write: 'notifications.write' },
    ...{ input: AlertTargetInput, item: AlertTarget, page: AlertTargetPage },
    renamable: true,
    judge: (_principal, rows) => {
      for (const { to } of rows.map(targetOf)) {
        if (to.kind === 'mail') requireTimeZone('to.timeZone', to.timeZone);
      }
    },
    usedBy: async () => undefined,
    changed: async () => service.wake(),
    show: async (_transaction, rows) => rows.map(targetOf),
  });
  return async (api) => {
    api.addHook('preClose', async () => service.close());
    await targets(api);
    registerTarget(api, context, service);
    registerDeliveries(api, context, service);
    registerMailServer(api, context, () => service.box);
  };
}

function registerTarget(api: Api, context: ApiContext, service: NotificationService): void {
  const { database } = context;
  const find = async (request: Parameters<typeof principalOf>[0], id: AlertTargetId) => {
    const row = await database.inTenant(principalOf(request).tenantId, (transaction) =>
      findNamed(transaction, 'alert_targets', id),
    );
    if (row === undefined) throw notFound('alert-target', id);
    return targetOf(row);
  };
  api.post(
    '/alert-targets/:id/test',
    {
      config: { permission: 'notifications.write', idempotent: false },
      schema: {
        summary: 'Send a made-up alert to a target at once',
        ...{ tags, params: Params, response: { 200: DeliveryOutcome } },
      },
    },
    async (request) => {
      const target = await find(request, request.params.id);
      const alert = sampleAlert(context.now(), principalOf(request).tenantId);
      const sent = await service.send(target, { id: newId(), event: 'raised', alert });
      return sent.ok ? { delivered: true, error: null } : { delivered: false, error: sent.error };
    },
  );
  api.post(
    '/alert-targets/:id/secret',
    {
      config: { permission: 'notifications.write', idempotent: false },
      schema: {
        summary: 'Give a webhook another secret; the answer shows it once',
        ...{ tags, params: Params, response: { 200: WebhookSecret } },
      },
    },
    async (request) => {
      const target = await find(request, request.params.id);
      if (target.to.kind !== 'webhook') {
        throw new HttpProblem('command-refused', 'Only webhooks are signed; this target gets mail.');
      }
      const secret = await service.renewSecret(target.id);
      await database.inTenant(principalOf(request).tenantId, (transaction) =>
        recordChange(transaction, request, 'alert-target.secret-renewed', target.id),
      );
      return { secret };
    },
  );
}

function registerDeliveries(api: Api, context: ApiContext, service: NotificationService): void {
  const { database, now } = context;
  api.get(
    '/alert-deliveries',
    {
      config: { permission: 'notifications.read' },
      schema: {
        summary: 'List messages about alerts, newest first',
        ...{ tags, querystring: AlertDeliveryQuery, response: { 200: AlertDeliveryPage } },
      },
    },
    (request) => {
      const { tenantId, scope } = principalOf(request);
      return database.inTenant(tenantId, (transaction) => listDeliveries(transaction, request.query, scope));
    },
  );
  api.post(
    '/alert-deliveries/:id/retry',
    {
      config: { permission: 'notifications.write' },
      schema: {
        summary: 'Try a message that was not delivered again, from the beginning',
        ...{ tags, params: IdParams, response: { 200: AlertDelivery } },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { tenantId, scope } = principalOf(request);
      const delivery = await database.inTenant(tenantId, async (transaction) => {
        if ((await findDelivery(transaction, id, scope)) === undefined) throw notFound('delivery', id);
        const isQueued = await requeue(transaction, id, new Date(now()));
        const found = await findDelivery(transaction, id, scope);
        if (found === undefined) throw notFound('delivery', id);
        if (!isQueued) throw new HttpProblem('command-refused', 'This message was delivered already.');
        await recordChange(transaction, request, 'alert-delivery.retried', id);
        return found;
      });
      service.wake();
      return delivery;
    },
  );
}

/** As if five callers waited, and two were allowed. */
function sampleAlert(now: number, tenantId: string): Alert {
  return {
    ...{ id: newId() as Alert['id'], queueId: tenantId as unknown as QueueId, queueName: 'Test' },
    ...{ agentId: null, agentName: null, ruleId: null, ruleName: null },
    ...{ kind: 'waiting', value: 5, worst: 5, threshold: 2, raisedAt: new Date(now).toISOString() },
    ...{ clearedAt: null, acknowledgedAt: null, acknowledgedBy: null, note: '' },
  };
}
