import type { HttpProblem } from './problem.ts';

/**
 * For `.catch()`: turns the violation of a named constraint of the database into the problem that a person can act on,
 * and passes everything else on.
 */
export function onConstraint(
  problems: Readonly<Record<string, () => HttpProblem>>,
): (error: unknown) => never {
  return (error) => {
    const constraint =
      typeof error === 'object' && error !== null && 'constraint' in error ? String(error.constraint) : '';
    throw problems[constraint]?.() ?? error;
  };
}
