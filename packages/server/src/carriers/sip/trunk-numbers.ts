import type { TrunkSettings } from '@crosspoint/contracts';
import { canonicalNumber } from '@crosspoint/core';
import type { CountryCode } from 'libphonenumber-js/max';
import { numberingPlans, phoneNumbers } from '../../platform/index.ts';

type Numbering = TrunkSettings['numbering'];

/** A number longer than this is none (E.164 has 15 digits, an address may have a few more). */
const numberLengthMax = 64;

/**
 * A number as a provider wrote it, in E.164 where that can be told; anything else (a short number, a name) as it came.
 * Whether a number is in use is not asked: numbering plans change faster than their lists.
 */
export function numberFromProvider(text: string, numbering: Numbering): string {
  const written = canonicalNumber(text.slice(0, numberLengthMax));
  const { stripPrefix } = numbering;
  const rest =
    stripPrefix !== '' && written.startsWith(stripPrefix) ? written.slice(stripPrefix.length) : written;
  return internationalForm(rest, numbering.country);
}

/** A number as a person dials it in that country, in E.164 where that can be told. */
export function internationalForm(text: string, country: string | null): string {
  const number = canonicalNumber(text);
  if (!/^\+?\d{3,}$/.test(number)) return number;
  const parsed = phoneNumbers().parsePhoneNumberFromString(
    number,
    country === null ? undefined : { defaultCountry: country as CountryCode, extract: false },
  );
  if (parsed?.isPossible() === true) return parsed.number;
  // Too long or too short for its country, and yet dialled abroad: networks put calls through without the surplus digits.
  const prefix = country === null ? undefined : internationalPrefix(country as CountryCode);
  const abroad = prefix !== undefined && number.startsWith(prefix) ? number.slice(prefix.length) : '';
  return /^[1-9]\d{2}/.test(abroad) ? `+${abroad}` : number;
}

/** The country of a number in E.164, two letters; null where that cannot be told. */
export function countryOfNumber(number: string): string | null {
  return phoneNumbers().parsePhoneNumberFromString(number)?.country ?? null;
}

/** A number in E.164 as this provider wants it dialled; a number that is none (a short code) goes as it is. */
export function numberForProvider(number: string, numbering: Numbering): string {
  return numbering.sendPrefix + writtenFor(number, numbering);
}

function writtenFor(number: string, { send, country }: Numbering): string {
  if (!/^\+\d+$/.test(number) || send === 'e164') return number;
  if (send === 'e164-without-plus' || country === null) return number.slice(1);
  const parsed = send === 'national' ? phoneNumbers().parsePhoneNumberFromString(number) : undefined;
  const national = parsed?.country === country ? digitsOf(parsed.format('NATIONAL')) : undefined;
  const abroad = internationalPrefix(country as CountryCode);
  // Without its country such a number would be one of another country.
  if (national !== undefined && !national.startsWith(abroad)) return national;
  return abroad + number.slice(1);
}

/** What is dialled in front of a foreign number; where several networks have their own (Brazil), the usual 00. */
function internationalPrefix(country: CountryCode): string {
  const metadata = numberingPlans();
  metadata.selectNumberingPlan(country);
  const plan = metadata.numberingPlan;
  const known = [plan?.IDDPrefix(), plan?.defaultIDDPrefix()];
  return known.find((prefix) => prefix !== undefined && /^\d+$/.test(prefix)) ?? '00';
}

const digitsOf = (text: string): string => text.replace(/[^\d*#]/g, '');

/** True for the numbers and names that stand for a caller who does not show a number (RFC 3323 §4.1.1.3). */
export function isAnonymous(user: string, host: string): boolean {
  return /^(anonymous|unknown|restricted|private|unavailable)?$/i.test(user) || /\.invalid$/i.test(host);
}
