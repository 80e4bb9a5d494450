import {
  type RoutingCondition,
  type RoutingHistoryFigure,
  type RoutingQueueFigure,
  type RoutingScriptFailure,
  type RoutingTarget,
  type RoutingTest,
  RoutingTextField,
  type RoutingTextOperator,
} from '@crosspoint/contracts';
import { hoursWords } from '#lib/features/flows/words.ts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';
import { historyTestWords, queueTestWords } from './figures.ts';

/** A condition as the builder shows it: groups of conditions, `none` being "not any". */
export type GroupKind = 'all' | 'any' | 'none';
export interface Group {
  kind: GroupKind;
  parts: RoutingCondition[];
}

/** The group that a condition is; undefined for a single test. */
export function groupOf(condition: RoutingCondition): Group | undefined {
  if ('all' in condition) return { kind: 'all', parts: condition.all };
  if ('any' in condition) return { kind: 'any', parts: condition.any };
  if (!('not' in condition)) return undefined;
  const { not } = condition;
  return { kind: 'none', parts: 'any' in not ? not.any : [not] };
}

export function conditionOf({ kind, parts }: Group): RoutingCondition {
  if (kind === 'all' || parts.length === 0) return { all: parts };
  return kind === 'any' ? { any: parts } : { not: { any: parts } };
}

export type TestField =
  | RoutingTextField
  | 'variable'
  | 'queue'
  | 'history'
  | 'segment'
  | 'hours'
  | 'expression';

export const fieldWords: Record<TestField, () => string> = {
  caller: m.rule_field_caller,
  'caller-name': m.rule_field_caller_name,
  dialled: m.rule_field_dialled,
  trunk: m.rule_field_trunk,
  country: m.rule_field_country,
  language: m.rule_field_language,
  'last-queue': m.rule_field_last_queue,
  'last-outcome': m.rule_field_last_outcome,
  variable: m.rule_field_variable,
  queue: m.rule_field_queue,
  history: m.rule_field_history,
  segment: m.rule_field_segment,
  hours: m.rule_field_hours,
  expression: m.rule_field_expression,
};

export const operatorWords: Record<RoutingTextOperator, () => string> = {
  'one-of': m.rule_one_of,
  'none-of': m.rule_none_of,
  'starting-with': m.rule_starting_with,
  containing: m.rule_containing,
};

export const queueFigureWords: Record<RoutingQueueFigure, () => string> = {
  waiting: m.rule_figure_waiting,
  ready: m.rule_figure_ready,
  'longest-wait-seconds': m.rule_figure_longest_wait,
  'estimated-wait-seconds': m.rule_figure_estimated_wait,
};

export const historyFigureWords: Record<RoutingHistoryFigure, () => string> = {
  contacts: m.rule_figure_contacts,
  'days-since-last': m.rule_figure_days,
};

const isTextField = (field: TestField): field is RoutingTextField =>
  RoutingTextField.safeParse(field).success;

/** A test of that field to begin with. */
export function newTest(field: TestField): RoutingTest {
  if (isTextField(field)) return { field, is: 'one-of', values: [] };
  switch (field) {
    case 'variable':
      return { field, name: '', is: 'one-of', values: [] };
    case 'queue':
      return { field, queue: '', figure: 'waiting', is: 'at-least', value: 1 };
    case 'history':
      return { field, figure: 'contacts', is: 'at-least', value: 1 };
    case 'segment':
      return { field, is: 'one-of', values: [] };
    case 'hours':
      return { field, hours: { calendar: '' }, is: 'open' };
    case 'expression':
      return { field, when: '' };
  }
}

const single: Partial<Record<RoutingTextOperator, () => string>> = {
  'none-of': m.rule_is_not,
  'one-of': m.rule_is,
};

/** What a text is compared with: of a single value it is said that it is that. */
function comparisonWords(is: RoutingTextOperator, values: readonly string[]): string {
  const words = (values.length === 1 ? single[is] : undefined) ?? operatorWords[is];
  return `${words()} ${shown.list(values)}`;
}

function testWords(test: RoutingTest): string {
  switch (test.field) {
    case 'queue':
      return queueTestWords(test);
    case 'history':
      return historyTestWords(test);
    case 'segment': {
      const segments = shown.list(test.values);
      return test.is === 'one-of' ? m.rule_in_segment({ segments }) : m.rule_not_in_segment({ segments });
    }
    case 'hours':
      return test.is === 'open'
        ? m.rule_is_open({ hours: hoursWords(test.hours) })
        : m.rule_is_closed({ hours: hoursWords(test.hours) });
    case 'expression':
      return test.when;
    case 'variable':
      return `${test.name} ${comparisonWords(test.is, test.values)}`;
    default:
      return `${fieldWords[test.field]()} ${comparisonWords(test.is, test.values)}`;
  }
}

/** A condition as a sentence, brackets where they are needed. */
export function conditionWords(condition: RoutingCondition, isInner = false): string {
  const group = groupOf(condition);
  if (group === undefined) return testWords(condition as RoutingTest);
  if (group.parts.length === 0) return m.rule_always();
  const words = group.parts.map((part) => conditionWords(part, group.parts.length > 1));
  if (group.kind === 'none') return m.rule_not({ condition: words.join(` ${m.flow_or()} `) });
  const text = words.join(` ${group.kind === 'all' ? m.flow_and() : m.flow_or()} `);
  return isInner && words.length > 1 ? `(${text})` : text;
}

/** Why a contact was led where it was: scripts that failed before, then the condition that held. */
export function reasonWords(
  failures: readonly RoutingScriptFailure[],
  when: RoutingCondition | null | undefined,
): string {
  const failed = failures.map(({ rule, message }) => m.rule_script_failed({ rule, message }));
  const held = when ? [m.rule_sentence({ condition: conditionWords(when) })] : [];
  return [...failed, ...held].join(' · ');
}

export function targetWords(target: RoutingTarget): string {
  if ('queue' in target) return m.rule_to_queue({ name: target.queue });
  if ('flow' in target) return m.rule_to_flow({ name: target.flow });
  if ('agent' in target) return m.rule_to_agent({ name: target.agent });
  if ('number' in target) return m.rule_to_number({ name: target.number });
  return 'voicemail' in target ? m.rule_to_voicemail({ name: target.voicemail }) : m.rule_to_end();
}
