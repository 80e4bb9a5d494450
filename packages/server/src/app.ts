import { join } from 'node:path';
import type { LegId, TenantId } from '@crosspoint/contracts';
import type { Carrier } from './carriers/door.ts';
import { LineDefence } from './carriers/sip/index.ts';
import { recordAudit } from './features/audit/index.ts';
import { CallService } from './features/calls/index.ts';
import type { RunningParts } from './features/index.ts';
import { probeParts } from './health.ts';
import { type Api, type ApiContext, buildHttpServer } from './http/index.ts';
import {
  DEFAULT_TENANT_ID,
  explainPortError,
  INSTALLATION_DIR,
  monotonicNow,
  type RunningServer,
  type ServerContext,
  type Settings,
  VERSION,
} from './platform/index.ts';
import { registerSipSocket } from './sip-socket.ts';

/** Nobody is in a hurry. */
const never = new Promise<void>(() => undefined);

/** Puts one server together: calls first, because the API speaks for them, then the API; stopped the other way round. */
export async function startServer(context: ServerContext): Promise<RunningServer> {
  const { settings, log, database } = context;
  const tenantId = DEFAULT_TENANT_ID as TenantId;
  let calls: CallService | undefined;
  const defence = createDefence(context, tenantId, () => calls?.sip.carrier);
  await defence.open();
  try {
    calls = await CallService.start({ settings, log, database, tenantId, version: VERSION, defence });
  } catch (error) {
    await defence.close();
    throw error;
  }
  const { centre } = calls;
  context.takesCalls?.(() => centre.endings.openCalls);
  return serve(context, calls, defence);
}

async function serve(
  context: ServerContext,
  calls: CallService,
  defence: LineDefence,
): Promise<RunningServer> {
  const { settings, database } = context;
  try {
    // Alerts and boards look at figures: those of the day are complete before anybody can ask.
    await calls.catchUp();
    const api = await buildApi(context, calls, defence);
    await listen(api, settings);
    const { port } = api.server.address() as { port: number };
    // A socket for both families is reached over IPv4, which sound needs anyway.
    const sipHost = calls.sip.address === '::' ? '127.0.0.1' : hostInUrl(calls.sip.address);
    return {
      addresses: {
        console: `http://${hostInUrl(settings.http.host)}:${port}`,
        sip: `${sipHost}:${calls.sip.port}`,
        ...(calls.sip.tlsPort === undefined ? {} : { sipTls: `${sipHost}:${calls.sip.tlsPort}` }),
      },
      handOver: () => calls.handOver(),
      async stop(hurry = never) {
        await calls.drain(settings.calls.drainSeconds * 1000, hurry);
        // Calls first: phones and consoles on the HTTP port hear of their end before their connections close.
        await calls.endCalls();
        database.hurry();
        try {
          await api.close();
        } finally {
          await calls.stop();
          await defence.close();
        }
      },
    };
  } catch (error) {
    await calls.giveUp();
    await defence.close();
    throw error;
  }
}

function createDefence(
  { log, database }: ServerContext,
  tenantId: TenantId,
  carrier: () => Carrier | undefined,
): LineDefence {
  const actor = { kind: 'system' as const, userId: null, ip: null };
  return new LineDefence({
    database,
    tenantId,
    now: monotonicNow,
    log,
    audit: (transaction, action, subjectId, after) => {
      const subjectType = action.split('.', 1)[0] ?? action;
      return recordAudit(transaction, { tenantId, actor, action, subjectType, subjectId, after });
    },
    cutCall: (callId, { reason }) => carrier()?.hangup(callId as LegId, 503, reason),
    isCallUp: (callId) => carrier()?.carrierIdOf(callId as LegId) !== undefined,
  });
}

async function buildApi(
  { settings, log, database }: ServerContext,
  calls: CallService,
  defence: LineDefence,
): Promise<Api> {
  const startedAt = Date.now();
  const now = monotonicNow;
  const { centre } = calls;
  const context: ApiContext = {
    settings,
    database,
    log,
    now,
    wallNow: Date.now,
    centreOf: (tenantId) => (tenantId === centre.tenantId ? centre : undefined),
  };
  const served: { api?: Api } = {};
  const probe = () => probeParts(database, calls, settings.dataDir);
  const parts = async (): Promise<RunningParts> => ({
    version: VERSION,
    startedAt,
    sip: {
      host: calls.sip.address,
      transports: [
        { transport: 'udp', port: calls.sip.port },
        { transport: 'tcp', port: calls.sip.port },
        ...(calls.sip.tlsPort === undefined ? [] : [{ transport: 'tls' as const, port: calls.sip.tlsPort }]),
        ...listening(served.api),
      ],
    },
    media: await calls.mediaParts(),
    facts: calls.waitingFacts,
  });
  // A start takes calls first; what serves the API is loaded after.
  const { createFeatures } = await import('./features/index.ts');
  const { authenticate, routes } = createFeatures(context, {
    ...{ parts, probe, defence },
    browsers: calls.sip.browsers,
  });
  const api = await buildHttpServer({
    log,
    version: VERSION,
    now,
    authenticate,
    probe,
    consoleDir: join(INSTALLATION_DIR, 'packages/console/build'),
    features: routes,
  });
  served.api = api;
  registerSipSocket(api, (socket, path) => calls.sip.adoptWebSocket(socket, path));
  return api;
}

/** Browsers' way to SIP; none while a start has not come to it. */
function listening(api: Api | undefined): { transport: 'ws'; port: number }[] {
  const address = api?.server.address();
  return typeof address === 'object' && address !== null ? [{ transport: 'ws', port: address.port }] : [];
}

async function listen(api: Api, { http }: Settings): Promise<void> {
  try {
    await api.listen({ host: http.host, port: http.port });
  } catch (error) {
    await api.close();
    throw explainPortError(error, {
      host: http.host,
      port: http.port,
      protocol: 'tcp',
      setting: 'CROSSPOINT_HTTP_PORT',
      hostSetting: 'CROSSPOINT_HTTP_HOST',
      purpose: 'console and API',
    });
  }
}

/** A host as it stands in a URL: IPv6 in brackets, and "every interface" as the one a person can open. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
