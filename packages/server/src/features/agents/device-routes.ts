import { type AgentDevice, AgentDevicePage, AgentId } from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  boundsOf,
  escapeLike,
  notFound,
  pageOfArray,
  principalOf,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { findProfile } from './repo.ts';
import { requireAgentWithin } from './scope.ts';

const DEVICES_MAX = 1000;
const registeredReasons = new Set(['registered', 'not-answering']);

/** Where an agent can be reached, and why not. */
export function registerDeviceRoutes(api: Api, { database, centreOf, now }: ApiContext): void {
  api.get(
    '/agents/:id/devices',
    {
      config: { permission: 'agents.read' },
      schema: {
        summary: 'List an agent’s devices',
        tags: ['agents'],
        params: z.strictObject({ id: AgentId }),
        response: { 200: AgentDevicePage },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { id } = request.params;
      requireAgentWithin(boundsOf(principal, 'agents.read'), id);
      const stored = await database.inTenant(principal.tenantId, (transaction) =>
        readDevices(transaction, id, new Date(now())),
      );
      if (stored === undefined) throw notFound('agent', id);
      const live = centreOf(principal.tenantId)?.agent(id)?.devices ?? [];
      const devices: AgentDevice[] = [
        ...live.map((device) => ({
          ...device,
          // A number outside is not registered; a device that does not answer is.
          ...(!registeredReasons.has(device.reason) || stored.registration === undefined
            ? { userAgent: null, expiresAt: null }
            : stored.registration),
        })),
        ...(live.length === 0 ? stored.endpoints : []),
      ];
      return pageOfArray(devices, (device) => `${device.kind}/${device.address}`, { limit: DEVICES_MAX });
    },
  );
}

interface StoredDevices {
  endpoints: AgentDevice[];
  /** The registration that lasts longest. */
  registration: { userAgent: string | null; expiresAt: string } | undefined;
}

async function readDevices(
  transaction: DatabaseTransaction,
  agentId: AgentId,
  now: Date,
): Promise<StoredDevices | undefined> {
  const profile = await findProfile(transaction, agentId);
  if (profile === undefined) return undefined;
  const endpoints = await transaction
    .selectFrom('endpoints')
    .select(['kind', 'address', 'enabled'])
    .where('agent_id', '=', agentId)
    .orderBy('position')
    .execute();
  const registration = await transaction
    .selectFrom('registrations')
    .select(['data', 'expires_at'])
    .where('aor', 'like', `sip:${escapeLike(profile.sip.username)}@%`)
    .where('expires_at', '>', now)
    .orderBy('expires_at', 'desc')
    .executeTakeFirst();
  return {
    endpoints: endpoints.map((row) => ({
      kind: row.kind as AgentDevice['kind'],
      address: row.address,
      reachable: row.enabled,
      reason: row.enabled ? 'enabled' : 'disabled',
      userAgent: null,
      expiresAt: null,
      lastHeartbeatAt: null,
    })),
    registration:
      registration === undefined
        ? undefined
        : { userAgent: userAgentIn(registration.data), expiresAt: registration.expires_at.toISOString() },
  };
}

function userAgentIn(data: unknown): string | null {
  const value = typeof data === 'object' && data !== null && 'userAgent' in data ? data.userAgent : null;
  return typeof value === 'string' ? value : null;
}
