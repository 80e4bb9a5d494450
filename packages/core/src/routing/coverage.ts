import type { RoutingCondition, RoutingTest } from '@crosspoint/contracts';
import { compileText } from './conditions.ts';

/**
 * Whether conditions can hold together. A search over their tests, as far as its steps lead: what it calls impossible is; what it does not
 * find out is taken for possible.
 */

/** How many tests may still be looked at. */
export interface Steps {
  left: number;
}
/** In one search, so that others have their turn. */
const searchMax = 5_000;

/** A test that holds, or one that does not. */
interface Literal {
  readonly test: RoutingTest;
  readonly holds: boolean;
  readonly key: string;
  /** Of a test of a text, whether a text is as the literal says. */
  readonly fits: Fits;
}

/** A condition with its negations moved to the tests. */
type Tree = Literal | { readonly all: readonly Tree[] } | { readonly any: readonly Tree[] };

/** A condition made ready for many searches. */
export interface Searched {
  readonly holds: Tree;
  readonly fails: Tree;
  /** What it asks about, each thing once. */
  readonly things: ReadonlySet<string>;
  /** By what it asks about, the texts of which one has to be there, or stand at the beginning. */
  readonly needs: ReadonlyMap<string, { texts: readonly string[]; isPrefix: boolean }>;
}

export function searched(condition: RoutingCondition): Searched {
  const things = new Set<string>();
  const [holds, fails] = [treeOf(condition, true, things), treeOf(condition, false, things)];
  return { holds, fails, things, needs: new Map(needsOf(holds)) };
}

function needsOf(tree: Tree): [string, { texts: readonly string[]; isPrefix: boolean }][] {
  if ('all' in tree) return tree.all.flatMap(needsOf);
  if ('any' in tree || !tree.holds || !('values' in tree.test) || tree.test.field === 'segment') return [];
  const { is, values } = tree.test;
  if (is !== 'one-of' && is !== 'starting-with') return [];
  return [[tree.key, { texts: inSmall(values), isPrefix: is === 'starting-with' }]];
}

/** Texts are compared one by one only where there are so few. */
const pairsMax = 100;

/** Whether one contact may fit both, and the one rule can take it from the other, at a glance: of rules for single numbers no two meet. */
export function mayMeet(one: Searched, other: Searched): boolean {
  let isAsked = false;
  for (const thing of one.things) {
    if (!other.things.has(thing)) continue;
    isAsked = true;
    const [mine, theirs] = [one.needs.get(thing), other.needs.get(thing)];
    if (mine === undefined || theirs === undefined || mine.texts.length * theirs.texts.length > pairsMax)
      continue;
    const fits = mine.texts.some((a) =>
      theirs.texts.some(
        (b) => a === b || (mine.isPrefix && b.startsWith(a)) || (theirs.isPrefix && a.startsWith(b)),
      ),
    );
    if (!fits) return false;
  }
  return isAsked;
}

function treeOf(condition: RoutingCondition, holds: boolean, things: Set<string>): Tree {
  if ('not' in condition) return treeOf(condition.not, !holds, things);
  if ('all' in condition || 'any' in condition) {
    const isAll = 'all' in condition;
    const parts = (isAll ? condition.all : condition.any).map((part) => treeOf(part, holds, things));
    return isAll === holds ? { all: parts } : { any: parts };
  }
  const key = keyOf(condition);
  things.add(key);
  return { test: condition, holds, key, fits: fitsOf(condition, holds) };
}

function fitsOf(test: RoutingTest, holds: boolean): Fits {
  if (!('values' in test) || test.field === 'segment') return () => holds;
  const compiled = compileText(test.is, test.values);
  return (text) => compiled(text) === holds;
}

/** What is assumed of one thing that tests ask about. It never changes; more is assumed by making another. */
interface Assumed {
  /** Undefined when both cannot be. */
  with: (literal: Literal) => Assumed | undefined;
}

