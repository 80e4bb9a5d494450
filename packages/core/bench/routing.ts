/**
 * How long one decision takes with 500 rules that all have to be looked at: `node packages/core/bench/routing.ts`. Each rule has a tree
 * of conditions over prefixes, lists of numbers, history and an expression.
 */
import { RoutingRule } from '@crosspoint/contracts';
import { createRuleSet, type RoutingContact } from '../src/routing/index.ts';

const rulesCount = 500;
const decisions = 20_000;

const rules = Array.from({ length: rulesCount }, (_, index) =>
  RoutingRule.parse({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    name: `rule ${index}`,
    share: index % 10 === 0 ? 50 : 100,
    when: {
      all: [
        {
          any: [
            { field: 'caller', is: 'starting-with', values: [`+4207${index}`, '+42060', '+42061'] },
            {
              field: 'caller',
              is: 'one-of',
              values: Array.from({ length: 50 }, (__, n) => `+4206${index}${n}`),
            },
          ],
        },
        { not: { field: 'trunk', is: 'one-of', values: ['carrier-b'] } },
        index % 5 === 0
          ? { field: 'expression', when: `dialled == "7${index}" && country == "CZ"` }
          : { field: 'dialled', is: 'one-of', values: [`7${index}`] },
      ],
    },
    targets: [{ to: { queue: 'support' } }],
  }),
);
const set = createRuleSet(rules);
const names = {
  ...{ queues: new Set<string>(), calendars: new Set<string>() },
  ...{ hasFlow: () => false, hasVoicemailBox: () => false, hasAgent: () => false },
};
const world = { queue: () => undefined, hours: () => undefined, names: () => names };
const times: number[] = [];
const cpuBefore = process.cpuUsage();
for (let call = 0; call < decisions; call++) {
  const contact: RoutingContact = {
    caller: `+42060${1_000_000 + call}`,
    ...{ callerName: '', dialled: 'none', trunk: 'carrier-a', variables: new Map() },
    ...{ country: () => 'CZ', language: () => 'cs', history: () => undefined },
    segments: () => [],
  };
  const before = performance.now();
  set.decide(contact, world, call);
  times.push(performance.now() - before);
}
times.sort((a, b) => a - b);
const at = (share: number) => `${((times[Math.floor(times.length * share)] ?? 0) * 1_000).toFixed(0)} µs`;
const { user, system } = process.cpuUsage(cpuBefore);
const mean = `${((user + system) / decisions).toFixed(0)} µs of CPU`;
console.log(`${rulesCount} rules: ${mean}, p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}`);
