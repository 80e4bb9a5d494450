import type { FlowVariables } from './expression.ts';

/** `{name}`, which stands for the value of a variable. */
export const placeholder = /\{([a-z][A-Za-z0-9]{0,39})\}/g;

/** The address with each `{name}` as one encoded part, which can be neither a slash nor another parameter (RFC 3986 §2.1). */
export function fillUrl(template: string, variables: FlowVariables): string {
  return fill(template, variables, (value) => encodeURIComponent(wellFormed(value)));
}

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
