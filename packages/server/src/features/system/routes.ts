import { statfs } from 'node:fs/promises';
import { SystemInfo, type SystemInfo as SystemInfoModel } from '@crosspoint/contracts';
import { sql } from 'kysely';
import { type ApiContext, principalOf, type Routes } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { SIP_REALM } from '../agents/index.ts';
import { registerSystemMetrics } from './metrics.ts';
import type { SystemSources } from './sources.ts';

/** How the installation is: health, addresses, sizes. */
export function systemRoutes(context: ApiContext, sources: SystemSources): Routes {
  const { database } = context;
  let lastStored: Awaited<ReturnType<typeof readStored>> | undefined;
  return (api) => {
    registerSystemMetrics(api.metrics, sources);
    api.get(
      '/system',
      {
        config: { permission: 'system.read' },
        schema: { summary: 'Health, addresses and sizes', tags: ['system'], response: { 200: SystemInfo } },
      },
      async (request): Promise<SystemInfoModel> => {
        const [readiness, parts, freeBytes] = await Promise.all([
          sources.probe(),
          sources.parts(),
          freeSpace(context.settings.dataDir),
        ]);
        // The page that tells that the database is away must not wait for it.
        if (readiness.parts.database.healthy || lastStored === undefined) {
          lastStored = await database.inTenant(principalOf(request).tenantId, readStored);
        }
        const stored = lastStored;
        const { settings, now } = context;
        return {
          name: 'crosspoint',
          version: parts.version,
          nodeVersion: process.versions.node,
          startedAt: new Date(parts.startedAt).toISOString(),
          serverTime: new Date(now()).toISOString(),
          health: readiness.parts,
          database: {
            kind: settings.databaseUrl === undefined ? 'embedded' : 'server',
            version: stored.version,
            sizeBytes: stored.databaseBytes,
          },
          facts: parts.facts,
          sip: { ...parts.sip, realm: SIP_REALM, publicHost: settings.publicAddress ?? null },
          media: { ...parts.media, rtpPortMin: settings.rtp.portMin, rtpPortMax: settings.rtp.portMax },
          storage: { recordings: stored.recordings, recordingsBytes: stored.recordingsBytes, freeBytes },
          memory: { residentBytes: process.memoryUsage.rss() },
          stream: { clients: sources.streamClients() },
        };
      },
    );
  };
}

async function readStored(transaction: DatabaseTransaction) {
  const recordings = await transaction
    .selectFrom('recordings')
    .select((where) => [
      where.fn.countAll<number>().as('count'),
      sql<number>`coalesce(sum(size_bytes), 0)::bigint`.as('bytes'),
    ])
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  const server = await sql<{ version: string; bytes: number }>`
    select current_setting('server_version') as version, pg_database_size(current_database()) as bytes
  `.execute(transaction);
  return {
    recordings: recordings.count,
    recordingsBytes: recordings.bytes,
    version: server.rows[0]?.version ?? '',
    databaseBytes: server.rows[0]?.bytes ?? 0,
  };
}

/** Null where the file system does not tell. */
async function freeSpace(dataDir: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dataDir);
    return bavail * bsize;
  } catch {
    // The figure is a convenience; a file system without it must not take the page away.
    return null;
  }
}
