import { isIP } from 'node:net';
import type { TrunkServer, TrunkSettings } from '@crosspoint/contracts';
import type { Flow } from '@crosspoint/sip';

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

export const isSameTarget = (a: TrunkTarget, b: TrunkTarget): boolean =>
  a.address === b.address && a.port === b.port && a.protocol === b.protocol;

/** `192.0.2.10:5060/udp`, as people read it. */
export function serverName({ address, port, protocol }: TrunkTarget): string {
  return `${uriHost(address)}:${port}/${protocol}`;
}

export function serverNameOf({ remoteAddress, remotePort, protocol }: Flow): string {
  return `${uriHost(remoteAddress)}:${remotePort}/${protocol}`;
}

/** A host as it stands in a SIP URI: IPv6 in brackets (RFC 3261 §25.1). */
export function uriHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
