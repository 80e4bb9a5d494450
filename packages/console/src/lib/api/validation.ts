import { m } from '#lib/paraglide/messages.js';
import { shown } from '#lib/i18n/shown.ts';
import type { ApiError } from './client.ts';

/** What is used of an issue that a schema of the contracts finds. */
interface Issue {
  code: string;
  path: PropertyKey[];
  message: string;
  origin?: string;
  minimum?: number | bigint;
  maximum?: number | bigint;
  format?: string;
}
interface Schema {
  safeParse(input: unknown): { success: true } | { success: false; error: { issues: unknown[] } };
}

/** Dotted path of a field → what is wrong with it, in the person's language. */
export type FieldErrors = Readonly<Record<string, string>>;

function words(issue: Issue): string {
  const isText = issue.origin === 'string';
  switch (issue.code) {
    case 'too_small':
      if (isText) {
        return Number(issue.minimum) <= 1
          ? m.invalid_required()
          : m.invalid_too_short({ count: Number(issue.minimum) });
      }
      return m.invalid_at_least({ value: shown.number(Number(issue.minimum)) });
    case 'too_big':
      return isText
        ? m.invalid_too_long({ count: Number(issue.maximum) })
        : m.invalid_at_most({ value: shown.number(Number(issue.maximum)) });
    case 'invalid_type':
      return issue.message.includes('int') ? m.invalid_whole_number() : m.invalid_required();
    case 'invalid_format':
      return m.invalid_format();
    default:
      return m.invalid_value();
  }
}

/** What stands there in an input; undefined when nothing does. */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Checks an input against the schema that the server checks it with. Each field shows its first fault. */
export function fieldErrors(schema: Schema, input: unknown): FieldErrors {
  const result = schema.safeParse(input);
  if (result.success) return {};
  const errors: Record<string, string> = {};
  for (const issue of result.error.issues as Issue[]) {
    const path = issue.path.map(String).join('.');
    errors[path] ??= valueAt(input, issue.path) === '' ? m.invalid_required() : words(issue);
  }
  return errors;
}

/** The first fault of a field or of what is in it. */
export function errorUnder(errors: FieldErrors, path: string): string | undefined {
  return Object.entries(errors).find(([field]) => field === path || field.startsWith(`${path}.`))?.[1];
}

/** What the server said about single fields; a name that is taken belongs to the field given. */
export function refusedFields(error: ApiError, nameField = 'name'): FieldErrors {
  const errors: Record<string, string> = {};
  const isTaken = error.code === 'name-taken';
  for (const field of error.fields)
    errors[field.path.replace(/^body\./, '')] ??= isTaken ? m.invalid_taken() : m.invalid_value();
  if (isTaken && error.fields.length === 0) errors[nameField] = m.invalid_taken();
  return errors;
}
