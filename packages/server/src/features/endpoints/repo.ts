import type { AgentEndpoint, SrtpUse } from '@crosspoint/contracts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';

/** An endpoint as it is stored. */
export function endpointOf(row: {
  kind: string;
  address: string;
  enabled: boolean;
  ring_seconds: number;
  confirm_key: string | null;
  srtp: string;
}): AgentEndpoint {
  return {
    kind: row.kind as AgentEndpoint['kind'],
    address: row.address,
    enabled: row.enabled,
    ringSeconds: row.ring_seconds,
    confirmKey: row.confirm_key,
    srtp: row.srtp as SrtpUse,
  };
}

/** Stores where an agent is called, in the given order. One that is named twice is kept once. */
export async function replaceEndpoints(
  transaction: DatabaseTransaction,
  agentId: string,
  tenantId: string,
  endpoints: readonly AgentEndpoint[],
): Promise<void> {
  await transaction.deleteFrom('endpoints').where('agent_id', '=', agentId).execute();
  const distinct = new Map(endpoints.map((endpoint) => [`${endpoint.kind} ${endpoint.address}`, endpoint]));
  const rows = [...distinct.values()].map((endpoint, position) => ({
    id: newId(),
    tenant_id: tenantId,
    agent_id: agentId,
    kind: endpoint.kind,
    address: endpoint.address,
    position,
    enabled: endpoint.enabled,
    ring_seconds: endpoint.ringSeconds,
    confirm_key: endpoint.confirmKey,
    srtp: endpoint.srtp,
  }));
  if (rows.length > 0) await transaction.insertInto('endpoints').values(rows).execute();
}
