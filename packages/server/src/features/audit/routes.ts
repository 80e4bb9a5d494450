import { AuditPage, AuditQuery } from '@crosspoint/contracts';
import { type ApiContext, principalOf, requireBeyondTeams, type Routes } from '../../http/index.ts';
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
      (request) => {
        const principal = principalOf(request);
        requireBeyondTeams(principal);
        return database.inTenant(principal.tenantId, (transaction) => listAudit(transaction, request.query));
      },
    );
  };
}
