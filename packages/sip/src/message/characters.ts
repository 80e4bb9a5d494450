const TOKEN = 1;
const HOST = 2;
const USER = 4;
const PARAMETER = 8;

const classes = new Uint8Array(128);

function mark(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    classes[code] = (classes[code] ?? 0) | bits;
  }
}

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
mark(alphanumerics, TOKEN | HOST | USER | PARAMETER);
// RFC 3261 §25.1: token, unreserved/user-unreserved, and paramchar.
mark("-.!%*_+`'~", TOKEN);
mark('-._', HOST);
mark("-_.!~*'()&=+$,;?/", USER);
mark("-_.!~*'()[]/:&+$", PARAMETER);

function hasClass(text: string, start: number, end: number, bit: number): boolean {
  if (start >= end) return false;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code > 127 || ((classes[code] as number) & bit) === 0) return false;
  }
  return true;
}

/** Whether `text[start, end)` is a non-empty token (RFC 3261 §25.1). */
export function isToken(text: string, start = 0, end = text.length): boolean {
  return hasClass(text, start, end, TOKEN);
}

/** Whether `text[start, end)` consists of the characters of host names and IPv4 addresses (and the tolerated `_`). */
export function isHostName(text: string, start = 0, end = text.length): boolean {
  return hasClass(text, start, end, HOST);
}

/** Whether a character may stand unescaped in the user part of a URI. */
export function isUserCharacter(code: number): boolean {
  return code < 128 && ((classes[code] as number) & USER) !== 0;
}

/** Whether a character may stand unescaped in a URI parameter. */
export function isParameterCharacter(code: number): boolean {
  return code < 128 && ((classes[code] as number) & PARAMETER) !== 0;
}

/** Space or tab. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** The first position at or after `from` that is not blank. */
export function skipBlanks(text: string, from: number): number {
  let i = from;
  while (i < text.length && isBlank(text.charCodeAt(i))) i++;
  return i;
}

/** Reads `text[start, end)` as decimal digits; -1 when there is none, another character, or more than ten digits. */
export function readDigits(text: string, start = 0, end = text.length): number {
  if (start >= end || end - start > 10) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 65 && code <= 70) return code - 55;
  if (code >= 97 && code <= 102) return code - 87;
  return -1;
}
