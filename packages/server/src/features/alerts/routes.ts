import { Alert, AlertAcknowledgement, AlertId, AlertPage, AlertQuery } from '@crosspoint/contracts';
import { z } from 'zod';
import { type ApiContext, notFound, principalOf, type Routes } from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { acknowledgeAlert, findAlert, listAlerts } from './repo.ts';
import type { AlertService } from './service.ts';

const tags = ['alerts'];

/** What is and was wrong with queues, and who has seen it. */
export function alertRoutes({ database, now }: ApiContext, service: AlertService): Routes {
  return (api) => {
    api.addHook('preClose', async () => service.close());
    api.get(
      '/alerts',
      {
        config: { permission: 'alerts.read' },
        schema: {
          summary: 'List alerts, newest first',
          tags,
          querystring: AlertQuery,
          response: { 200: AlertPage },
        },
      },
      (request) =>
        database.inTenant(principalOf(request).tenantId, (transaction) =>
          listAlerts(transaction, request.query),
        ),
    );
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
        const { tenantId, userId } = principalOf(request);
        const { id } = request.params;
        const { note } = request.body;
        const { alert, isFirst } = await database.inTenant(tenantId, async (transaction) => {
          const first = await acknowledgeAlert(transaction, id, { userId, note, at: new Date(now()) });
          const found = await findAlert(transaction, id);
          if (found === undefined) throw notFound('alert', id);
          if (first) await recordChange(transaction, request, 'alert.acknowledged', id, { after: found });
          return { alert: found, isFirst: first };
        });
        if (isFirst) service.acknowledged(alert);
        return alert;
      },
    );
  };
}
