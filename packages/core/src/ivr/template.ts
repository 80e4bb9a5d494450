import type { FlowVariables } from './expression.ts';

/** `{name}`, which stands for the value of a variable. */
export const placeholder = /\{([a-z][A-Za-z0-9]{0,39})\}/g;

/**
 * The address with each `{name}` as one encoded part, which can be neither a slash nor another parameter (RFC 3986 §2.1), nor a step up
 * (§5.2.4): dots that values make alone have no form in which they would stay, and are left out.
 */
export function fillUrl(template: string, variables: FlowVariables): string {
  const encoded = (text: string) => fill(text, variables, (value) => encodeURIComponent(wellFormed(value)));
  const pathEnd = template.search(/[?#]|$/);
  const parts = template.slice(0, pathEnd).split('/');
  const path = parts.map((part) => {
    const filled = encoded(part);
    return filled !== part && dotsAlone.test(filled) ? '' : filled;
  });
  return path.join('/') + encoded(template.slice(pathEnd));
}

/** What every reader of addresses takes for this place, or for the one above it (URL Standard, "double-dot URL path segment"). */
const dotsAlone = /^(?:\.|%2e){1,2}$/i;

/** The JSON text with each `{name}` written as the inside of a JSON string (RFC 8259 §7). */
export function fillJson(template: string, variables: FlowVariables): string {
  return fill(template, variables, (value) => JSON.stringify(wellFormed(value)).slice(1, -1));
}

function fill(template: string, variables: FlowVariables, write: (value: string) => string): string {
  return template.replace(placeholder, (_, name: string) => write(String(variables.get(name) ?? '')));
}

/** Half a surrogate pair, which no encoding has a form for, becomes the sign of what cannot be shown. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}
