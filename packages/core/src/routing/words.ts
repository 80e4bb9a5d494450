import type { RoutingCondition, RoutingTarget, RoutingTest } from '@crosspoint/contracts';

/** Values that a sentence names before it says how many there are. */
const namedMax = 3;

const fields: Readonly<Record<string, string>> = {
  caller: 'the caller',
  'caller-name': "the caller's name",
  dialled: 'the number dialled',
  trunk: 'the trunk',
  country: "the caller's country",
  language: 'the language',
  'last-queue': 'the queue of the last contact',
  'last-outcome': 'the outcome of the last contact',
};
const operators = {
  'one-of': 'is',
  'none-of': 'is not',
  'starting-with': 'begins with',
  containing: 'contains',
} as const;
const figures = {
  waiting: 'contacts waiting',
  ready: 'agents ready',
  'longest-wait-seconds': 'the longest wait in seconds',
  'estimated-wait-seconds': 'the estimated wait in seconds',
  contacts: 'contacts of the caller in 30 days',
  'days-since-last': 'days since the last contact',
} as const;
const comparisons = { 'at-least': 'at least', 'at-most': 'at most' } as const;

/** A condition as a sentence in English, for logs: `the caller begins with +420 or +421 and sales: agents ready at least 1`. */
export function conditionWords(condition: RoutingCondition): string {
  if ('all' in condition) return joined(condition.all, ' and ', 'always');
  if ('any' in condition) return joined(condition.any, ' or ', 'never');
  if ('not' in condition) return `not (${conditionWords(condition.not)})`;
  return testWords(condition);
}

function joined(parts: readonly RoutingCondition[], by: string, none: string): string {
  if (parts.length === 0) return none;
  return parts
    .map((part) => {
      const isGroup = ('all' in part && part.all.length > 1) || ('any' in part && part.any.length > 1);
      return isGroup && parts.length > 1 ? `(${conditionWords(part)})` : conditionWords(part);
    })
    .join(by);
}

export function testWords(test: RoutingTest): string {
  switch (test.field) {
    case 'hours': {
      const name = 'calendar' in test.hours ? test.hours.calendar : `the hours in ${test.hours.timeZone}`;
      return `${name} ${test.is === 'open' ? 'open' : 'closed'}`;
    }
    case 'queue':
      return `${test.queue}: ${figures[test.figure]} ${comparisons[test.is]} ${test.value}`;
    case 'history':
      return `${figures[test.figure]} ${comparisons[test.is]} ${test.value}`;
    case 'segment':
      return `the caller is ${test.is === 'one-of' ? '' : 'not '}in the segment ${valueWords(test.values)}`;
    case 'expression':
      return test.when;
    case 'variable':
      return `${test.name} ${operators[test.is]} ${valueWords(test.values)}`;
    default:
      return `${fields[test.field]} ${operators[test.is]} ${valueWords(test.values)}`;
  }
}

function valueWords(values: readonly string[]): string {
  const named = values.slice(0, namedMax).join(' or ');
  return values.length > namedMax ? `${named} or ${values.length - namedMax} more` : named;
}

/** Where a contact goes: `queue support`, `agent alice`, `the end`. */
export function targetWords(target: RoutingTarget | undefined): string {
  if (target === undefined) return 'nobody';
  if ('queue' in target) return `queue ${target.queue}`;
  if ('flow' in target) return `flow ${target.flow}`;
  if ('agent' in target) return `agent ${target.agent}`;
  if ('number' in target) return `number ${target.number}`;
  if ('voicemail' in target) return `voicemail ${target.voicemail}`;
  return 'the end';
}
