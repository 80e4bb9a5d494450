import type { NumberTarget } from '@crosspoint/contracts';
import { canonicalNumber, findEntryPoint } from '@crosspoint/core';
import { countryOfNumber, internationalForm } from '../../carriers/sip/index.ts';

/** What leads somewhere in this house, found by whatever is dialled for it. */
export class EntryPoints<Target = NumberTarget> {
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #countries: readonly (string | null)[];
  #known: { country: string | null } | undefined;

  /** @param countries of the trunks, two letters each or null */
  constructor(entries: Iterable<readonly [string, Target]>, countries: readonly (string | null)[] = []) {
    this.#targets = new Map([...entries].map(([number, target]) => [canonicalNumber(number), target]));
    this.#countries = countries;
  }

  /** As it is written, with or without its plus, with 00 for it, or as it is dialled in the country of the house. */
  find(dialled: string): Target | undefined {
    const found = findEntryPoint(this.#targets, dialled);
    if (found !== undefined || this.#targets.size === 0) return found;
    const international = this.internationalForm(dialled);
    return international.startsWith('+') ? this.#targets.get(international) : undefined;
  }

  /** In E.164 as the house would dial it; what is no such number, or could be one of several countries, as it is. */
  internationalForm(dialled: string): string {
    return internationalForm(dialled, this.#country());
  }

  values(): Iterable<Target> {
    return this.#targets.values();
  }

  /**
   * The one country of all trunks, or else of all numbers in E.164; where they differ a national number would be a guess. Asked
   * for when a number is not found as it is written, since the numbering plans are loaded for it.
   */
  #country(): string | null {
    if (this.#known !== undefined) return this.#known.country;
    const ofTrunks = this.#countries.filter((country) => country !== null);
    const ofNumbers = () =>
      [...this.#targets.keys()].filter((number) => number.startsWith('+')).map(countryOfNumber);
    const countries = new Set(ofTrunks.length > 0 ? ofTrunks : ofNumbers());
    const [country] = countries;
    this.#known = { country: countries.size === 1 ? (country ?? null) : null };
    return this.#known.country;
  }
}
