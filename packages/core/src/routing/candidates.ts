import type { RoutingCondition, RoutingTextField } from '@crosspoint/contracts';
import type { Asked } from './conditions.ts';

/** What every call brings along; to look at anything else may be dear, and is left to the rules that ask for it. */
const plainFields = ['caller', 'caller-name', 'dialled', 'trunk'] as const satisfies RoutingTextField[];
type PlainField = (typeof plainFields)[number];

/** Unless one of these texts is there, the condition does not hold. */
interface Needs {
  readonly texts: readonly { field: PlainField; isPrefix: boolean; text: string }[];
  /** How many contacts have one of them, as far as that can be guessed: whole texts are rarer than beginnings. */
  readonly commonness: number;
}

/** The rules whose texts one field may bring. */
interface FieldIndex {
  readonly field: PlainField;
  readonly whole: Map<string, number[]>;
  readonly prefixes: Map<string, number[]>;
  lengths: number[];
}

/**
 * Finds the rules that a contact's numbers and names leave possible, so that a list of hundreds for single numbers, callers
 * and prefixes costs a look-up and not a walk. A rule that is not found does not hold; one that is found has to be asked.
 */
export class Candidates {
  readonly #always: Uint8Array;
  readonly #fields: FieldIndex[];

  constructor(conditions: readonly RoutingCondition[]) {
    this.#always = new Uint8Array(conditions.length);
    const fields = plainFields.map(
      (field): FieldIndex => ({ field, whole: new Map(), prefixes: new Map(), lengths: [] }),
    );
    for (const [index, condition] of conditions.entries()) {
      const needs = needsOf(condition);
      if (needs === undefined) this.#always[index] = 1;
      for (const { field, isPrefix, text } of needs?.texts ?? []) {
        const of = fields.find((each) => each.field === field);
        const rules = isPrefix ? of?.prefixes : of?.whole;
        const found = rules?.get(text);
        if (found === undefined) rules?.set(text, [index]);
        else found.push(index);
      }
    }
    for (const each of fields)
      each.lengths = [...new Set([...each.prefixes.keys()].map(({ length }) => length))];
    this.#fields = fields.filter(({ whole, prefixes }) => whole.size + prefixes.size > 0);
  }

  /** By index, 1 for each rule that has to be asked. */
  of(asked: Asked): Uint8Array {
    const found = this.#always.slice();
    const mark = (rules: readonly number[] | undefined) => {
      if (rules !== undefined) for (const index of rules) found[index] = 1;
    };
    for (const { field, whole, prefixes, lengths } of this.#fields) {
      const text = asked.text(field);
      mark(whole.get(text));
      for (const length of lengths) if (length <= text.length) mark(prefixes.get(text.slice(0, length)));
    }
    return found;
  }
}

function needsOf(condition: RoutingCondition): Needs | undefined {
  if ('all' in condition) {
    const needs = condition.all.map(needsOf).filter((each) => each !== undefined);
    return needs.toSorted((a, b) => a.commonness - b.commonness)[0];
  }
  if ('any' in condition) {
    const needs = condition.any.map(needsOf);
    return needs.reduce((all, each) => all && each && either(all, each), { texts: [], commonness: 0 });
  }
  if ('not' in condition || !('values' in condition)) return undefined;
  const { is, values } = condition;
  const field = plainFields.find((each) => each === condition.field);
  if (field === undefined || (is !== 'one-of' && is !== 'starting-with')) return undefined;
  const isPrefix = is === 'starting-with';
  const texts = values.map((value) => ({ field, isPrefix, text: value.toLowerCase() }));
  const commonness = texts.reduce((sum, { text }) => sum + (isPrefix ? 10 ** -text.length : 1e-12), 0);
  return { texts, commonness };
}

const either = (a: Needs, b: Needs): Needs => ({
  texts: [...a.texts, ...b.texts],
  commonness: a.commonness + b.commonness,
});
