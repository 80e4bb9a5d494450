import type { FlowDocumentInput, FlowNodeKind, FlowPrompt } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { end, faultsOf, FlowCall, flow, text } from '../../test/flow-kit.ts';
import { speak } from '../prompts/index.ts';
import type { FlowValue } from './index.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
/** Half of all ways lead out, so that most documents are sound. */
const name = fc.oneof(fc.constant('out'), fc.constantFrom(...names));
const said: FlowPrompt = [text('Hm')];
const expression = fc.constantFrom(
  'v + 1',
  'v == 1',
  'caller == ""',
  'v.startsWith("2")',
  'v + v',
  '-v / 0',
  'nobody',
  'v in [1, "2", v] ? v : [v]',
  'size(v) > 900 || !v.contains("0") && int(v) % 7 >= double("x")',
  'string(v).size() + "\\ud800" + v',
);
const prompt = fc.oneof(
  fc.constantFrom<FlowPrompt[]>([], said),
  expression.map(
    (value): FlowPrompt => [{ number: value }, { digits: value }, { money: value, currency: 'CZK' }],
  ),
  expression.map((value): FlowPrompt => [{ date: value }, { time: value }]),
  fc.constant<FlowPrompt>([{ text: { cs: 'Hm' } }, { recording: 'tone' }]),
);
const key = fc.constantFrom('0', '1', '2', '*', '#');
const percents = fc.constantFrom(0, 1, 50, 100);
const judged = {
  confirmPrompt: prompt,
  keysPrompt: prompt,
  acceptPercent: percents,
  confirmPercent: percents,
};
const speech = fc.option(
  fc.record({
    phrases: fc.constant<Record<string, Record<string, string[]>>>({
      '1': { en: ['sales'] },
      '2': { en: ['billing'], cs: ['účty'] },
    }),
    intents: fc.boolean(),
    ...judged,
  }),
  { nil: undefined },
);
const digitSpeech = fc.option(fc.record(judged), { nil: undefined });
const retries = fc.constantFrom(0, 1, 2, 9);
const bargeIn = fc.boolean();
type Node = FlowDocumentInput['nodes'][string];

const timeoutSeconds = fc.constantFrom(1, 60);
const question = { prompt, retries, bargeIn, timeoutSeconds };
const lengths = { maxSeconds: fc.constantFrom(1, 600), silenceSeconds: fc.constantFrom(1, 30) };
const language = fc.constantFrom('en' as const, 'es' as const, 'cs' as const);
/** Closed all year but on the leap day, and open on both sides of midnight where the clock jumps. */
const odd = {
  timeZone: 'Europe/Prague',
  week: {
    sunday: [
      { from: '00:00', to: '02:30' },
      { from: '23:59', to: '24:00' },
    ],
  },
  specialDays: [
    { name: 'leap', day: '02-29', open: [{ from: '00:00', to: '24:00' }] },
    { name: 'none', day: '02-30' },
  ],
};
const ways = { next: name, failed: name };

