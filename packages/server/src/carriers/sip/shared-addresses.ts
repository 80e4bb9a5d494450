import { type Flow, flowKey } from '@crosspoint/sip';
import type { SipTrunks } from './trunks.ts';

/** So many addresses are remembered, so that each is told once. */
const toldMax = 1_000;

/** Notices telephones that register from where a trunk sends, because then each call has to show whose it is. */
export class SharedAddresses {
  readonly #trunks: Pick<SipTrunks, 'ofIncoming' | 'size'>;
  readonly #warn: (fields: object, message: string) => void;
  readonly #told = new Set<string>();

  constructor(
    trunks: Pick<SipTrunks, 'ofIncoming' | 'size'>,
    warn: (fields: object, message: string) => void,
  ) {
    this.#trunks = trunks;
    this.#warn = warn;
  }

  registered(user: string, flow: Flow): void {
    if (this.#trunks.size === 0) return;
    const trunk = this.#trunks.ofIncoming('', flow);
    if (trunk === undefined) return;
    const key = `${trunk.id} ${flowKey(flow)}`;
    if (this.#told.has(key) || this.#told.size >= toldMax) return;
    this.#told.add(key);
    this.#warn(
      { trunk: trunk.config.name, user, address: flow.remoteAddress },
      'a telephone registers from where a trunk sends: calls from there are the telephone’s when they show its account or come from its user name, and the trunk’s otherwise; make `match` of the trunk narrower if it has none there',
    );
  }
}
