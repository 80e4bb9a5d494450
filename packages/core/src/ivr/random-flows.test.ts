import type { FlowDocumentInput, FlowPrompt } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultsOf, FlowCall, flow, text } from '../../test/flow-kit.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const name = fc.constantFrom(...names);
const said: FlowPrompt = [text('Hm')];
const prompt = fc.constantFrom<FlowPrompt[]>([], said);
const key = fc.constantFrom('1', '2', '*', '#');
const speech = fc.option(
  fc.record({
    phrases: fc.constant<Record<string, Record<string, string[]>>>({
      '1': { en: ['sales'] },
      '2': { en: ['billing'], cs: ['účty'] },
    }),
    confirmPrompt: prompt,
    keysPrompt: prompt,
  }),
  { nil: undefined },
);
const digitSpeech = fc.option(fc.record({ confirmPrompt: prompt, keysPrompt: prompt }), { nil: undefined });
const retries = fc.integer({ min: 0, max: 2 });
const bargeIn = fc.boolean();
type Node = FlowDocumentInput['nodes'][string];

const node: fc.Arbitrary<Node> = fc.oneof(
  fc.record({ kind: fc.constant('say' as const), prompt: fc.constant(said), bargeIn, next: name }),
  fc.record({
    kind: fc.constant('menu' as const),
    keys: fc.dictionary(key, name, { minKeys: 1 }),
    ...{ prompt, retries, bargeIn, speech, otherwise: name },
  }),
  fc.record({
    kind: fc.constant('collect' as const),
    variable: fc.constant('v'),
    digitsMax: fc.integer({ min: 1, max: 3 }),
    ...{ prompt, retries, bargeIn, speech: digitSpeech, next: name, otherwise: name },
  }),
  fc.record({
    kind: fc.constant('set' as const),
    variable: fc.constant('v'),
    value: fc.constant('v + 1'),
    next: name,
  }),
  fc.record({
    kind: fc.constant('condition' as const),
    cases: fc.array(fc.record({ when: fc.constantFrom('v == 1', 'caller == ""'), next: name }), {
      minLength: 1,
      maxLength: 2,
    }),
    otherwise: name,
  }),
  fc.record({
    kind: fc.constant('language' as const),
    choices: fc.constantFrom({}, { '1': 'cs' as const }),
    ...{ prompt, retries, otherwise: fc.constant('es' as const), next: name },
  }),
  fc.record({ kind: fc.constant('queue' as const), queue: fc.constant('support'), refused: name }),
  fc.record({
    ...{ kind: fc.constant('queue' as const), queue: fc.constant('support'), refused: name },
    after: fc.record({ seconds: fc.constant(15), next: name }),
  }),
  fc.record({
    ...{ kind: fc.constant('survey' as const), question: fc.constant('?'), prompt, retries },
    ...{ next: name, otherwise: name },
  }),
  fc.record({
    ...{ kind: fc.constant('http' as const), url: fc.constant('https://a.example/{caller}') },
    ...{ results: fc.constant({ v: 'x' }), next: name, failed: name },
  }),
  fc.record({ kind: fc.constant('transfer' as const), to: fc.constant({ agent: 'alice' }), failed: name }),
  fc.record({ kind: fc.constant('record' as const), prompt, next: name, failed: name }),
  fc.record({
    ...{ kind: fc.constant('voicemail' as const), box: fc.constant('office'), prompt },
    ...{ next: name, failed: name },
  }),
  fc.record({
    ...{ kind: fc.constant('callback' as const), queue: fc.constant('support') },
    ...{ next: name, failed: name },
  }),
  fc.record({
    ...{ kind: fc.constant('hours' as const), hours: fc.constant({ calendar: 'shared' }) },
    ...{ open: name, closed: name },
  }),
  fc.record({ kind: fc.constant('end' as const), prompt }),
  fc.record({ kind: fc.constant('return' as const) }),
);

const document = fc
  .array(node, { minLength: 2, maxLength: names.length })
  .map((nodes) =>
    flow(Object.fromEntries(nodes.map((each, index) => [names[index] ?? '', each])), { start: 'a' }),
  );
/** Unreached nodes are allowed here, so that more documents pass. */
const sound = document.filter((each) =>
  faultsOf(each).every(({ code }) => code === 'unreached' || code === 'speech-key'),
);
const deed = fc.constantFrom(
  'said',
  'waits',
  'refused',
  'entered',
  'returned',
  'done',
  'failed',
  '1',
  '2',
  '*',
  '#',
  'began',
  'sales',
  'sales?',
  'yes',
  'two one',
  'hum',
  'deaf',
);

function act(call: FlowCall, what: string): void {
  if (what === 'said') call.said();
  else if (what === 'waits') call.waits();
  else if (what === 'refused') call.do({ type: 'queue.refused', reason: 'queue-full' });
  else if (what === 'entered' || what === 'returned') call.do({ type: `queue.${what}` });
  else if (what === 'done' || what === 'failed') call.answers(what);
  else if (what === 'began') call.do({ type: 'speech.began', id: call.listened?.id ?? 0 });
  else if (what === 'deaf') call.do({ type: 'speech.failed', id: call.listened?.id ?? 0, reason: 'test' });
  else if (/^[a-z ?]+$/.test(what)) call.says(what, what.endsWith('?') ? 0.5 : 1);
  else call.keys(what);
}

describe('flows that chance has drawn', () => {
  test('[FLOW-4] a caller who keys nothing reaches an end, whatever was done before', () => {
    fc.assert(
      fc.property(sound, fc.array(deed, { maxLength: 40 }), (each, deeds) => {
        const call = new FlowCall(each);
        for (const what of deeds) act(call, what);
        for (let turn = 0; turn < 1_000 && !call.isOver; turn++) {
          call.waits();
          call.do({ type: 'queue.refused', reason: 'queue-full' });
        }
        expect(call.isOver).toBe(true);
        expect(call.effects.filter(({ type }) => type === 'ended')).toHaveLength(1);
        expect(call.effects.at(-1)?.type).toBe('ended');
      }),
      { numRuns: 300 },
    );
  });

  test('[FLOW-4] a session that is not over always waits for something that will come: a timer or a queue', () => {
    fc.assert(
      fc.property(sound, fc.array(deed, { maxLength: 40 }), (each, deeds) => {
        const call = new FlowCall(each);
        for (const what of ['', ...deeds]) {
          if (what !== '') act(call, what);
          const timer = call.effects.findLast(({ type }) => type.startsWith('timer.'));
          const last = call.effects.findLast(({ type }) => type === 'queue' || type === 'passed');
          expect(call.isOver || timer?.type === 'timer.set' || last?.type === 'queue').toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
