import { ConfigurationDocument, type FieldError } from '@crosspoint/contracts';
import type { LineCounter, YAMLError } from 'yaml';
import type { z } from 'zod';
import {
  checked,
  fieldErrors,
  type Locate,
  type Path,
  placeInYaml,
  unstorableTexts,
  yamlValue,
} from '../../http/index.ts';
import { yaml } from '../../platform/index.ts';

const ERRORS_MAX = 100;

/** A document that was read, and where each of its parts stands in the text. */
export interface LocatedDocument {
  readonly document: ConfigurationDocument;
  /** An error at a part of the document, with its line and column. */
  errorAt(path: Path, problem: { value?: unknown; message: string; remedy: string }): FieldError;
}

export type ReadResult =
  | { ok: true; located: LocatedDocument }
  /** `located`: what it says beside names that nobody knows, where nothing else is wrong with its form. */
  | { ok: false; errors: FieldError[]; located?: LocatedDocument };

/**
 * Reads the configuration document from YAML or JSON text (which is YAML). Every error of form is reported with line
 * and column, not only the first: broken YAML, unknown keys, wrong types, values out of range.
 */
export function readDocument(text: string): ReadResult {
  const read = readYaml(text, ConfigurationDocument);
  if (!read.ok) {
    const { errors, rest } = read;
    return { ok: false, errors, ...(rest === undefined ? {} : { located: located(rest) }) };
  }
  return { ok: true, located: located(read) };
}

const located = ({ value, locate }: Read<ConfigurationDocument>): LocatedDocument => ({
  document: value,
  errorAt: (path, problem) => ({ path: path.map(String).join('.'), ...problem, ...locate(path) }),
});

interface Read<Value> {
  value: Value;
  locate: Locate;
}
export type YamlResult<Value> =
  | ({ ok: true } & Read<Value>)
  /** `rest`: what is there without unknown names, where those are all that is wrong. */
  | { ok: false; errors: FieldError[]; rest?: Read<Value> };

/** Reads any YAML or JSON that a person wrote, by its schema; errors as of {@link readDocument}. An empty text is an empty object. */
export function readYaml<Value>(text: string, schema: z.ZodType<Value>): YamlResult<Value> {
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (parsed.errors.length > 0) return { ok: false, errors: syntaxErrors(parsed.errors, lines) };
  const locate: Locate = (path, ofKey = false) => placeInYaml(parsed.contents, path, ofKey, lines);
  const content = yamlValue(parsed, lines);
  if (!content.ok) return { ok: false, errors: [{ path: '', ...content.problem }] };
  const unstorable = unstorableTexts(content.value, { locate });
  if (unstorable.length > 0) return { ok: false, errors: unstorable };
  const result = checked(schema, content.value ?? {});
  if (result.success) return { ok: true, value: result.data, locate };
  const errors = fieldErrors(result.error.issues, content.value, { locate });
  const rest = schema.safeParse(withoutUnknown(content.value, result.error.issues));
  return {
    ...{ ok: false, errors: errors.slice(0, ERRORS_MAX).map(explainQuotes) },
    ...(rest.success ? { rest: { value: rest.data, locate } } : {}),
  };
}

/** A copy without the names that the issues say are unknown. */
function withoutUnknown(content: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(content);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    let holder = copy;
    for (const key of issue.path) holder = Object(holder)[key];
    for (const key of issue.keys) Reflect.deleteProperty(Object(holder), key);
  }
  return copy;
}

/** Where the parser speaks to programmers. */
const syntaxWords: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  DUPLICATE_KEY: 'the same key stands twice in one mapping',
  MULTIPLE_DOCS: 'a second document begins, and only one is read',
};

function syntaxErrors(errors: readonly YAMLError[], lines: LineCounter): FieldError[] {
  // The parser goes down by calls: what is nested deeper than the stack is told once, where it became too deep.
  const deepest = errors.find(({ message }) => message.startsWith('Maximum call stack size'));
  return (deepest === undefined ? errors.slice(0, ERRORS_MAX) : [deepest]).map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    const place = { path: '', line, column: col };
    if (error === deepest) {
      return { ...place, message: 'brackets are nested too deeply', remedy: 'Nest them less.' };
    }
    const message = syntaxWords[error.code] ?? error.message;
    return { ...place, message, remedy: 'Correct the YAML there.' };
  });
}

/** `number: 700` is a number to YAML, and `+420…` would lose its plus. */
function explainQuotes(error: FieldError): FieldError {
  if (typeof error.value !== 'number' || error.message !== 'is not a string') return error;
  return { ...error, remedy: `Put it in quotes: "${error.value}".` };
}