/** Whether these conditions can hold, and those cannot, all for one contact. */
export function canHold(these: readonly Searched[], those: readonly Searched[], steps: Steps): boolean {
  return new Search(steps).tries([...these.map(({ holds }) => holds), ...those.map(({ fails }) => fails)], 0);
}

class Search {
  readonly #steps: Steps;
  readonly #enough: number;
  readonly #assumed = new Map<string, Assumed>();
  readonly #choices: (readonly Tree[])[] = [];

  constructor(steps: Steps) {
    this.#steps = steps;
    this.#enough = steps.left - searchMax;
  }

  /** Whether all of these can be, and one option of every choice from there on. */
  tries(given: readonly Tree[], at: number): boolean {
    const undo: [string, Assumed | undefined][] = [];
    const choicesBefore = this.#choices.length;
    const isPossible = this.#add(given, undo);
    if (this.#isTired) return true;
    const choice = this.#choices[at];
    if (isPossible && (choice === undefined || choice.some((option) => this.tries([option], at + 1))))
      return true;
    this.#choices.length = choicesBefore;
    for (const [key, former] of undo.toReversed()) {
      if (former === undefined) this.#assumed.delete(key);
      else this.#assumed.set(key, former);
    }
    return false;
  }

  get #isTired(): boolean {
    return this.#steps.left <= Math.max(0, this.#enough);
  }

