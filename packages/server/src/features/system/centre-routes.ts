import { CentreSettings } from '@crosspoint/contracts';
import {
  type ApiContext,
  applyToCentre,
  principalOf,
  requireBeyondTeams,
  requireTimeZone,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { readCentre, writeCentre } from './centre-store.ts';

const path = '/centre';
const tags = ['system'];
const response = { 200: CentreSettings };

/** What holds for the whole centre. */
export function centreRoutes(context: ApiContext): Routes {
  const { database } = context;
  return (api) => {
    api.get(
      path,
      {
        config: { permission: 'configuration.read' },
        schema: { summary: 'Read what holds for the whole centre', tags, response },
      },
      (request) => {
        const { tenantId } = principalOf(request);
        return database.inTenant(tenantId, (transaction) => readCentre(transaction, tenantId));
      },
    );
    api.put(
      path,
      {
        config: { permission: 'configuration.write' },
        schema: {
          summary: 'Change what holds for the whole centre',
          description:
            'In another time zone the day begins at another time: figures of today are counted anew.',
          ...{ tags, body: CentreSettings, response },
        },
      },
      async (request) => {
        const principal = principalOf(request);
        requireBeyondTeams(principal);
        const after = request.body;
        requireTimeZone('timeZone', after.timeZone);
        await database.inTenant(principal.tenantId, async (transaction) => {
          const before = await readCentre(transaction, principal.tenantId);
          await writeCentre(transaction, principal.tenantId, after);
          await recordChange(transaction, request, 'centre.updated', null, { before, after });
        });
        await applyToCentre(context, principal.tenantId);
        return after;
      },
    );
  };
}
