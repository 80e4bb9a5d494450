import { isIPv6 } from '../message/index.ts';
import type { Protocol } from '../flow/index.ts';
import type { Destination, Records, RecordType, ServerTarget } from './types.ts';

/** Records of a query; undefined while they are not known. */
export type Lookup = <Type extends RecordType>(
  type: Type,
  name: string,
) => ReadonlyArray<Records[Type]> | undefined;

export type Policy = { transports: readonly Protocol[]; families: ReadonlyArray<'ipv4' | 'ipv6'> };

/** One server with its addresses; `group` counts the choices of transport in order of preference. */
export type Server = {
  group: number;
  priority: number;
  weight: number;
  transport: Protocol;
  port: number;
  addresses: readonly string[];
};

/** Most records of one answer that are followed. */
const serversMax = 32;
const addressesMax = 16;

type Service = { naptr: string; srv: string; port: number; isSecure: boolean };

/** NAPTR services and SRV prefixes (RFC 3263 §4.1, §4.2, RFC 7118 §7), and default ports (RFC 3261 §19.1.2). */
const services: Record<Protocol, Service> = {
  udp: { naptr: 'SIP+D2U', srv: '_sip._udp', port: 5060, isSecure: false },
  tcp: { naptr: 'SIP+D2T', srv: '_sip._tcp', port: 5060, isSecure: false },
  tls: { naptr: 'SIPS+D2T', srv: '_sips._tcp', port: 5061, isSecure: true },
  ws: { naptr: 'SIP+D2W', srv: '_sip._ws', port: 80, isSecure: false },
  wss: { naptr: 'SIPS+D2W', srv: '_sips._ws', port: 443, isSecure: true },
};