  /** Assumes what is certain and leaves what there is a choice about. @returns false when that cannot be. */
  #add(given: readonly Tree[], undo: [string, Assumed | undefined][]): boolean {
    for (const tree of given) {
      if (this.#isTired) return true;
      this.#steps.left -= 1;
      if ('all' in tree) {
        if (!this.#add(tree.all, undo)) return false;
      } else if ('any' in tree) this.#choices.push(tree.any);
      else {
        const former = this.#assumed.get(tree.key);
        const next = (former ?? nothingAssumed(tree.test)).with(tree);
        if (next === undefined) return false;
        undo.push([tree.key, former]);
        this.#assumed.set(tree.key, next);
      }
    }
    return true;
  }
}

/** Tests of the same thing have the same key. */
function keyOf(test: RoutingTest): string {
  switch (test.field) {
    case 'queue':
      return `queue ${test.figure} ${test.queue}`;
    case 'history':
      return `history ${test.figure}`;
    case 'hours':
      return `hours ${JSON.stringify(test.hours)}`;
    case 'expression':
      return `expression ${test.when}`;
    case 'variable':
      return `variable ${test.name}`;
    default:
      return test.field;
  }
}

function nothingAssumed(test: RoutingTest): Assumed {
  switch (test.field) {
    case 'queue':
      return figure({ isKnown: false, ...noLimits });
    case 'history':
      return figure({ isKnown: test.figure === 'contacts', ...noLimits });
    case 'hours':
      return yesOrNo(({ test: asked, holds }) => ('is' in asked && asked.is === 'open') === holds);
    case 'expression':
      return yesOrNo(({ holds }) => holds);
    case 'segment':
      return segments([], new Set());
    default:
      return text(anyText);
  }
}

function yesOrNo(isYes: (literal: Literal) => boolean, known?: boolean): Assumed {
  return {
    with(literal) {
      const yes = isYes(literal);
      return known === undefined || known === yes ? yesOrNo(isYes, yes) : undefined;
    },
  };
}

/** In one of each of these lists of segments, and in none of those. */
function segments(lists: readonly (readonly string[])[], none: ReadonlySet<string>): Assumed {
  return {
    with({ test, holds }) {
      if (test.field !== 'segment') return undefined;
      const isOne = (test.is === 'one-of') === holds;
      const [more, without] = isOne
        ? [[...lists, test.values], none]
        : [lists, new Set([...none, ...test.values])];
      const isPossible = more.every((list) => list.some((name) => !without.has(name)));
      return isPossible ? segments(more, without) : undefined;
    },
  };
}

interface Limits {
  /** Of a figure that is not known no test holds. */
  readonly isKnown: boolean;
  readonly atLeast: number;
  readonly atMost: number;
  readonly above: number;
  readonly below: number;
}
const noLimits = {
  ...{ atLeast: Number.NEGATIVE_INFINITY, atMost: Number.POSITIVE_INFINITY },
  ...{ above: Number.NEGATIVE_INFINITY, below: Number.POSITIVE_INFINITY },
};

function figure(limits: Limits): Assumed {
  return {
    with({ test, holds }) {
      if (test.field !== 'queue' && test.field !== 'history') return undefined;
      const { is, value } = test;
      const next = { ...limits, isKnown: limits.isKnown || holds };
      if (holds && is === 'at-least') next.atLeast = Math.max(next.atLeast, value);
      else if (holds) next.atMost = Math.min(next.atMost, value);
      else if (is === 'at-least') next.below = Math.min(next.below, value);
      else next.above = Math.max(next.above, value);
      const { atLeast, atMost, above, below, isKnown } = next;
      const isPossible = atLeast <= atMost && atLeast < below && above < atMost && above < below;
      return isPossible || !isKnown ? figure(next) : undefined;
    },
  };
}

type Fits = (text: string) => boolean;
/** The latest first: hundreds of rules each add one, and none is copied. */
type Chain = { readonly fits: Fits; readonly former: Chain } | null;

interface TextAssumed {
  /** It is one of these; null while that is not known. */
  readonly values: readonly string[] | null;
  /** It begins with one of these. */
  readonly prefixes: readonly string[] | null;
  /** It contains one of these. */
  readonly parts: readonly string[] | null;
  /** Everything that was assumed, for whole texts; and what excludes all that begins so, and all that contains that. */
  readonly whole: Chain;
  readonly notBegun: Chain;
  readonly notContained: Chain;
}
const anyText: TextAssumed = {
  ...{ values: null, prefixes: null, parts: null },
  ...{ whole: null, notBegun: null, notContained: null },
};

function text(known: TextAssumed): Assumed {
  return {
    with(literal) {
      const next = textWith(known, literal);
      const lists = [next.values, next.prefixes, next.parts];
      return lists.every((list) => list?.length !== 0) ? text(next) : undefined;
    },
  };
}

function textWith(known: TextAssumed, { test, holds, fits }: Literal): TextAssumed {
  if (!('values' in test) || test.field === 'segment') return known;
  const { is } = test;
  const next = { ...known, whole: { fits, former: known.whole } };
  next.values = known.values?.filter(fits) ?? null;
  if (is === 'one-of' || is === 'none-of') {
    if (known.values === null && (is === 'one-of') === holds)
      next.values = inSmall(test.values).filter((each) => all(next.whole, each));
  } else if (holds && is === 'starting-with') {
    const both = longer(known.prefixes, inSmall(test.values));
    next.prefixes = both.filter((each) => all(known.notBegun, each) && all(known.notContained, each));
  } else if (holds) {
    next.parts = known.parts ?? inSmall(test.values).filter((each) => all(known.notContained, each));
  } else {
    next.prefixes = known.prefixes?.filter(fits) ?? null;
    if (is === 'starting-with') next.notBegun = { fits, former: known.notBegun };
    else {
      next.notContained = { fits, former: known.notContained };
      next.parts = known.parts?.filter(fits) ?? null;
    }
  }
  return next;
}

const inSmall = (values: readonly string[]): string[] => values.map((value) => value.toLowerCase());

function all(chain: Chain, text: string): boolean {
  for (let each = chain; each !== null; each = each.former) if (!each.fits(text)) return false;
  return true;
}

/** What begins with one of both lists begins with the longer one of a pair that fits. */
function longer(some: readonly string[] | null, others: readonly string[]): readonly string[] {
  if (some === null) return others;
  return some.flatMap((one) =>
    others.flatMap((other) => (one.startsWith(other) ? [one] : other.startsWith(one) ? [other] : [])),
  );
}