/** Every kind that there is; the compiler misses one that is not here. */
const kinds: { [Kind in FlowNodeKind]: fc.Arbitrary<Omit<Extract<Node, { kind: Kind }>, 'kind'>> } = {
  say: fc.record({ prompt: prompt.filter(({ length }) => length > 0), bargeIn, next: name }),
  play: fc.record({ recording: fc.constant('tone'), bargeIn, next: name }),
  menu: fc.record({
    ...{ ...question, invalidPrompt: prompt, timeoutPrompt: prompt, speech, otherwise: name },
    keys: fc.dictionary(key, name, { minKeys: 1 }),
  }),
  collect: fc.record({
    ...{ variable: fc.constant('v'), secret: fc.boolean() },
    ...{ digitsMin: fc.integer({ min: 1, max: 2 }), digitsMax: fc.constantFrom(2, 3, 32) },
    ...{ terminator: fc.option(key), interDigitSeconds: fc.constantFrom(1, 30), invalidPrompt: prompt },
    ...{ ...question, speech: digitSpeech, next: name, otherwise: name },
  }),
  survey: fc.record({
    ...{ ...question, question: fc.constant('?'), invalidPrompt: prompt, next: name, otherwise: name },
    ...{ min: fc.integer({ min: 0, max: 1 }), max: fc.constantFrom(2, 9) },
  }),
  set: fc.record({ variable: fc.constant('v'), value: expression, next: name }),
  condition: fc.record({
    cases: fc.array(fc.record({ when: expression, next: name }), { minLength: 1, maxLength: 2 }),
    otherwise: name,
  }),
  hours: fc.record({
    hours: fc.constantFrom({ calendar: 'shared' }, odd),
    ...{ open: name, closed: name },
  }),
  language: fc.record({
    choices: fc.constantFrom({}, { '1': 'cs' as const }, { '#': 'en' as const, '0': 'es' as const }),
    ...{ ...question, otherwise: language, next: name },
  }),
  split: fc.record({
    branches: fc.array(fc.record({ weight: fc.integer({ min: 1, max: 1_000 }), next: name }), {
      ...{ minLength: 2, maxLength: 3 },
    }),
  }),
  http: fc.record({
    url: fc.constantFrom('https://a.example/{caller}?v={v}', 'http://b', 'https://c/../{v}/{v}#{v}'),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH'),
    body: fc.option(fc.constant('{"v": "{v}", "nobody": ["{nobody}"]}'), { nil: undefined }),
    ...{ timeoutMs: fc.constantFrom(100, 10_000), retries: fc.integer({ min: 0, max: 3 }) },
    ...{ results: fc.constantFrom({ v: 'x' }, {}, { v: 'a.0', toString: '__proto__.constructor' }), ...ways },
  }),
  'sub-flow': fc.record({ flow: fc.constant('inner'), next: name }),
  return: fc.constant({}),
  queue: fc.record(
    {
      ...{ queue: fc.constant('support'), refused: name, preferredAgent: expression },
      after: fc.record({ seconds: fc.constantFrom(15, 7_200), next: name }),
    },
    { requiredKeys: ['queue', 'refused'] },
  ),
  transfer: fc.record({
    to: fc.constantFrom({ agent: 'alice' }, { number: '+420555000222' }),
    ...{ ringSeconds: fc.constantFrom(5, 120), failed: name },
  }),
  voicemail: fc.record({ box: fc.constant('office'), prompt, ...lengths, ...ways }),
  callback: fc.record({ queue: fc.constant('support'), number: expression, ...ways }),
  record: fc.record({ prompt, ...lengths, ...ways }),
  end: fc.record({ prompt }),
};

const node = fc.oneof(
  ...Object.entries(kinds).map(([kind, of]) =>
    (of as fc.Arbitrary<object>).map((each) => ({ kind, ...each }) as Node),
  ),
);
/** A document that has passed the check, but for nodes that nothing reaches. `calls`: where its sub-flow nodes lead. */
const sound = (title: string, calls: string | undefined) =>
  fc
    .tuple(language, fc.array(node, { minLength: names.length, maxLength: names.length }))
    .map(([spoken, drawn]) => {
      const nodes = drawn.map((each): Node => {
        if (each.kind !== 'sub-flow') return each;
        return calls === undefined ? { kind: 'return' } : { ...each, flow: calls };
      });
      const named = nodes.map((each, index) => [names[index] ?? '', each] as const);
      return flow({ ...Object.fromEntries(named), out: end }, { start: 'a', name: title, language: spoken });
    })
    .filter((each) => {
      const others = [flow({ out: end }, { name: calls ?? 'nobody' })];
      return faultsOf(each, others).every(({ code }) => code === 'unreached' || code === 'speech-key');
    });
