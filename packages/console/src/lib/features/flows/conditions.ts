/**
 * Conditions as a person reads them: `caller` `starts with` `+420`, joined by and, or. What is written otherwise (calculations, brackets)
 * stays an expression and is edited as text.
 */
export const comparisons = ['==', '!=', '>', '<', '>=', '<=', 'startsWith', 'endsWith', 'contains'] as const;
export type Comparison = (typeof comparisons)[number];

export interface ConditionRow {
  variable: string;
  comparison: Comparison;
  /** As a text; one that is a number is compared as a number. */
  value: string;
}

export interface Conditions {
  join: '&&' | '||';
  rows: ConditionRow[];
}

const row =
  /^\s*([A-Za-z][A-Za-z0-9]*)\s*(?:(==|!=|>=|<=|>|<)\s*("(?:[^"\\]|\\["'\\])*"|'(?:[^'\\]|\\["'\\])*'|-?\d+(?:\.\d+)?)|\.(startsWith|endsWith|contains)\(\s*("(?:[^"\\]|\\["'\\])*"|'(?:[^'\\]|\\["'\\])*')\s*\))\s*/;

const unquoted = (literal: string): string =>
  /^["']/.test(literal) ? literal.slice(1, -1).replace(/\\(["'\\])/g, '$1') : literal;

const quoted = (text: string): string => `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;

/** @returns undefined when it is more than rows with one joining word. */
export function parseConditions(expression: string): Conditions | undefined {
  const rows: ConditionRow[] = [];
  let join: Conditions['join'] | undefined;
  let rest = expression;
  for (;;) {
    const found = row.exec(rest);
    if (found === null) return undefined;
    const [whole, variable = '', operator, literal, method, argument] = found;
    rows.push({
      variable,
      comparison: (operator ?? method) as Comparison,
      value: unquoted(literal ?? argument ?? ''),
    });
    rest = rest.slice(whole.length);
    if (rest === '') return { join: join ?? '&&', rows };
    const next = rest.startsWith('&&') ? '&&' : rest.startsWith('||') ? '||' : undefined;
    if (next === undefined || (join !== undefined && join !== next)) return undefined;
    join = next;
    rest = rest.slice(2);
  }
}

/** The expression that says so. `<` and its like compare numbers; texts are compared as texts. */
export function conditionsText({ join, rows }: Conditions): string {
  return rows
    .map(({ variable, comparison, value }) => {
      if (comparison === 'startsWith' || comparison === 'endsWith' || comparison === 'contains') {
        return `${variable}.${comparison}(${quoted(value)})`;
      }
      const isNumber = /[<>]/.test(comparison) && /^-?\d+(\.\d+)?$/.test(value);
      return `${variable} ${comparison} ${isNumber ? value : quoted(value)}`;
    })
    .join(` ${join} `);
}
