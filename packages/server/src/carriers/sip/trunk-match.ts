import { BlockList, isIPv6 } from 'node:net';
import type { TrunkId } from '@crosspoint/contracts';
import type { Flow } from '@crosspoint/sip';

/** Where calls of a trunk come from. */
export interface TrunkSources {
  id: TrunkId;
  /** Addresses and networks in CIDR notation. */
  match: readonly string[];
}

/** Finds the trunk of a call by the address it comes from; the first that names the address takes it. */
export class TrunkMatcher {
  readonly #lists: { id: TrunkId; list: BlockList }[];

  /** @param trunks in the order in which they are asked; what is no address or network was refused when it was set. */
  constructor(trunks: readonly TrunkSources[]) {
    this.#lists = trunks
      .filter(({ match }) => match.length > 0)
      .map(({ id, match }) => ({ id, list: listOf(match) }));
  }

  bySource(address: string): TrunkId | undefined {
    if (this.#lists.length === 0) return undefined;
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    return this.#lists.find(({ list }) => list.check(address, family))?.id;
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** True when a call on that flow comes from there: by its port too where that says something, which it does for UDP. */
export function comesFrom(flow: Flow, target: { address: string; port: number }): boolean {
  if (flow.remoteAddress !== target.address) return false;
  return flow.protocol !== 'udp' || flow.remotePort === target.port;
}
