import { type Expression, type FlowValue, type FlowVariables, parseExpression } from './expression.ts';

/** Expressions by their text, which repeats with every call. */
const expressions = new Map<string, Expression>();
const expressionsMax = 10_000;

/** The value of an expression. One that cannot be read, which a checked flow has none of, is empty. */
export function evaluate(text: string, variables: FlowVariables): FlowValue {
  return expressionOf(text).evaluate(variables);
}

/** An expression made ready, for whoever asks it again and again; `evaluate` looks it up each time. */
export function expressionOf(text: string): Expression {
  const known = expressions.get(text);
  if (known !== undefined) return known;
  const parsed = parseExpression(text);
  const expression = 'evaluate' in parsed ? parsed : { evaluate: () => '' };
  if (expressions.size >= expressionsMax) expressions.clear();
  expressions.set(text, expression);
  return expression;
}
