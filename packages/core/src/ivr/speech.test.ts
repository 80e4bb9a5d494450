import { type FlowDocumentInput, FlowTestCase, type FlowTestCaseInput } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { end, FlowCall, faultsOf, flow, text } from '../../test/flow-kit.ts';
import { runFlowTest, textsOf } from './index.ts';
import { digitsIn, saidAmong } from './spoken-words.ts';

const speech = {
  phrases: {
    1: { en: ['sales', 'buy something'], cs: ['prodej'] },
    2: { en: ['billing'], cs: ['účty'] },
  },
  confirmPrompt: [text('Did you say')],
  keysPrompt: [text('Press 1 or 2')],
};
const menu: Extract<FlowDocumentInput['nodes'][string], { kind: 'menu' }> = {
  kind: 'menu',
  prompt: [text('Sales or billing?')],
  invalidPrompt: [text('Sorry')],
  keys: { 1: 'sales', 2: 'billing' },
  otherwise: 'bye',
  speech,
};
const queue = { kind: 'queue', queue: 'support', refused: 'bye' } as const;
const reception = flow({ menu, sales: queue, billing: queue, bye: end });
const account = (more: object = {}) =>
  flow({
    ask: {
      kind: 'collect',
      prompt: [text('Your number')],
      variable: 'account',
      digitsMin: 3,
      digitsMax: 5,
      retries: 1,
      speech: { confirmPrompt: [text('Did you say')], keysPrompt: [text('Key it')] },
      next: 'bye',
      otherwise: 'bye',
      ...more,
    },
    bye: end,
  });
const steps = (call: FlowCall) =>
  call.effects.flatMap((effect) => (effect.type === 'passed' ? [effect.step] : []));

