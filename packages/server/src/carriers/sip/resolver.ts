import { lookup } from 'node:dns/promises';
import type { TrunkServer } from '@crosspoint/contracts';
import type { TrunkTarget } from './trunk-targets.ts';

/** Finds the addresses of a host by the system's resolver. */
export async function resolveServer({ host, port, transport }: TrunkServer): Promise<TrunkTarget[]> {
  const protocol = transport === 'auto' ? 'udp' : transport;
  const addresses = await lookup(host, { all: true });
  return addresses.map(({ address }) => ({
    host,
    address,
    port: port ?? (protocol === 'tls' ? 5061 : 5060),
    protocol,
  }));
}
