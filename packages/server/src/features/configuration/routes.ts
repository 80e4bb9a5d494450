import { ConfigurationApplyInput, ConfigurationDocument, ConfigurationResult } from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  HttpProblem,
  principalOf,
  requireBeyondTeams,
  registerTextBody,
  type Routes,
  yamlTypes,
} from '../../http/index.ts';
import { actorOf, recordChange } from '../audit/index.ts';
import { toYaml } from './export.ts';
import { applyConfiguration, exportConfiguration } from './service.ts';

const DOCUMENT_BYTES_MAX = 6_000_000;
const tags = ['configuration'];

/** The configuration as one document: read it, apply it. */
export function configurationRoutes(context: ApiContext): Routes {
  return async (api) => {
    registerExport(api, context);
    // In a scope of its own, so that no other route takes YAML.
    await api.register(async (scope) => {
      registerTextBody(scope, yamlTypes, (document) => ({ document }));
      registerApply(scope, context);
    });
  };
}

function registerExport(api: Api, { database }: ApiContext): void {
  api.get(
    '/configuration',
    {
      config: { permission: 'configuration.read' },
      schema: {
        summary: 'The configuration as one document, without secrets',
        description:
          'YAML for `Accept: application/yaml`, JSON otherwise. Applied again, it changes nothing.',
        tags,
        response: {
          200: {
            description: 'The document',
            content: {
              'application/json': { schema: ConfigurationDocument },
              'application/yaml': { schema: z.string() },
            },
          },
        },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      requireBeyondTeams(principal);
      const { tenantId } = principal;
      const asYaml = wantsYaml(request);
      const document = await exportConfiguration({ database, tenantId });
      await database.inTenant(tenantId, (transaction) =>
        recordChange(transaction, request, 'configuration.exported', null),
      );
      if (!asYaml) return document;
      return reply
        .type('application/yaml; charset=utf-8')
        .header('content-disposition', 'attachment; filename="crosspoint.yaml"')
        .serializer((payload: unknown) => String(payload))
        .send(toYaml(document));
    },
  );
}

/** YAML when it is asked for by name. @throws {HttpProblem} `not-acceptable` when nothing that we have is wanted. */
function wantsYaml(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? '*/*';
  if (yamlTypes.some((type) => accept.includes(type))) return true;
  if (['application/json', 'application/*', '*/*'].some((type) => accept.includes(type))) return false;
  throw new HttpProblem('not-acceptable', 'Ask for application/yaml or application/json.');
}

function registerApply(api: Api, context: ApiContext): void {
  api.post(
    '/configuration',
    {
      config: { permission: 'configuration.write' },
      bodyLimit: DOCUMENT_BYTES_MAX,
      schema: {
        summary: 'Bring the configuration to what a document says',
        description:
          'All of it or nothing; applied twice, the second time changes nothing. The body is `{document, dryRun}`, or ' +
          'the YAML itself as `application/yaml` with `?dryRun=true`. What the document does not name stays as it is.',
        tags,
        querystring: z.strictObject({ dryRun: z.enum(['true', 'false']).optional() }),
        body: ConfigurationApplyInput,
        response: { 200: ConfigurationResult },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      requireBeyondTeams(principal);
      const { tenantId, held } = principal;
      const outcome = await applyConfiguration({
        database: context.database,
        tenantId,
        dataDir: context.settings.dataDir,
        actor: actorOf(request),
        held,
        text: request.body.document,
        dryRun: request.body.dryRun || request.query.dryRun === 'true',
      });
      if (!outcome.ok) {
        const [first] = outcome.errors;
        const detail = `Nothing was applied: ${outcome.errors.length} error(s), the first in line ${first?.line}: ${`${first?.path} ${first?.message}`.trim()}.`;
        throw new HttpProblem('configuration-invalid', detail, { errors: outcome.errors });
      }
      if (!outcome.result.dryRun && outcome.result.changes.length > 0) {
        context.accessChanged?.((principal) => principal.tenantId === tenantId);
        await applyToCentre(context, tenantId);
      }
      return outcome.result;
    },
  );
}