/** Whether a host is an address already. */
export function isAddress(host: string): boolean {
  return isIPv6(host) || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

/**
 * The servers of a destination by RFC 3263 §4, unordered within equal priority; undefined while a look-up is missing.
 * Everything that can be looked up at once has been asked for by then.
 */
export function locate(destination: Destination, policy: Policy, lookup: Lookup): Server[] | undefined {
  const { host, port } = destination;
  if (!isPossible(destination, policy)) return [];
  const transport = demandedTransport(destination);
  const fallback = { transport: transport ?? defaultTransport(destination, policy), group: 0 };
  // §4.2: an address or a port settles everything but the address.
  if (isAddress(host) || port !== undefined) {
    return serversAt(
      [{ ...fallback, ...first, name: host, port: port ?? services[fallback.transport].port }],
      policy,
      lookup,
    );
  }
  const named =
    transport === undefined ? namedByNaptr(destination, policy, lookup) : srvOf(transport, host, 0, lookup);
  if (named === undefined) return undefined;
  // A name without any service may still have addresses, on the default port.
  const wanted =
    named === 'none'
      ? [{ ...fallback, ...first, name: host, port: services[fallback.transport].port }]
      : named;
  return serversAt(wanted, policy, lookup);
}

const first = { priority: 0, weight: 0 };

/** The transport that a destination demands: TCP under `sips:` is TLS (RFC 3261 §26.2.2). */
function demandedTransport({ transport, isSecure }: Destination): Protocol | undefined {
  if (isSecure !== true) return transport;
  return transport === 'tcp' ? 'tls' : transport === 'ws' ? 'wss' : transport;
}

/** Whether we speak the transport demanded, and it is as secure as demanded; UDP cannot carry `sips:`. */
export function isPossible(destination: Destination, { transports }: Policy): boolean {
  const demanded = demandedTransport(destination);
  const choice =
    demanded === undefined ? transports : transports.filter((candidate) => candidate === demanded);
  return choice.some((transport) => destination.isSecure !== true || services[transport].isSecure);
}

/** §4.1: UDP, or TLS for `sips:`, where a domain says nothing. */
function defaultTransport({ isSecure }: Destination, { transports }: Policy): Protocol {
  const usable = transports.filter((transport) => isSecure !== true || services[transport].isSecure);
  const usual = isSecure === true ? 'tls' : 'udp';
  return usable.includes(usual) ? usual : (usable[0] ?? usual);
}

type NamedServer = Omit<Server, 'addresses'> & { name: string };

/** §4.1: the services that the domain names and we have; without NAPTR records those that have SRV records. */
function namedByNaptr(
  { host, isSecure }: Destination,
  policy: Policy,
  lookup: Lookup,
): NamedServer[] | 'none' | undefined {
  const records = lookup('NAPTR', host);
  if (records === undefined) return undefined;
  const usable = policy.transports.filter((transport) => isSecure !== true || services[transport].isSecure);
  const choices = records
    .flatMap((record) => {
      const transport = usable.find(
        (candidate) => services[candidate].naptr === record.service.toUpperCase(),
      );
      return transport === undefined || record.flags.toLowerCase() !== 's' ? [] : [{ ...record, transport }];
    })
    .sort((a, b) => a.order - b.order || a.preference - b.preference);
  // RFC 3403 §4.1: records of a higher order are not to be used once one of the lowest fits.
  const chosen = choices.filter(({ order }) => order === choices[0]?.order).slice(0, serversMax);
  const asked =
    chosen.length > 0
      ? chosen.map(({ transport, replacement }, group) => srvRecords(transport, replacement, group, lookup))
      : usable
          // TLS under a plain `sip:` URI is the domain's to choose, by NAPTR.
          .filter((transport) => isSecure === true || !services[transport].isSecure)
          .map((transport, group) => srvOf(transport, host, group, lookup));
  return together(asked);
}

function srvOf(
  transport: Protocol,
  host: string,
  group: number,
  lookup: Lookup,
): NamedServer[] | 'none' | undefined {
  return srvRecords(transport, `${services[transport].srv}.${host}`, group, lookup);
}

/** `none` when there are no records; an empty list when the domain says that it has no such service (RFC 2782). */
function srvRecords(
  transport: Protocol,
  name: string,
  group: number,
  lookup: Lookup,
): NamedServer[] | 'none' | undefined {
  const records = lookup('SRV', name);
  if (records === undefined) return undefined;
  if (records.length === 0) return 'none';
  return records
    .filter(({ name: target, port }) => target !== '' && target !== '.' && port > 0 && port <= 65_535)
    .slice(0, serversMax)
    .map(({ priority, weight, port, name: target }) => ({
      group,
      priority,
      weight,
      transport,
      port,
      name: target,
    }));
}

/** All lists when each is known. */
function together(lists: Array<NamedServer[] | 'none' | undefined>): NamedServer[] | 'none' | undefined {
  if (lists.includes(undefined)) return undefined;
  const known = lists.filter((list) => list !== 'none' && list !== undefined);
  return known.length === 0 ? 'none' : known.flat();
}

function serversAt(named: readonly NamedServer[], policy: Policy, lookup: Lookup): Server[] | undefined {
  let isComplete = true;
  const servers = named.slice(0, serversMax).flatMap(({ name, ...server }) => {
    const addresses = isAddress(name) ? [name] : addressesOf(name, policy, lookup);
    if (addresses === undefined) isComplete = false;
    return addresses === undefined || addresses.length === 0 ? [] : [{ ...server, addresses }];
  });
  return isComplete ? servers : undefined;
}

function addressesOf(name: string, { families }: Policy, lookup: Lookup): string[] | undefined {
  const lists = families.map((family) => lookup(family === 'ipv4' ? 'A' : 'AAAA', name));
  if (lists.includes(undefined)) return undefined;
  return lists.flatMap((list) => (list ?? []).slice(0, addressesMax));
}

/**
 * Servers in the order in which to try them (RFC 2782): by priority; within one priority each is drawn with a
 * probability by its weight. `draw()` gives a random number from 0 up to but not including 1.
 */
export function order(servers: readonly Server[], host: string, draw: () => number): ServerTarget[] {
  const rest = servers.toSorted((a, b) => a.group - b.group || a.priority - b.priority);
  const targets: ServerTarget[] = [];
  while (rest.length > 0) {
    const { group, priority } = rest[0] as Server;
    const peers = rest.filter((server) => server.group === group && server.priority === priority);
    const chosen = peers.length === 1 ? (peers[0] as Server) : drawOne(peers, draw());
    rest.splice(rest.indexOf(chosen), 1);
    const { transport, port } = chosen;
    for (const address of chosen.addresses) targets.push({ transport, address, port, host });
  }
  return targets;
}

/** Weight 0 means a very small chance, not none. */
function drawOne(peers: readonly Server[], chance: number): Server {
  const weightOf = ({ weight }: Server): number => Math.max(weight, 0.01);
  let left = chance * peers.reduce((sum, peer) => sum + weightOf(peer), 0);
  for (const peer of peers) {
    left -= weightOf(peer);
    if (left < 0) return peer;
  }
  return peers.at(-1) as Server;
}
