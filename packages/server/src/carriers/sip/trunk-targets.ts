import { isIP } from 'node:net';
import type { TrunkServer, TrunkSettings } from '@crosspoint/contracts';

/** One server of a provider that a request can be sent to. */
export interface TrunkTarget {
  /** As it was configured: what stands in URIs, and what a TLS certificate must name. */
  host: string;
  address: string;
  port: number;
  protocol: 'udp' | 'tcp' | 'tls';
}

/** Finds the servers behind a host name, best first (RFC 3263). Rejects with a sentence that says why there is none. */
export type ResolveServer = (server: TrunkServer) => Promise<TrunkTarget[]>;

/** Most servers of one trunk that one call tries. */
const targetsMax = 16;

/** Every server of a trunk, in the order in which they are tried. */
export async function targetsOf(
  { host, port, transport, alternates }: TrunkSettings,
  resolve: ResolveServer,
): Promise<{ targets: TrunkTarget[]; fault: string }> {
  const servers: TrunkServer[] = [
    { host, transport, ...(port === undefined ? {} : { port }) },
    ...alternates,
  ];
  const faults: string[] = [];
  const found = await Promise.all(
    servers.map(async (server) => {
      const { transport: protocol } = server;
      // An address needs no look-up (RFC 3263 §4.1).
      if (isIP(server.host) !== 0) return [targetAt(server, protocol === 'auto' ? 'udp' : protocol)];
      return resolve(server).catch((error: Error) => {
        faults.push(error.message);
        return [];
      });
    }),
  );
  return { targets: found.flat().slice(0, targetsMax), fault: faults.join('; ') };
}

function targetAt({ host, port }: TrunkServer, protocol: TrunkTarget['protocol']): TrunkTarget {
  return { host, address: host, port: port ?? (protocol === 'tls' ? 5061 : 5060), protocol };
}
