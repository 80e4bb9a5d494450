import { isBlank, isToken, skipBlanks } from './characters.ts';

/**
 * Generic parameters in order of appearance (`;name=value`), names in lower case, values without quotes and
 * unescaped; a flag (`;lr`) has the value ''.
 */
export type Parameters = ReadonlyMap<string, string>;

export const noParameters: Parameters = new Map();

/** The position after the closing quote of the quoted string that starts at `start`, or -1 when it never closes. */
export function endOfQuoted(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 34) return i + 1;
  }
  return -1;
}

/** The content of a quoted string given with its quotes. */
export function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (inner.indexOf('\\') < 0) return inner;
  let result = '';
  for (let i = 0; i < inner.length; i++) {
    if (inner.charCodeAt(i) === 92 && i + 1 < inner.length) i++;
    result += inner[i];
  }
  return result;
}

/** A quoted string; characters that may not stand in one (line ends, NUL) become spaces. */
export function quote(text: string): string {
  let result = '"';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34 || code === 92) result += '\\';
    result += code < 32 && code !== 9 ? ' ' : text[i];
  }
  return `${result}"`;
}

/**
 * Reads `*( ; name [ = value ] )` from `start` to `limit` or, when `stopAtComma`, to the comma that
 * separates header values. Comments are skipped; the first of several equal names counts. Undefined when malformed.
 */
export function parseParameters(
  text: string,
  start: number,
  stopAtComma = false,
  limit = text.length,
): { parameters: Parameters; end: number } | undefined {
  let parameters: Map<string, string> | undefined;
  let i = skipBlanks(text, start);
  while (i < limit) {
    const code = text.charCodeAt(i);
    if (stopAtComma && code === 44) break;
    if (code === 40) {
      i = endOfComment(text, i);
      if (i < 0 || i > limit) return undefined;
      i = skipBlanks(text, i);
      continue;
    }
    if (code !== 59) return undefined;
    const nameStart = skipBlanks(text, i + 1);
    i = nameStart;
    while (i < limit && !endsName(text.charCodeAt(i))) i++;
    const nameEnd = i;
    i = skipBlanks(text, i);
    // `;;` and a trailing `;` are tolerated.
    if (nameEnd === nameStart) continue;
    let name = text.slice(nameStart, nameEnd);
    if (!isLowerCaseName(name)) {
      if (!isToken(name)) return undefined;
      name = name.toLowerCase();
    }
    let value = '';
    if (text.charCodeAt(i) === 61) {
      i = skipBlanks(text, i + 1);
      const valueStart = i;
      if (text.charCodeAt(i) === 34) {
        i = endOfQuoted(text, i);
        if (i < 0 || i > limit) return undefined;
        value = unquote(text.slice(valueStart, i));
      } else {
        while (i < limit && !endsValue(text.charCodeAt(i), stopAtComma)) i++;
        value = text.slice(valueStart, i);
      }
      i = skipBlanks(text, i);
    }
    parameters ??= new Map();
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return { parameters: parameters ?? noParameters, end: i };
}

/** The position after a comment, which may hold others and escapes (RFC 3261 §25.1); -1 when it never closes. */
function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 40) depth++;
    else if (code === 41 && --depth === 0) return i + 1;
  }
  return -1;
}

/** Whether a name is a token of small letters, digits and hyphens, as nearly all are. */
function isLowerCaseName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if ((code < 97 || code > 122) && (code < 48 || code > 57) && code !== 45) return false;
  }
  return true;
}

function endsName(code: number): boolean {
  return code === 61 || code === 59 || code === 44 || isBlank(code);
}

function endsValue(code: number, stopAtComma: boolean): boolean {
  return code === 59 || isBlank(code) || (stopAtComma && code === 44);
}

/** Writes `;name=value` for each; values that are neither token nor host are quoted. */
export function writeParameters(parameters: Parameters): string {
  let result = '';
  for (const [name, value] of parameters) {
    if (value === '') result += `;${name}`;
    else result += `;${name}=${isPlainValue(value) ? value : quote(value)}`;
  }
  return result;
}

function isPlainValue(value: string): boolean {
  if (isToken(value)) return true;
  // An IPv6 reference or address, as in `received=[2001:db8::1]`.
  return value.includes(':') && isToken(value.replaceAll(':', '').replace('[', '').replace(']', ''));
}

/** Splits a header value at the commas that stand outside quotes and angle brackets; empty parts are left out. */
export function splitValues(text: string): string[] {
  if (text.indexOf(',') < 0) {
    const only = text.trim();
    return only === '' ? [] : [only];
  }
  const values: string[] = [];
  let start = 0;
  let insideBrackets = false;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 44;
    if (code === 34 && !insideBrackets) {
      const end = endOfQuoted(text, i);
      // An unterminated quote swallows the rest: the value is malformed and its reader will say so.
      i = end < 0 ? text.length - 1 : end - 1;
    } else if (code === 60) insideBrackets = true;
    else if (code === 62) insideBrackets = false;
    else if (code === 44 && (!insideBrackets || i === text.length)) {
      const value = text.slice(start, i).trim();
      if (value !== '') values.push(value);
      start = i + 1;
    }
  }
  return values;
}
