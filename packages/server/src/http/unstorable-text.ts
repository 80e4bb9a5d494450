import type { FieldError } from '@crosspoint/contracts';
import { type FieldErrorOptions, fieldErrorAt, type Path } from './field-errors.ts';

const ERRORS_MAX = 20;
const MESSAGE = 'has a character that cannot be stored (NUL, or half of a surrogate pair)';
const REMEDY = 'Leave that character out.';

/**
 * Finds the texts and names in parsed JSON that PostgreSQL cannot store: those with NUL, and those that are no Unicode
 * because half of a surrogate pair stands alone. At most {@link ERRORS_MAX} are told.
 *
 * @param input a body, a query or parameters; bytes are left alone.
 */
export function unstorableTexts(input: unknown, options: FieldErrorOptions = {}): FieldError[] {
  const errors: FieldError[] = [];
  // A list of what is still to be seen, because a body may be nested deeper than the stack is.
  const open: { value: unknown; path: Path }[] = [{ value: input, path: [] }];
  for (let next = open.pop(); next !== undefined && errors.length < ERRORS_MAX; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') {
      if (!isStorable(value)) errors.push(fieldErrorAt(path, value, MESSAGE, REMEDY, options));
    } else if (Array.isArray(value)) {
      for (const [index, each] of value.entries()) open.push({ value: each, path: [...path, index] });
    } else if (isTree(value)) {
      for (const [key, each] of Object.entries(value)) {
        const inner = [...path, key];
        if (isStorable(key)) open.push({ value: each, path: inner });
        else errors.push(fieldErrorAt(inner, undefined, MESSAGE, REMEDY, options));
      }
    }
  }
  return errors;
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
}
