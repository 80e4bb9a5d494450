import { AuditPage, AuditQuery } from '@crosspoint/contracts';
import { type ApiContext, principalOf, type Routes } from '../../http/index.ts';
import { listAudit } from './repo.ts';

export function auditRoutes({ database }: ApiContext): Routes {
  return (api) => {
    api.get(
      '/audit',
      {
        config: { permission: 'audit.read' },
        schema: {
          summary: 'List what was changed, by whom, before and after',
          tags: ['audit'],
          querystring: AuditQuery,
          response: { 200: AuditPage },
        },
      },
      (request) =>
        database.inTenant(principalOf(request).tenantId, (transaction) =>
          listAudit(transaction, request.query),
        ),
    );
  };
}
