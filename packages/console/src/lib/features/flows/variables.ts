import type { FlowDocument } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';
import { type Comparison, parseConditions } from './conditions.ts';

/** What every call knows of itself. */
const own: Record<string, () => string> = {
  caller: m.flow_variable_caller,
  callerName: m.flow_variable_caller_name,
  dialled: m.flow_variable_dialled,
  language: m.flow_variable_language,
  segments: m.flow_variable_segments,
  refusal: m.flow_variable_refusal,
  failure: m.flow_variable_failure,
};

/** Every variable that a condition of this flow can ask for: those of each call, and those that its nodes set. */
export function variablesOf({ nodes }: FlowDocument): string[] {
  const set = Object.values(nodes).flatMap((node) => {
    if (node.kind === 'http') return Object.keys(node.results);
    return 'variable' in node ? [node.variable] : [];
  });
  return [...new Set([...Object.keys(own), ...set])];
}

export const variableWords = (name: string): string => own[name]?.() ?? name;

const words: Record<Comparison, () => string> = {
  '==': m.flow_is,
  '!=': m.flow_is_not,
  '>': m.flow_more,
  '<': m.flow_less,
  '>=': m.flow_at_least,
  '<=': m.flow_at_most,
  startsWith: m.flow_starts_with,
  endsWith: m.flow_ends_with,
  contains: m.flow_contains,
};
export const comparisonWords = (comparison: Comparison): string => words[comparison]();

/** A condition as a sentence; one that is more than that as it is written. */
export function conditionWords(expression: string): string {
  const conditions = parseConditions(expression);
  if (conditions === undefined) return expression;
  const join = conditions.join === '&&' ? m.flow_and() : m.flow_or();
  return conditions.rows
    .map(({ variable, comparison, value }) => {
      const shown = value === '' ? m.flow_empty() : value;
      return `${variableWords(variable)} ${comparisonWords(comparison)} ${shown}`;
    })
    .join(` ${join} `);
}
