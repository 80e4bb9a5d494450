import { parseParameters, type Parameters } from '../message/index.ts';

/**
 * Reads `Digest name=value, …` (RFC 7616 §3.3, §3.4); names in lower case, values unquoted. Undefined when it is
 * another scheme or malformed.
 */
export function parseDigestHeader(text: string): Parameters | undefined {
  const trimmed = text.trimStart();
  if (trimmed.slice(0, 6).toLowerCase() !== 'digest' || trimmed.charCodeAt(6) > 32) return undefined;
  // The parts are separated by commas where header parameters have semicolons; a quoted comma must stay.
  const parsed = parseParameters(`;${commasToSemicolons(trimmed.slice(7))}`, 0);
  return parsed?.parameters;
}

function commasToSemicolons(text: string): string {
  let result = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (quoted && character === '\\') {
      result += character + (text[++i] ?? '');
      continue;
    }
    if (character === '"') quoted = !quoted;
    result += character === ',' && !quoted ? ';' : character;
  }
  return result;
}
