import { setImmediate } from 'node:timers/promises';
import { Problem } from '@crosspoint/contracts';
import fastifySwagger from '@fastify/swagger';
import type { FastifySchema, RouteOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { type Api, API_PREFIX } from './context.ts';

const PROBLEM_RESPONSE = {
  description: 'The request was refused; `code` says why.',
  content: { 'application/problem+json': { schema: Problem } },
};

const OPENAPI_VERSION = '3.1.0';
type Described = ReturnType<typeof jsonSchemaTransform>;

/** Describes every route under the API's prefix from the schemas that it checks with, as OpenAPI 3.1. */
export async function registerOpenApi(app: Api, version: string): Promise<void> {
  const routes: RouteOptions[] = [];
  const described = new Map<FastifySchema, Described>();
  await app.register(fastifySwagger, {
    openapi: {
      openapi: OPENAPI_VERSION,
      info: {
        title: 'Crosspoint',
        version,
        description:
          'The HTTP interface of the contact centre. Errors are RFC 9457 problems with a stable code.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as never,
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'crosspoint_session' },
          apiKey: { type: 'http', scheme: 'bearer' },
        },
      },
      security: [{ session: [] }, { apiKey: [] }],
    },
    transform: (route) => described.get(route.schema) ?? jsonSchemaTransform(route),
  });
  app.addHook('onRoute', (route) => {
    routes.push(route);
    if (!route.url.startsWith(API_PREFIX)) {
      route.schema = { ...route.schema, hide: true };
      return;
    }
    const { permission } = route.config ?? {};
    const documented: FastifySchema & { 'x-permission': string | undefined } = {
      ...route.schema,
      'x-permission': permission,
      response: { ...(route.schema?.response as object | undefined), default: PROBLEM_RESPONSE },
      ...(permission === 'public'
        ? { security: [] }
        : {
            description: [route.schema?.description, `Needs \`${permission}\`.`].filter(Boolean).join('\n\n'),
          }),
    };
    route.schema = documented;
  });
  /** A route at a time: made in one go it would hold up calls for more than half a second. */
  const write = async (): Promise<string> => {
    for (const route of routes) {
      const { schema, url } = route;
      if (schema === undefined || schema.hide === true) continue;
      const openapiObject = { openapi: OPENAPI_VERSION };
      described.set(schema, jsonSchemaTransform({ schema, url, route, openapiObject }));
      await setImmediate();
    }
    const withRoutes = { openapiObject: app.swagger() } as Parameters<typeof jsonSchemaTransformObject>[0];
    described.clear();
    await setImmediate();
    const document = jsonSchemaTransformObject(withRoutes);
    await setImmediate();
    return JSON.stringify(withoutUnused(document));
  };
  let written: Promise<string> | undefined;
  app.get(
    `${API_PREFIX}/openapi.json`,
    { config: { permission: 'public' }, schema: { hide: true } },
    async (_request, reply) => {
      written ??= write();
      return reply.type('application/json').send(await written);
    },
  );
}

const REFERENCE = /"#\/components\/schemas\/([^"]+)"/g;

/** Every schema with a name is offered for requests and for answers; only those that something refers to are shown. */
function withoutUnused<Document extends object>(document: Document): Document {
  const { components, ...rest } = document as { components?: { schemas?: Record<string, unknown> } };
  const schemas = components?.schemas ?? {};
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(REFERENCE)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name] ?? null);
    }
  };
  follow(rest);
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return { ...document, components: { ...components, schemas: kept } };
}
