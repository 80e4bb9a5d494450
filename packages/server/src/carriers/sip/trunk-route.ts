import type { TrunkId, TrunkSettings } from '@crosspoint/contracts';
import { internationalForm, numberForProvider } from './trunk-numbers.ts';

/** One way to reach a number: through this trunk, written like this. */
export interface TrunkRoute {
  trunkId: TrunkId;
  /** In E.164 where that can be told. */
  number: string;
  /** As the provider wants it dialled. */
  dialled: string;
}

interface Candidate {
  id: TrunkId;
  name: string;
  settings: Pick<TrunkSettings, 'enabled' | 'numbering' | 'outgoing'>;
}

/**
 * What a provider is asked to dial. Telephones may send any text; what no limit of outgoing calls can judge (letters, signs that are
 * not seen, digits of other scripts) might be read there as an expensive number.
 */
const dialable = /^\+?[\d*#]+$/;

/**
 * The trunks that take a call to this number, best first: the longest prefix that fits, then the lower order, then the
 * name. One that does not fit the number, or does not take outgoing calls, is left out.
 */
export function routesTo(dialled: string, trunks: readonly Candidate[]): TrunkRoute[] {
  return trunks
    .flatMap(({ id, name, settings }) => {
      const { enabled, outgoing, numbering } = settings;
      if (!enabled || !outgoing.enabled) return [];
      const number = internationalForm(dialled, numbering.country);
      if (!dialable.test(number)) return [];
      const prefixLength = longestPrefix(number, outgoing.prefixes);
      if (prefixLength === undefined) return [];
      return { id, name, number, prefixLength, order: outgoing.order, numbering };
    })
    .toSorted((a, b) => b.prefixLength - a.prefixLength || a.order - b.order || (a.name < b.name ? -1 : 1))
    .map(({ id, number, numbering }) => ({
      trunkId: id,
      number,
      dialled: numberForProvider(number, numbering),
    }));
}

/** 0 when every number fits; undefined when this one does not. */
function longestPrefix(number: string, prefixes: readonly string[]): number | undefined {
  if (prefixes.length === 0) return 0;
  const fitting = prefixes.filter((prefix) => number.startsWith(prefix)).map((prefix) => prefix.length);
  return fitting.length === 0 ? undefined : Math.max(...fitting);
}