/** A flow, and those that it leads through. */
const flows = fc.tuple(sound('main', 'inner'), sound('inner', 'innermost'), sound('innermost', undefined));
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
  'gone',
);
/** What a look-up may bring. */
const found = fc.oneof(
  fc.constantFrom(0, 1, -1e300, true, ''),
  fc.string({ unit: 'binary', maxLength: 2_000 }),
);

function act(call: FlowCall, what: string, value: FlowValue): void {
  if (what === 'said') call.said();
  else if (what === 'waits') call.waits();
  else if (what === 'refused') call.do({ type: 'queue.refused', reason: 'queue-full' });
  else if (what === 'entered' || what === 'returned') call.do({ type: `queue.${what}` });
  else if (what === 'done' || what === 'failed') call.answers(what, { v: value });
  else if (what === 'gone') call.do({ type: 'left', reason: 'customer-hung-up' });
  else if (what === 'began') call.do({ type: 'speech.began', id: call.listened?.id ?? 0 });
  else if (what === 'deaf') call.do({ type: 'speech.failed', id: call.listened?.id ?? 0, reason: 'test' });
  else if (/^[a-z ?]+$/.test(what)) call.says(what, what.endsWith('?') ? 0.5 : 1);
  else call.keys(what);
}

const deeds = fc.array(fc.tuple(deed, found), { maxLength: 40 });

describe('flows that chance has drawn', () => {
  test('[FLOW-4] a caller who keys nothing reaches an end, whatever was done before', () => {
    fc.assert(
      fc.property(flows, deeds, ([main, ...others], done) => {
        const call = new FlowCall(main, others);
        for (const [what, value] of done) act(call, what, value);
        for (let turn = 0; turn < 3_000 && !call.isOver; turn++) {
          call.waits();
          call.do({ type: 'queue.refused', reason: 'queue-full' });
        }
        expect(call.isOver).toBe(true);
        expect(call.effects.filter(({ type }) => type === 'ended')).toHaveLength(1);
        expect(call.effects.at(-1)?.type).toBe('ended');
      }),
      { numRuns: 200 },
    );
  });

  test('[FLOW-4] a session that is not over always waits for something that will come: a timer or a queue', () => {
    fc.assert(
      fc.property(flows, deeds, ([main, ...others], done) => {
        const call = new FlowCall(main, others);
        for (const [what, value] of [['', ''] as const, ...done]) {
          if (what !== '') act(call, what, value);
          const timer = call.effects.findLast(({ type }) => type.startsWith('timer.'));
          const last = call.effects.findLast(({ type }) => type === 'queue' || type === 'passed');
          expect(call.isOver || timer?.type === 'timer.set' || last?.type === 'queue').toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('[FLOW-4] whatever a look-up brings, what is said of it can be spoken in every language', () => {
    fc.assert(
      fc.property(flows, deeds, ([main, ...others], done) => {
        const call = new FlowCall(main, others);
        for (const [what, value] of done) act(call, what, value);
        for (const effect of call.effects) {
          if (effect.type !== 'say') continue;
          for (const each of effect.utterances) {
            if (each.kind !== 'sentence') continue;
            for (const name of speak(each.language, each.sentence)) expect(name).toMatch(/^[a-z0-9-]+$/);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('[FLOW-4] whoever hangs up, wherever that is, ends it: nothing comes of it afterwards', () => {
    fc.assert(
      fc.property(flows, deeds, ([main, ...others], done) => {
        const call = new FlowCall(main, others);
        for (const [what, value] of done) act(call, what, value);
        act(call, 'gone', '');
        expect(call.isOver).toBe(true);
        expect(call.effects.filter(({ type }) => type === 'ended')).toHaveLength(1);
        expect(call.effects.at(-1)?.type).toBe('ended');
        const before = call.effects.length;
        for (const [what, value] of done) act(call, what, value);
        expect(call.effects).toHaveLength(before);
      }),
      { numRuns: 200 },
    );
  });
});
