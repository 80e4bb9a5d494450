import { join } from 'node:path';
import type { TenantId } from '@crosspoint/contracts';
import { CallService } from './features/calls/index.ts';
import { createFeatures, type RunningParts } from './features/index.ts';
import { probeParts } from './health.ts';
import { type Api, type ApiContext, buildHttpServer } from './http/index.ts';
import {
  DEFAULT_TENANT_ID,
  explainPortError,
  INSTALLATION_DIR,
  type RunningServer,
  type ServerContext,
  type Settings,
  VERSION,
} from './platform/index.ts';
import { registerSipSocket } from './sip-socket.ts';

/** Puts one server together: calls first, because the API speaks for them, then the API; stopped the other way round. */
export async function startServer(context: ServerContext): Promise<RunningServer> {
  const { settings, log, database } = context;
  const tenantId = DEFAULT_TENANT_ID as TenantId;
  const calls = await CallService.start({ settings, log, database, tenantId, version: VERSION });
  try {
    const api = await buildApi(context, calls);
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
      async stop() {
        // Calls first: phones and consoles on the HTTP port hear of their end before their connections close.
        await calls.endCalls();
        await api.close();
        await calls.stop();
      },
    };
  } catch (error) {
    await calls.endCalls();
    await calls.stop();
    throw error;
  }
}

async function buildApi({ settings, log, database }: ServerContext, calls: CallService): Promise<Api> {
  const startedAt = Date.now();
  const now = Date.now;
  const { centre } = calls;
  const context: ApiContext = {
    settings,
    database,
    log,
    now,
    centreOf: (tenantId) => (tenantId === centre.tenantId ? centre : undefined),
  };
  const probe = () => probeParts(database, calls);
  const parts = async (): Promise<RunningParts> => ({
    version: VERSION,
    startedAt,
    sip: {
      host: calls.sip.address,
      transports: [
        { transport: 'udp', port: calls.sip.port },
        { transport: 'tcp', port: calls.sip.port },
        ...(calls.sip.tlsPort === undefined ? [] : [{ transport: 'tls' as const, port: calls.sip.tlsPort }]),
        { transport: 'ws', port: (api.server.address() as { port: number }).port },
      ],
    },
    media: await calls.mediaParts(),
  });
  const { authenticate, routes } = createFeatures(context, { parts, probe });
  const api = await buildHttpServer({
    log,
    version: VERSION,
    now,
    authenticate,
    probe,
    consoleDir: join(INSTALLATION_DIR, 'packages/console/build'),
    features: routes,
  });
  registerSipSocket(api, (socket, path) => calls.sip.adoptWebSocket(socket, path));
  return api;
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
