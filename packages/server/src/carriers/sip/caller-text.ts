/** Longer than any number and any user part that a person would recognise. */
const numberLengthMax = 64;
/** Longer than names that people give themselves. */
const nameLengthMax = 128;

/**
 * What a caller says of itself goes into facts, onto every screen and into the INVITE to the agent, where a long one would not
 * fit a datagram any more: it is cut, and control characters and line ends become spaces. Signs that turn the direction of writing
 * are left out, or a caller could have what stands beside the name read backwards.
 */
export function shownName(text: string): string {
  return clean(text, nameLengthMax);
}

/** The same for the user part of an address; see {@link shownName}. */
export function shownNumber(text: string): string {
  return clean(text, numberLengthMax);
}

function clean(text: string, charactersMax: number): string {
  const printable = text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\u202a-\u202e\u2066-\u2069]/gu, '');
  // By code points, so that no character is cut in half.
  return Array.from(printable.slice(0, 2 * charactersMax))
    .slice(0, charactersMax)
    .join('')
    .toWellFormed();
}
