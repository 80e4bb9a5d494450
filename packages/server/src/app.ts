import type { TenantId } from '@crosspoint/contracts';
import { CallService } from './features/calls/index.ts';
import { DEFAULT_TENANT_ID, type RunningServer, type ServerContext } from './platform/index.ts';

export async function startServer(context: ServerContext): Promise<RunningServer> {
  const { settings, log, database } = context;
  const calls = await CallService.start({
    settings,
    log,
    database,
    version: '0.1.0',
    tenantId: DEFAULT_TENANT_ID as TenantId,
  });
  return {
    addresses: { console: '-', sip: `${calls.sip.address}:${calls.sip.port}` },
    stop: () => calls.stop(),
  };
}
