/**
 * How long one decision takes with 500 rules of which none takes the contact: `node packages/core/bench/routing.ts`. Once each rule has a
 * tree of conditions over prefixes, lists of numbers and expressions, of which an index finds what is possible; once none names a
 * number, so that every rule has to be asked, by expressions, business hours, figures of queues and history.
 */
import { type BusinessHours, type RoutingCondition, RoutingRule } from '@crosspoint/contracts';
import { createRuleSet, type RoutingContact } from '../src/routing/index.ts';

const rulesCount = 500;
const decisions = 20_000;

const listed = (index: number): RoutingCondition => ({
  all: [
    {
      any: [
        { field: 'caller', is: 'starting-with', values: [`+4207${index}`, '+42060', '+42061'] },
        {
          field: 'caller',
          is: 'one-of',
          values: Array.from({ length: 50 }, (_, n) => `+4206${index}${n}`),
        },
      ],
    },
    { not: { field: 'trunk', is: 'one-of', values: ['carrier-b'] } },
    index % 5 === 0
      ? { field: 'expression', when: `dialled == "7${index}" && country == "CZ"` }
      : { field: 'dialled', is: 'one-of', values: [`7${index}`] },
  ],
});
const dear: readonly ((index: number) => RoutingCondition)[] = [
  (index) => ({ field: 'expression', when: `dialled == "7${index}" && country == "CZ"` }),
  () => ({ field: 'hours', hours: { calendar: 'office' }, is: 'closed' }),
  (index) => ({ field: 'queue', queue: 'support', figure: 'waiting', is: 'at-least', value: index + 8 }),
  (index) => ({ field: 'history', figure: 'contacts', is: 'at-least', value: index + 2 }),
  (index) => ({ field: 'caller-name', is: 'containing', values: [`number ${index}`] }),
];
const office: BusinessHours = {
  timeZone: 'Europe/Prague',
  week: { thursday: [{ from: '00:00', to: '24:00' }] },
  specialDays: [],
};
const names = {
  ...{ queues: new Set<string>(), calendars: new Set<string>() },
  ...{ hasFlow: () => false, hasVoicemailBox: () => false, hasAgent: () => false },
};
const world = { queue: () => 7, hours: () => office, names: () => names };
const history = { contacts: 1, daysSinceLast: 2, lastQueue: 'support', lastOutcome: 'answered' };

measure('by numbers', listed);
measure('all asked', (index) => (dear[index % dear.length] ?? listed)(index));

function measure(what: string, whenOf: (index: number) => RoutingCondition): void {
  const rules = Array.from({ length: rulesCount }, (_, index) =>
    RoutingRule.parse({
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      name: `rule ${index}`,
      share: index % 10 === 0 ? 50 : 100,
      when: whenOf(index),
      targets: [{ to: { queue: 'support' } }],
    }),
  );
  const set = createRuleSet(rules);
  const times: number[] = [];
  const cpuBefore = process.cpuUsage();
  for (let call = 0; call < decisions; call++) {
    const contact: RoutingContact = {
      caller: `+42060${1_000_000 + call}`,
      ...{ callerName: 'Eva', dialled: 'none', trunk: 'carrier-a', variables: new Map() },
      ...{ country: () => 'CZ', language: () => 'cs', history: () => history },
      segments: () => [],
    };
    const before = performance.now();
    const { rule } = set.decide(contact, world, call);
    times.push(performance.now() - before);
    if (rule !== undefined) throw new Error(`${rule.name} takes the contact, and the rest is not measured.`);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => `${((times[Math.floor(times.length * share)] ?? 0) * 1_000).toFixed(0)} µs`;
  const { user, system } = process.cpuUsage(cpuBefore);
  const mean = `${((user + system) / decisions).toFixed(0)} µs of CPU`;
  console.log(
    `${rulesCount} rules, ${what}: ${mean}, p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)} (wanted: p99 under 200 µs)`,
  );
}
