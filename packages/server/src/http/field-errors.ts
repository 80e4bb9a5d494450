import type { FieldError } from '@crosspoint/contracts';
import { type core, z } from 'zod';

type Issue = core.$ZodIssue;

const VALUE_LENGTH_MAX = 200;
const SECRET = /password|secret|token|key$|^pin$/i;

export type Path = readonly PropertyKey[];

export interface FieldErrorOptions {
  /** Goes in front of the path, such as `query`; empty for a body. */
  readonly prefix?: string | undefined;
  /** Where a path stands in the text that was read; `ofKey` asks for a key instead of its value. */
  readonly locate?: (path: Path, ofKey: boolean) => { line: number; column: number };
}

/**
 * Turns the issues of a failed zod check into field errors with a remedy each. Of a union that fits nowhere, the
 * branch that came nearest is told: the one with the fewest issues.
 *
 * @param input what was checked, so that an error can show the value.
 */
export function fieldErrors(
  issues: readonly Issue[],
  input: unknown,
  options: FieldErrorOptions = {},
): FieldError[] {
  return issues.flatMap((issue) => errorsOf(issue, input, [], options));
}

/** Checks a value; of a name that is unknown, the names that are known are told. */
export const checked = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.ZodSafeParseResult<z.output<Schema>> => schema.safeParse(input, { error: namingTheKnown });

const namingTheKnown: core.$ZodErrorMap = ({ code, inst }) => {
  const known = code === 'unrecognized_keys' ? namesOf(inst) : undefined;
  if (known === undefined) return undefined;
  if (known.length === 0) return 'Remove it; nothing is taken here.';
  return `Remove it, or use ${known.length === 1 ? '' : 'one of: '}${known.join(', ')}.`;
};

/** The names that an object has, or those of a list by name that may be few. */
function namesOf(schema: unknown): readonly string[] | undefined {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  const names = schema instanceof z.ZodRecord ? schema.keyType : undefined;
  return names instanceof z.ZodEnum ? names.options.map(String) : undefined;
}

function errorsOf(issue: Issue, input: unknown, parents: Path, options: FieldErrorOptions): FieldError[] {
  const { prefix = '', locate } = options;
  const path = [...parents, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const nearest = issue.errors.reduce((best, branch) =>
      distance(branch) < distance(best) ? branch : best,
    );
    return nearest.flatMap((inner) => errorsOf(inner, input, path, options));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: join(prefix, [...path, key]),
      message: 'is not known here',
      remedy: issue.message.startsWith('Remove') ? issue.message : 'Remove it, or correct its spelling.',
      ...locate?.([...path, key], true),
    }));
  }
  if (issue.code === 'invalid_key') {
    // What is wrong is the name of the entry itself.
    const [inner] = issue.issues;
    const name = String(path.at(-1));
    const remedy = 'Name it otherwise, or remove it.';
    const message = inner === undefined ? issue.message : messageOf(inner, name);
    return [{ ...fieldErrorAt(path, name, message, remedy, { prefix }), ...locate?.(path, true) }];
  }
  const value = valueAt(input, path);
  return [
    {
      ...fieldErrorAt(path, value, messageOf(issue, value), remedyOf(issue), { prefix }),
      ...locate?.(path, false),
    },
  ];
}

/** One error at a path. Its value is shown unless it is a secret, and cut when it is long. */
export function fieldErrorAt(
  path: Path,
  value: unknown,
  message: string,
  remedy: string,
  { prefix = '', locate }: FieldErrorOptions = {},
): FieldError {
  const visible = shown(path, value);
  return {
    path: join(prefix, path),
    ...(visible === undefined ? {} : { value: visible }),
    message,
    remedy,
    ...locate?.(path, value === undefined),
  };
}

/** A branch of another type is furthest away, then one that the value as a whole does not fit. */
function distance(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys' || issue.path.length > 0) return sum + 1;
    return sum + (issue.code === 'invalid_type' ? 2000 : 1000);
  }, 0);
}

function join(prefix: string, path: Path): string {
  const parts = prefix === '' ? path : [prefix, ...path];
  return parts.map(String).join('.');
}

/** The value at a path of a parsed body; undefined when the path leads nowhere. */
function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function shown(path: Path, value: unknown): unknown {
  if (value === undefined || path.some((key) => SECRET.test(String(key)))) return undefined;
  const text = JSON.stringify(value);
  return text.length <= VALUE_LENGTH_MAX ? value : `${text.slice(0, VALUE_LENGTH_MAX)}…`;
}

function messageOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined ? 'is missing' : `is not ${withArticle(issue.expected)}`;
    case 'too_small':
      return sizeMessage(issue, 'at least', issue.minimum);
    case 'too_big':
      return sizeMessage(issue, 'at most', issue.maximum);
    case 'invalid_value':
      return 'is not one of the possible values';
    case 'invalid_union':
      if (issue.discriminator === undefined) return issue.message;
      return value === undefined ? 'is missing' : 'is not one of the possible values';
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? `is not a valid ${issue.format}` : issue.message;
    case 'not_multiple_of':
      return `is not a multiple of ${issue.divisor}`;
    default:
      return issue.message;
  }
}

function sizeMessage(
  issue: core.$ZodIssueTooSmall | core.$ZodIssueTooBig,
  bound: string,
  limit: number | bigint,
): string {
  if (issue.origin === 'string') return `needs ${bound} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  if (issue.origin === 'array' || issue.origin === 'set')
    return `needs ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `must be ${bound} ${limit}`;
}

const fallbackRemedy = 'Correct it as described.';

function remedyOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Give ${withArticle(issue.expected)}.`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'Give more.'
        : `Use ${issue.minimum} or more.`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'Give less.'
        : `Use ${issue.maximum} or less.`;
    case 'invalid_value':
      return useOneOf(issue.values);
    case 'invalid_union':
      return 'options' in issue && issue.options !== undefined ? useOneOf(issue.options) : fallbackRemedy;
    case 'invalid_format':
      return formatRemedy(issue.format);
    default:
      return fallbackRemedy;
  }
}

function useOneOf(values: readonly unknown[]): string {
  return `Use one of: ${values.map(String).join(', ')}.`;
}

function formatRemedy(format: string): string {
  if (format === 'uuid') return 'Use the id as a list returned it.';
  if (format === 'datetime') return 'Use ISO 8601 in UTC, such as 2026-11-21T08:30:00Z.';
  return 'Correct its form.';
}

function withArticle(noun: string): string {
  if (noun === 'int') return 'a whole number';
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
