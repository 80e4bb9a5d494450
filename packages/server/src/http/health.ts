import { SystemReadiness } from '@crosspoint/contracts';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import type { Api } from './context.ts';

/** Asks the parts of the server whether they work. */
export type ReadinessProbe = () => Promise<SystemReadiness>;

/** `/healthz` (the process lives), `/readyz` (every part works) and `/metrics` (Prometheus). */
export function registerHealth(app: Api, probe: ReadinessProbe, metrics: Registry): void {
  app.get(
    '/healthz',
    {
      config: { permission: 'public', rateLimit: false },
      schema: { response: { 200: z.object({ ok: z.boolean() }) } },
    },
    async (_request, reply) => reply.header('cache-control', 'no-store').send({ ok: true }),
  );
  app.get(
    '/readyz',
    {
      config: { permission: 'public', rateLimit: false },
      schema: { response: { 200: SystemReadiness, 503: SystemReadiness } },
    },
    async (_request, reply) => {
      const readiness = await probe();
      return reply
        .code(readiness.ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(readiness);
    },
  );
  app.get('/metrics', { config: { permission: 'public', rateLimit: false } }, async (_request, reply) => {
    return reply.type(metrics.contentType).send(await metrics.metrics());
  });
}

/**
 * How often the delay of the event loop is sampled, in milliseconds: each time wakes the process, and ten in a second tell of every
 * stall that a caller could notice.
 */
const eventLoopMonitoringPrecision = 100;

/** A registry with the process's own figures and the times of HTTP requests by route. */
export function createMetrics(app: Api): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'crosspoint_', eventLoopMonitoringPrecision });
  const durations = new Histogram({
    name: 'crosspoint_http_request_duration_seconds',
    help: 'Time from the request to the end of the answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, not the address: the number of different labels must stay bounded.
    const route = request.routeOptions.url ?? 'none';
    durations.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  return registry;
}
