/**
 * Nodes that flow sessions go through per CPU second: `node packages/core/bench/ivr.ts`. Each call sets variables, decides by
 * expressions, chooses from a menu and enters a queue.
 */
import { FlowDocument } from '@crosspoint/contracts';
import { createFlowSession } from '../src/ivr/index.ts';

const calls = 100_000;
const document = FlowDocument.parse({
  name: 'bench',
  start: 'hello',
  nodes: {
    hello: { kind: 'say', prompt: [{ text: { en: 'Hello' } }], next: 'set' },
    set: { kind: 'set', variable: 'code', value: 'caller.size() * 2', next: 'known' },
    known: {
      kind: 'condition',
      cases: [{ when: 'caller.startsWith("+420") && code > 10', next: 'split' }],
      otherwise: 'menu',
    },
    split: {
      kind: 'split',
      branches: [
        { weight: 1, next: 'menu' },
        { weight: 1, next: 'language' },
      ],
    },
    language: { kind: 'language', otherwise: 'cs', next: 'menu' },
    menu: { kind: 'menu', prompt: [{ text: { en: 'One?' } }], keys: { 1: 'queue' }, otherwise: 'bye' },
    queue: { kind: 'queue', queue: 'support', refused: 'bye' },
    bye: { kind: 'end' },
  },
});

let steps = 0;
const before = process.cpuUsage();
for (let call = 0; call < calls; call++) {
  const session = createFlowSession(document, { flow: () => undefined, hours: () => undefined });
  const caller = { callerPhone: `+420${600_000_000 + call}`, callerName: '', number: '700' };
  for (const input of [
    { type: 'started', caller },
    { type: 'said' },
    { type: 'digit', digit: '1' },
    { type: 'left', reason: 'queued' },
  ] as const) {
    for (const effect of session.handle(input, call)) if (effect.type === 'passed') steps += 1;
  }
}
const { user, system } = process.cpuUsage(before);
const seconds = (user + system) / 1e6;
console.log(`${Math.round(steps / seconds)} nodes per CPU second (${steps} in ${seconds.toFixed(2)} s)`);
