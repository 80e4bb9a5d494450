import { STREAM_CLOSE } from '@crosspoint/contracts';
import fastifyCookie from '@fastify/cookie';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifyUnderPressure from '@fastify/under-pressure';
import fastifyWebsocket from '@fastify/websocket';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { newId } from '../platform/index.ts';
import { type Authenticate, registerAccess } from './access.ts';
import { noteAddresses } from './addresses.ts';
import { registerConsole } from './console.ts';
import { type Api, API_PREFIX, type Routes } from './context.ts';
import { handleError, refuseUnstorable } from './error-handler.ts';
import { createMetrics, type ReadinessProbe, registerHealth } from './health.ts';
import { registerIdempotency } from './idempotency.ts';
import { registerOpenApi } from './openapi.ts';
import { PrincipalCache } from './principal-cache.ts';
import { HttpProblem } from './problem.ts';
import { registerLocations } from './locations.ts';
import { registerReadBack } from './read-back.ts';
import { registerSecurity } from './security.ts';
import { socketFailed } from './socket-errors.ts';
import { registerStrictQueries } from './strict-queries.ts';
import { registerJsonBody } from './text-bodies.ts';

export interface HttpServerOptions {
  readonly log: FastifyBaseLogger;
  readonly version: string;
  readonly now: () => number;
  readonly authenticate: Authenticate;
  readonly probe: ReadinessProbe;
  /** Folder of the built console. */
  readonly consoleDir: string;
  /** The routes of each feature. */
  readonly features: readonly Routes[];
  /** So late may the event loop be before requests are refused; 0: however late. A second unless given. */
  readonly eventLoopDelayMaxMs?: number;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The Prometheus registry behind `/metrics`; other parts add their figures to it. */
    metrics: Registry;
  }
}

const BODY_BYTES_MAX = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;
/** Call-IDs of carriers are the longest of what addresses name. */
const PARAM_LENGTH_MAX = 255;
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** The longest SIP message; the stream has a lower limit of its own. */
const SOCKET_MESSAGE_BYTES_MAX = 65_535;
const SOCKET_CLOSE_TIMEOUT_MS = 1000;
const RATE_WINDOW_MS = 10_000;
/** Far above what a busy console or script needs; it stops a runaway loop. */
const RATE_REQUESTS_MAX = 10_000;
const ACCESS_ADDRESSES =
  /^\/(auth|users|agents|api-keys|roles|sessions|teams|configuration)\b(?!.*\/status$)/;
const EVENT_LOOP_DELAY_MAX_MS = 1000;
const PRESSURE_GRACE_MS = 5000;
const PRESSURE_RETRY_SECONDS = 5;
/**
 * The control process may be busy with calls for a moment; only a lasting jam refuses requests. Were a sample as long as the delay
 * that is too much, a single stall of that length would fill it.
 */
const PRESSURE_SAMPLE_MS = 5000;

/** Builds the HTTP server with everything that is the same for all features. It does not listen yet. */
export async function buildHttpServer(options: HttpServerOptions): Promise<Api> {
  const app: Api = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    // A proxy on this machine may say who it speaks for; nobody else is believed.
    trustProxy: 'loopback',
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    genReqId: () => newId(),
    requestIdHeader: false,
    forceCloseConnections: true,
    // Addresses that no route is looked up for; without this they get an answer that is no problem document.
    frameworkErrors: (error, request, reply) => {
      handleError(error, request, reply);
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAM_LENGTH_MAX },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  registerJsonBody(app);
  app.addHook('preValidation', async (request) => refuseUnstorable(request));
  registerReadBack(app);
  registerStrictQueries(app);
  registerLocations(app);
  const methodsOf = noteAddresses(app);
  app.decorate('metrics', createMetrics(app));
  await registerSecurity(app);
  await app.register(fastifyCookie);
  await registerLimits(app, options.eventLoopDelayMaxMs ?? EVENT_LOOP_DELAY_MAX_MS);
  await app.register(fastifyWebsocket, {
    options: {
      maxPayload: SOCKET_MESSAGE_BYTES_MAX,
      // RFC 7118 §4.1: SIP wherever a client offers it among others; else the first one, as the library does.
      handleProtocols: (offered) => (offered.has('sip') ? 'sip' : ([...offered][0] ?? false)),
    },
    preClose: closeSockets,
    errorHandler: socketFailed,
  });
  const principals = new PrincipalCache(options.authenticate, options.now);
  registerAccess(app, principals.authenticate);
  app.addHook('onSend', async ({ method, routeOptions: { url = '' } }) => {
    if (method !== 'GET' && method !== 'HEAD') principals.forget(mayEndSessions(url));
  });
  registerIdempotency(app, options.now);
  await registerOpenApi(app, options.version);
  registerHealth(app, options.probe, app.metrics);
  for (const feature of options.features) await app.register(feature, { prefix: API_PREFIX });
  await registerConsole(app, options.consoleDir, methodsOf);
  return app;
}

/** Whether a change at that address may end a session, or let somebody do less. Signing in ends none. */
function mayEndSessions(url: string): boolean {
  const path = url.slice(API_PREFIX.length);
  return ACCESS_ADDRESSES.test(path) && path !== '/auth/login';
}

/** Tells every client that the server stops; one that does not answer is not waited for. */
function closeSockets(this: FastifyInstance, done: () => void): void {
  const { websocketServer, server } = this;
  server.removeAllListeners('upgrade');
  for (const client of websocketServer.clients) client.close(STREAM_CLOSE.stopping, 'The server stops.');
  const impatience = setTimeout(() => {
    for (const client of websocketServer.clients) client.terminate();
  }, SOCKET_CLOSE_TIMEOUT_MS);
  websocketServer.close(() => clearTimeout(impatience));
  done();
}

async function registerLimits(app: Api, maxEventLoopDelay: number): Promise<void> {
  const beganAt = performance.now();
  await app.register(fastifyUnderPressure, {
    maxEventLoopDelay,
    sampleInterval: PRESSURE_SAMPLE_MS,
    exposeStatusRoute: false,
    pressureHandler: ({ url }) => {
      // A page that misses one of its scripts is broken until it is loaded again; whoever watches the server asks how it is.
      if (!url.startsWith(`${API_PREFIX}/`)) return undefined;
      // The start itself blocks the loop, which says nothing about what the server can bear.
      if (performance.now() - beganAt < PRESSURE_GRACE_MS) return undefined;
      const detail = 'The server is overloaded; try again in a few seconds.';
      return Promise.reject(
        new HttpProblem('overloaded', detail, { retryAfterSeconds: PRESSURE_RETRY_SECONDS }),
      );
    },
  });
  await app.register(fastifyRateLimit, {
    global: true,
    max: RATE_REQUESTS_MAX,
    timeWindow: RATE_WINDOW_MS,
    cache: 10_000,
    // Of a client that has gone before its turn no address is known any more; it is answered nothing either.
    keyGenerator: ({ ip }) => ip ?? '',
    errorResponseBuilder: (_request: unknown, context: { ttl: number; max: number }) => {
      const retryAfterSeconds = Math.max(1, Math.ceil(context.ttl / 1000));
      const detail = `More than ${context.max} requests came from this address. Ask again in ${retryAfterSeconds} s, and less often.`;
      return new HttpProblem('rate-limited', detail, { retryAfterSeconds });
    },
  });
}