describe('speech as an answer', () => {
  test('[FLOW-19] what is said leads where its key leads, and is reported with its confidence', () => {
    const call = new FlowCall(reception);
    expect(call.listened?.hearing).toMatchObject({
      language: 'en',
      phrases: ['sales', 'buy something', 'billing'],
      repeats: false,
    });
    call.says("I'd like to buy something, please.", 0.9);
    expect(call.path).toEqual(['menu:key-1']);
    expect(steps(call)[0]).toMatchObject({
      input: "I'd like to buy something, please.",
      spoken: [{ confidence: 0.9, result: 'accepted' }],
    });
  });

  test('[FLOW-19] a caller who begins to speak interrupts the prompt; a key ends the listening', () => {
    const call = new FlowCall(reception);
    call.do({ type: 'speech.began', id: 1 });
    expect(call.effects.some(({ type }) => type === 'hush')).toBe(true);
    call.keys('2');
    expect(call.path).toEqual(['menu:key-2']);
    expect(call.listened).toBeUndefined();
    const before = call.effects.length;
    call.do({ type: 'speech.heard', id: 1, text: 'sales', confidence: 1 });
    expect(call.effects).toHaveLength(before);
  });

  test('[FLOW-19] without barge-in nobody listens before the prompt is over', () => {
    const call = new FlowCall(
      flow({ menu: { ...menu, bargeIn: false }, sales: queue, billing: queue, bye: end }),
    );
    expect(call.listened).toBeUndefined();
    expect(call.said().listened?.id).toBe(1);
    expect(call.says('billing').path).toEqual(['menu:key-2']);
  });

  test('[FLOW-20] of what is not sure the caller is asked: yes, no, another answer, or a key', () => {
    const asked = () => new FlowCall(reception).says('sales', 0.5);
    expect(asked().heard.at(-1)).toBe('Did you say sales');
    expect(asked().says('yes').path).toEqual(['menu:key-1']);
    expect(asked().says('no, billing').path).toEqual(['menu:key-2']);
    expect(asked().keys('2').path).toEqual(['menu:key-2']);
    const denied = asked().says('no');
    expect(denied.heard.at(-1)).toBe('Sorry Sales or billing?');
    const results = steps(denied.says('billing')).flatMap(({ spoken }) =>
      spoken?.map(({ result }) => result),
    );
    expect(results).toEqual(['unclear', 'denied', 'accepted']);
  });

  test('[FLOW-20] a caller whom nobody understands has as many attempts as one who presses wrong keys', () => {
    const call = new FlowCall(reception).says('umbrella').says('sales', 0.2).says('sales and billing');
    expect(call.path).toEqual(['menu:otherwise', 'bye:end']);
    expect(steps(call)[0]?.spoken?.map(({ result }) => result)).toEqual(['no-match', 'no-match', 'no-match']);
    expect(new FlowCall(reception).keys('9').says('hum').keys('9').path[0]).toBe('menu:otherwise');
  });

  test('[FLOW-20] where phrases are examples, what resembles one counts as much as it does', () => {
    const phrases = {
      1: { en: ['a question about my invoice', 'billing'], cs: ['mám dotaz k faktuře'] },
      2: { en: ['my internet does not work', 'a broken router'], cs: ['nefunguje internet'] },
    };
    const asked = (intents: boolean) =>
      new FlowCall(
        flow({
          menu: { ...menu, speech: { ...speech, phrases, intents } },
          sales: queue,
          billing: queue,
          bye: end,
        }),
      );
    expect(asked(true).says('hello, my router is broken again', 0.9).path).toEqual(['menu:key-2']);
    expect(asked(false).says('hello, my router is broken again', 0.9).path).toEqual([]);
    // Half of an example is half as sure: the caller is asked.
    const unsure = asked(true).says('there is something wrong with the invoices', 0.9);
    expect(unsure.heard.at(-1)).toBe('Did you say a question about my invoice');
    expect(unsure.says('yes').path).toEqual(['menu:key-1']);
    expect(steps(unsure)[0]?.spoken?.map(({ confidence }) => confidence)).toEqual([0.45, 1]);
    for (const neither of ['an invoice for the router', 'umbrella', '']) {
      expect(asked(true).says(neither, 1).heard.at(-1)).toBe('Sorry Sales or billing?');
    }
  });

  test('[FLOW-21] where nobody understands speech, keys alone answer and the prompt says so', () => {
    const call = new FlowCall(reception).do({ type: 'speech.failed', id: 1, reason: 'no-connection' });
    expect(call.heard).toEqual(['Sales or billing?', 'Press 1 or 2']);
    expect(call.keys('7').heard.at(-1)).toBe('Sorry Press 1 or 2');
    expect(call.effects.filter(({ type }) => type === 'listen')).toHaveLength(1);
    expect(call.keys('1').path).toEqual(['menu:key-1']);
    expect(steps(call)[0]?.spoken).toEqual([{ text: '', confidence: 0, result: 'failed:no-connection' }]);
  });

  test('[FLOW-21] a recogniser that never answers is one that failed', () => {
    const call = new FlowCall(reception).do({ type: 'speech.began', id: 1 }).waits();
    expect(call.now).toBe(18_700);
    expect(call.heard.at(-1)).toBe('Press 1 or 2');
    expect(call.listened).toBeUndefined();
  });

  test('[FLOW-21] in a language without words the keys alone answer', () => {
    const spanish = flow({ menu, sales: queue, billing: queue, bye: end }, { language: 'es' });
    const call = new FlowCall(spanish);
    expect(call.listened).toBeUndefined();
    expect(call.heard).toEqual(['Press 1 or 2']);
    expect(
      new FlowCall(flow({ menu, sales: queue, billing: queue, bye: end }, { language: 'cs' })).says('ÚČTY')
        .path,
    ).toEqual(['menu:key-2']);
  });

  test('[FLOW-22] digits are spoken one by one, said back when unsure, and stand in no log when secret', () => {
    const call = new FlowCall(account()).says('it is four two oh', 0.8);
    expect([call.variable('account'), steps(call)[0]?.input]).toEqual(['420', '420']);
    const unsure = new FlowCall(account()).says('four two one', 0.4);
    expect(unsure.heard.at(-1)).toBe('Did you say {"kind":"digits","digits":"421"}');
    expect(unsure.says('yes').variable('account')).toBe('421');
    expect(new FlowCall(account()).says('four two').says('1 2 3 4 5 6').path[0]).toBe('ask:otherwise');
    const secret = steps(new FlowCall(account({ secret: true })).says('one two three'));
    expect(secret[0]).toMatchObject({ input: '', spoken: [{ text: '', result: 'accepted' }] });
    expect(
      new FlowCall(account())
        .keys('421')
        .do({ type: 'speech.heard', id: 1, text: 'one', confidence: 1 })
        .keys('#')
        .variable('account'),
    ).toBe('421');
  });

  test('words are told apart whatever signs and accents they are written with', () => {
    expect(digitsIn('Čtyři, dva, JEDNA.', 'cs')).toBe('421');
    expect(digitsIn('four hundred', 'en')).toBeUndefined();
    const phrases = [
      { phrase: 'support', value: '1' },
      { phrase: 'technical support', value: '2' },
    ];
    expect(saidAmong('technical support please', phrases)?.value).toBe('2');
    expect(saidAmong('supporting', phrases)).toBeUndefined();
  });

  test('[FLOW-3] words lead to keys of the menu, each to one, and what is said back is spoken beforehand', () => {
    const broken = flow({
      menu: {
        ...menu,
        speech: {
          phrases: { 1: { en: ['sales'] }, 2: { en: ['Sales'] }, 3: { en: ['nobody'] } },
          acceptPercent: 30,
        },
      },
      sales: queue,
      billing: queue,
      bye: end,
    });
    expect(faultsOf(broken).map(({ code, path }) => [code, path])).toEqual([
      ['speech-percent', 'nodes.menu.speech.confirmPercent'],
      ['speech-twice', 'nodes.menu.speech.phrases.2.en.0'],
      ['speech-key', 'nodes.menu.speech.phrases.3'],
    ]);
    expect(faultsOf(reception)).toEqual([]);
    expect(textsOf(reception)).toContainEqual({ en: 'sales' });
  });

  test('[IVR-06] tests of flows speak, and try a recogniser that fails', () => {
    const run = (more: Omit<FlowTestCaseInput, 'name' | 'flow'>) =>
      runFlowTest(FlowTestCase.parse({ name: 't', flow: 'main', ...more }), {
        flow: () => reception,
        hours: () => undefined,
      }).failures;
    expect(run({ steps: [{ says: 'billing' }], expect: { path: ['menu:key-2'], queue: 'support' } })).toEqual(
      [],
    );
    expect(
      run({ steps: [{ fails: 'paused' }, { hears: 'Press 1' }, { says: 'sales' }], expect: { at: 'menu' } }),
    ).toEqual(['step 3: the flow does not listen to speech']);
  });
});
