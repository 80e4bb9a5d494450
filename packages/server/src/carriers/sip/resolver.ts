import { randomBytes } from 'node:crypto';
import { lookup, NODATA, NOTFOUND, Resolver as DnsClient } from 'node:dns/promises';
import type { TrunkServer } from '@crosspoint/contracts';
import {
  type DnsAnswer,
  type DnsQuery,
  Resolver,
  type ResolverEffect,
  type ResolverInput,
} from '@crosspoint/sip';
import type { TrunkTarget } from './trunk-targets.ts';

export interface DnsResolverOptions {
  /** Name servers as `address:port`; those of the system when missing. */
  servers?: readonly string[];
  /** Milliseconds, never backwards. */
  now: () => number;
  /** Which addresses our sockets reach, the preferred ones first. */
  families?: readonly ('ipv4' | 'ipv6')[];
  /** How long one question may take; 3,000. */
  lookUpTimeoutMs?: number;
}

interface Waiting {
  server: TrunkServer;
  resolve: (targets: TrunkTarget[]) => void;
  reject: (error: Error) => void;
}

/** Node tells no time to live of these; providers change them rarely, and keep the old servers for a while. */
const serviceTtlSeconds = 300;
const triesMax = 2;

/**
 * Joins the resolver of RFC 3263, which asks nobody itself, with the name servers of this host. Names that no name server
 * knows are looked up once more as the host does itself, so that those in its hosts file are found too.
 */
export class DnsResolver {
  readonly #machine: Resolver;
  readonly #client: DnsClient;
  readonly #now: () => number;
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ servers, now, families, lookUpTimeoutMs = 3_000 }: DnsResolverOptions) {
    this.#now = now;
    this.#machine = new Resolver({
      random32: () => randomBytes(4).readUInt32LE(),
      transports: ['udp', 'tcp', 'tls'],
      families,
      lookUpTimeoutMs,
    });
    this.#client = new DnsClient({ timeout: Math.ceil(lookUpTimeoutMs / triesMax), tries: triesMax });
    if (servers !== undefined) this.#client.setServers(servers);
  }

  /** The servers of a destination, best first. Rejects with a sentence that says what is wrong with the name. */
  resolve(server: TrunkServer): Promise<TrunkTarget[]> {
    const resolutionId = String(++this.#count);
    const { promise, resolve, reject } = Promise.withResolvers<TrunkTarget[]>();
    this.#waiting.set(resolutionId, { server, resolve, reject });
    const { host, port, transport } = server;
    const destination = { host, port, transport: transport === 'auto' ? undefined : transport };
    this.#handle({ type: 'resolve', resolutionId, destination });
    return promise;
  }

  /** That server did not answer: for a while the others of its name come first. */
  failed({ protocol: transport, address, port, host }: TrunkTarget): void {
    this.#handle({ type: 'target-failed', target: { transport, address, port, host } });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#client.cancel();
    for (const { reject } of this.#waiting.values()) reject(new Error('the server stops'));
    this.#waiting.clear();
  }

  #handle(input: ResolverInput): void {
    for (const effect of this.#machine.handle(input, this.#now())) this.#carryOut(effect);
    clearTimeout(this.#timer);
    const deadline = this.#machine.nextDeadlineMs();
    if (deadline === undefined) return;
    this.#timer = setTimeout(() => this.#handle({ type: 'time' }), Math.max(0, deadline - this.#now()));
  }

  #carryOut(effect: ResolverEffect): void {
    if (effect.type === 'look-up') {
      const { query } = effect;
      void this.#ask(query).then((answer) => this.#handle({ type: 'answer', query, answer }));
      return;
    }
    const waiting = this.#waiting.get(effect.resolutionId);
    if (waiting === undefined) return;
    this.#waiting.delete(effect.resolutionId);
    if (effect.type === 'unresolved') {
      waiting.reject(new Error(explain(waiting.server, effect.reason)));
      return;
    }
    waiting.resolve(
      effect.targets.flatMap(({ transport, address, port, host }) =>
        transport === 'ws' || transport === 'wss' ? [] : [{ protocol: transport, address, port, host }],
      ),
    );
  }

  async #ask(query: DnsQuery): Promise<DnsAnswer> {
    try {
      return await this.#query(query);
    } catch (error) {
      const known = query.type === 'A' || query.type === 'AAAA' ? await knownToHost(query) : undefined;
      if (known !== undefined) return known;
      const { code } = error as NodeJS.ErrnoException;
      return { kind: code === NOTFOUND || code === NODATA ? 'not-found' : 'failed' };
    }
  }

  async #query({ type, name }: DnsQuery): Promise<DnsAnswer> {
    switch (type) {
      case 'NAPTR':
        return {
          kind: 'records',
          records: await this.#client.resolveNaptr(name),
          ttlSeconds: serviceTtlSeconds,
        };
      case 'SRV':
        return {
          kind: 'records',
          records: await this.#client.resolveSrv(name),
          ttlSeconds: serviceTtlSeconds,
        };
      case 'A':
        return addressRecords(await this.#client.resolve4(name, { ttl: true }));
      case 'AAAA':
        return addressRecords(await this.#client.resolve6(name, { ttl: true }));
    }
  }
}

function addressRecords(records: readonly { address: string; ttl: number }[]): DnsAnswer {
  const ttlSeconds = Math.min(...records.map(({ ttl }) => ttl));
  return { kind: 'records', records: records.map(({ address }) => address), ttlSeconds };
}

/** What the hosts file says, or whatever else the system asks; undefined when it does not know the name either. */
async function knownToHost({ type, name }: DnsQuery): Promise<DnsAnswer | undefined> {
  try {
    const found = await lookup(name, { all: true, family: type === 'A' ? 4 : 6 });
    return { kind: 'records', records: found.map(({ address }) => address), ttlSeconds: serviceTtlSeconds };
  } catch {
    return undefined; // The name servers' own answer says what is wrong.
  }
}

function explain({ host, transport }: TrunkServer, reason: string): string {
  switch (reason) {
    case 'not-found':
      return `host ${host} has no address`;
    case 'no-transport':
      return `host ${host} offers no SIP over ${transport === 'auto' ? 'UDP, TCP or TLS' : transport.toUpperCase()}`;
    case 'limit-reached':
      return 'too many names are being looked up';
    default:
      return `the name servers do not answer for ${host}`;
  }
}
