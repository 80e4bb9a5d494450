import type { TollFraudSettings, TollRefusalReason } from '@crosspoint/contracts';
import type { DialledNumber } from './door.ts';

/** Why that number may not be called by anybody; undefined when it may. */
export function destinationRefusal(
  number: DialledNumber,
  settings: TollFraudSettings,
): TollRefusalReason | undefined {
  const { digits, country, isPremium } = number;
  const denied = longestPrefix(digits, settings.deniedPrefixes);
  const allowed = longestPrefix(digits, settings.allowedPrefixes);
  if (denied > 0 && denied >= allowed) return 'prefix-denied';
  // Whoever lists a prefix has judged it: neither its country nor its price is asked about again.
  if (allowed > 0) return undefined;
  if (settings.allowedPrefixes.length > 0) return 'prefix-not-allowed';
  if (isPremium && !settings.premium) return 'premium-number';
  if (settings.countries === null) return undefined;
  if (country === undefined) return 'country-unknown';
  return settings.countries.includes(country) ? undefined : 'country-not-allowed';
}

/** The length of the longest prefix that the number begins with; 0 when none does. A `+` decides nothing. */
function longestPrefix(digits: string, prefixes: readonly string[]): number {
  const number = withoutPlus(digits);
  let longest = 0;
  for (const prefix of prefixes) {
    const text = withoutPlus(prefix);
    if (text.length > longest && number.startsWith(text)) longest = text.length;
  }
  return longest;
}

function withoutPlus(text: string): string {
  return text.startsWith('+') ? text.slice(1) : text;
}
