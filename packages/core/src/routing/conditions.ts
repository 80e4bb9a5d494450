import type {
  FlowHours,
  RoutingCondition,
  RoutingTest,
  RoutingTextField,
  RoutingTextOperator,
} from '@crosspoint/contracts';
import type { Openings } from '../hours/index.ts';
import { expressionOf, type FlowValue, isTrue } from '../ivr/index.ts';
import type { RoutingContact, RoutingHistory, RoutingWorld } from './door.ts';

/** Whether a condition holds for a contact about which something has been found out already. */
export type Holds = (asked: Asked) => boolean;

/** One decision: a contact, the centre and an instant. Hundreds of rules ask the same; each thing is found out once. */
export class Asked {
  readonly contact: RoutingContact;
  readonly world: RoutingWorld;
  readonly nowMs: number;
  readonly #openings: Openings;
  readonly #texts: Partial<Record<RoutingTextField, string>> = {};
  #variables: ReadonlyMap<string, FlowValue> | undefined;
  #segments: readonly string[] | undefined;
  #history: { found: RoutingHistory | undefined } | undefined;

  constructor(contact: RoutingContact, world: RoutingWorld, nowMs: number, openings: Openings) {
    this.contact = contact;
    this.world = world;
    this.nowMs = nowMs;
    this.#openings = openings;
  }

  /** In small letters. */
  text(field: RoutingTextField): string {
    return (this.#texts[field] ??= this.#written(field).toLowerCase());
  }

  get segments(): readonly string[] {
    return (this.#segments ??= this.contact.segments());
  }

  get history(): RoutingHistory | undefined {
    return (this.#history ??= { found: this.contact.history() }).found;
  }

  /** Expressions see the contact as flows name it, and what a flow has set. */
  get variables(): ReadonlyMap<string, FlowValue> {
    return (this.#variables ??= this.#allVariables());
  }

  isOpen(hours: FlowHours): boolean {
    const known = 'calendar' in hours ? this.world.hours(hours.calendar) : hours;
    return known !== undefined && this.#openings.isOpen(known, this.nowMs);
  }

  #written(field: RoutingTextField): string {
    const { caller, callerName, dialled, trunk, country, language } = this.contact;
    switch (field) {
      case 'caller':
        return caller;
      case 'caller-name':
        return callerName;
      case 'dialled':
        return dialled;
      case 'trunk':
        return trunk;
      case 'country':
        return country();
      case 'language':
        return language();
      case 'last-queue':
        return this.history?.lastQueue ?? '';
      case 'last-outcome':
        return this.history?.lastOutcome ?? '';
    }
  }

  #allVariables(): ReadonlyMap<string, FlowValue> {
    const { caller, callerName, dialled, trunk, country, language, variables } = this.contact;
    const all = new Map(variables);
    all.set('caller', caller).set('callerName', callerName).set('dialled', dialled).set('trunk', trunk);
    return all
      .set('country', country())
      .set('language', language())
      .set('segments', this.segments.join(', '));
  }
}

/** A condition made ready to be asked thousands of times a second. */
export function compileCondition(condition: RoutingCondition): Holds {
  if ('all' in condition) {
    const parts = cheapestFirst(condition.all).map(compileCondition);
    return (asked) => {
      for (const holds of parts) if (!holds(asked)) return false;
      return true;
    };
  }
  if ('any' in condition) {
    const parts = cheapestFirst(condition.any).map(compileCondition);
    return (asked) => {
      for (const holds of parts) if (holds(asked)) return true;
      return false;
    };
  }
  if ('not' in condition) {
    const holds = compileCondition(condition.not);
    return (asked) => !holds(asked);
  }
  return compileTest(condition);
}

/** Parts can be asked in any order, and mostly one of the first decides. */
function cheapestFirst(parts: readonly RoutingCondition[]): RoutingCondition[] {
  return parts.toSorted((a, b) => costOf(a) - costOf(b));
}

function costOf(condition: RoutingCondition): number {
  const sum = (parts: readonly RoutingCondition[]) => parts.reduce((cost, part) => cost + costOf(part), 1);
  if ('all' in condition) return sum(condition.all);
  if ('any' in condition) return sum(condition.any);
  if ('not' in condition) return costOf(condition.not);
  if (condition.field === 'segment') return 5;
  if (condition.field === 'expression') return 20;
  if (condition.field === 'hours') return 50;
  return 'values' in condition && condition.is === 'one-of' ? 1 : 2;
}

function compileTest(test: RoutingTest): Holds {
  switch (test.field) {
    case 'queue': {
      const { queue, figure, is, value } = test;
      return ({ world }) => compares(world.queue(queue, figure), is, value);
    }
    case 'history': {
      const { figure, is, value } = test;
      if (figure === 'contacts') return ({ history }) => compares(history?.contacts ?? 0, is, value);
      return ({ history }) => compares(history?.daysSinceLast, is, value);
    }
    case 'segment': {
      const { is } = test;
      const values = new Set(test.values);
      return (asked) => asked.segments.some((name) => values.has(name)) === (is === 'one-of');
    }
    case 'hours': {
      const { hours, is } = test;
      return (asked) => asked.isOpen(hours) === (is === 'open');
    }
    case 'expression': {
      const expression = expressionOf(test.when);
      return ({ variables }) => isTrue(expression.evaluate(variables));
    }
    case 'variable': {
      const fits = compileText(test.is, test.values);
      return ({ contact }) => fits(String(contact.variables.get(test.name) ?? '').toLowerCase());
    }
    default: {
      const fits = compileText(test.is, test.values);
      const { field } = test;
      return (asked) => fits(asked.text(field));
    }
  }
}

/** Above so many prefixes their lengths are looked up instead of each of them. */
const prefixesMax = 12;

/**
 * Texts are compared without regard to case; what is asked is in small letters already. Loops instead of functions over functions: they
 * make no garbage, and hundreds are asked for each call.
 */
export function compileText(is: RoutingTextOperator, written: readonly string[]): (text: string) => boolean {
  const list = written.map((value) => value.toLowerCase());
  const values = new Set(list);
  const lengths = [...new Set(list.map(({ length }) => length))];
  switch (is) {
    case 'one-of':
      return (text) => values.has(text);
    case 'none-of':
      return (text) => !values.has(text);
    case 'containing':
      return (text) => {
        for (const value of list) if (text.includes(value)) return true;
        return false;
      };
    case 'starting-with':
      return list.length <= prefixesMax
        ? (text) => {
            for (const value of list) if (text.startsWith(value)) return true;
            return false;
          }
        : (text) => lengths.some((length) => values.has(text.slice(0, length)));
  }
}

function compares(figure: number | undefined, is: 'at-least' | 'at-most', value: number): boolean {
  if (figure === undefined) return false;
  return is === 'at-least' ? figure >= value : figure <= value;
}

/** The first part that speaks against it, or all of it when it holds. */
export function decisivePart(
  condition: RoutingCondition,
  holds: boolean,
  ask: (part: RoutingCondition) => boolean,
): RoutingCondition {
  if ('all' in condition && !holds) {
    const against = condition.all.find((part) => !ask(part));
    return against === undefined ? condition : decisivePart(against, false, ask);
  }
  if ('any' in condition && holds) {
    const infavour = condition.any.find((part) => ask(part));
    return infavour === undefined ? condition : decisivePart(infavour, true, ask);
  }
  return condition;
}
