import { describe, expect, test } from 'vitest';
import { end, FlowCall, flow, text } from '../../test/flow-kit.ts';

const reception = flow({
  hello: { kind: 'say', prompt: [text('Hello')], next: 'menu' },
  menu: {
    kind: 'menu',
    prompt: [text('Sales 1')],
    invalidPrompt: [text('Wrong')],
    timeoutPrompt: [text('Still there?')],
    retries: 1,
    keys: { 1: 'sales' },
    otherwise: 'bye',
  },
  sales: { kind: 'queue', queue: 'support', priority: 3, refused: 'bye' },
  bye: { kind: 'end', prompt: [text('Bye')] },
});

describe('the flow session', () => {
  test('[FLOW-5] [FLOW-12] what was heard leads on, a key leads to the queue, and each node is reported', () => {
    const call = new FlowCall(reception).said().keys('1');
    expect(call.heard).toEqual(['Hello', 'Sales 1']);
    expect(call.effects.at(-1)).toEqual({ type: 'queue', queue: 'support', priority: 3 });
    call.do({ type: 'left', reason: 'queued' });
    expect(call.path).toEqual(['hello:next', 'menu:key-1', 'sales:queued']);
    expect(call.effects.at(-1)).toEqual({ type: 'ended', reason: 'queued', hangUp: false });
    expect(call.isOver).toBe(true);
  });

  test('[FLOW-5] a key ends what is said and is the first for the next question', () => {
    const call = new FlowCall(reception).keys('1');
    expect(call.heard).toEqual(['Hello']);
    expect(call.path).toEqual(['hello:next', 'menu:key-1']);
  });

  test('[FLOW-5] without barge-in keys pressed meanwhile count for nothing', () => {
    const patient = flow({
      hello: { kind: 'say', prompt: [text('Hello')], bargeIn: false, next: 'menu' },
      menu: { kind: 'menu', prompt: [text('1?')], bargeIn: false, keys: { 1: 'bye' }, otherwise: 'bye' },
      bye: end,
    });
    const call = new FlowCall(patient).keys('1').said().keys('1');
    expect(call.path).toEqual(['hello:next']);
    expect(call.said().keys('1').path).toEqual(['hello:next', 'menu:key-1', 'bye:end']);
  });

  test('[FLOW-6] a wrong key and a time-out ask again, and then the call goes on by otherwise', () => {
    const call = new FlowCall(reception).said().said().keys('7').said().waits();
    expect(call.heard).toEqual(['Hello', 'Sales 1', 'Wrong Sales 1', 'Bye']);
    expect(call.now).toBe(6_000);
    expect(call.path.at(-2)).toBe('menu:otherwise');
    expect(call.said().ended).toBe('flow-ended');
    expect(new FlowCall(reception).said().said().waits().heard.at(-1)).toBe('Still there? Sales 1');
  });

  const account = flow({
    ask: {
      kind: 'collect',
      prompt: [text('Your number')],
      variable: 'account',
      digitsMin: 3,
      digitsMax: 5,
      retries: 0,
      secret: true,
      next: 'check',
      otherwise: 'bye',
    },
    check: {
      kind: 'condition',
      cases: [{ when: 'account.startsWith("42")', next: 'known' }],
      otherwise: 'bye',
    },
    known: { kind: 'say', prompt: [{ digits: 'account' }, { number: 'account.size()' }], next: 'bye' },
    bye: end,
  });

  test('[FLOW-7] digits end at the longest, at the terminator, or after a pause', () => {
    expect(new FlowCall(account).keys('42123').variable('account')).toBe('42123');
    expect(new FlowCall(account).keys('421#').variable('account')).toBe('421');
    const slow = new FlowCall(account).keys('421').waits();
    expect([slow.variable('account'), slow.now]).toEqual(['421', 4_000]);
    expect(slow.heard.at(-1)).toBe('{"kind":"digits","digits":"421"} {"kind":"number","value":3}');
    expect(new FlowCall(account).keys('42#').path).toEqual(['ask:otherwise', 'bye:end']);
    const steps = slow.effects.flatMap((effect) => (effect.type === 'passed' ? [effect.step.input] : []));
    expect(steps).toEqual(['', '']);
  });

  test('[FLOW-8] a caller chooses the language; what is not written in it is said in another', () => {
    const lingual = flow({
      which: {
        kind: 'language',
        prompt: [{ text: { en: 'English 1', cs: 'Česky 2' } }],
        choices: { 1: 'en', 2: 'cs' },
        otherwise: 'en',
        next: 'hello',
      },
      hello: { kind: 'say', prompt: [{ text: { en: 'Hello', cs: 'Dobrý den' } }, text('OK')], next: 'bye' },
      bye: end,
    });
    expect(new FlowCall(lingual).keys('2').heard.at(-1)).toBe('Dobrý den OK');
    expect(new FlowCall(lingual).keys('2').variable('language')).toBe('cs');
    expect(new FlowCall(lingual).said().waits().said().waits().said().waits().heard.at(-1)).toBe('Hello OK');
  });

  test('[FLOW-9] the same number always goes the same way, and callers in proportion', () => {
    const split = flow({
      which: {
        kind: 'split',
        branches: [
          { weight: 3, next: 'a' },
          { weight: 1, next: 'b' },
        ],
      },
      a: end,
      b: end,
    });
    const ways = Array.from(
      { length: 4_000 },
      (_, index) => new FlowCall(split, [], `+42060${index}`).path[0],
    );
    const first = ways.filter((way) => way === 'which:branch-1').length / ways.length;
    expect(first).toBeGreaterThan(0.72);
    expect(first).toBeLessThan(0.78);
    expect(new FlowCall(split, [], '+42060777').path[0]).toBe(ways[777]);
    const withheld = Array.from(
      { length: 400 },
      (_, index) => new FlowCall(split, [], '', `call-${index}`).path[0],
    );
    const firstOfThem = withheld.filter((way) => way === 'which:branch-1').length / withheld.length;
    expect(firstOfThem).toBeGreaterThan(0.65);
    expect(firstOfThem).toBeLessThan(0.85);
  });

  test('[FLOW-10] a refusal of the queue goes on with its reason', () => {
    const call = new FlowCall(reception).keys('1').do({ type: 'queue.refused', reason: 'queue-full' });
    expect(call.variable('refusal')).toBe('queue-full');
    expect(call.path.at(-1)).toBe('bye:end');
  });

  test('[FLOW-11] a sub-flow returns to who called it, and shares the variables', () => {
    const outer = flow({
      sub: { kind: 'sub-flow', flow: 'inner', next: 'after' },
      after: { kind: 'say', prompt: [{ digits: 'code' }], next: 'back' },
      back: { kind: 'return' },
    });
    const inner = flow(
      { set: { kind: 'set', variable: 'code', value: '40 + 2', next: 'back' }, back: { kind: 'return' } },
      { name: 'inner' },
    );
    const call = new FlowCall(outer, [inner]).said();
    expect(call.path).toEqual(['set:next', 'back:return', 'sub:next', 'after:next', 'back:return']);
    expect(call.ended).toBe('flow-ended');
  });

  test('hours decide by the clock of the place', () => {
    const hours = flow({
      hours: {
        kind: 'hours',
        hours: { timeZone: 'Europe/Prague', week: { thursday: [{ from: '00:00', to: '24:00' }] } },
        open: 'a',
        closed: 'b',
      },
      a: end,
      b: end,
    });
    // 1 January 1970 was a Thursday.
    expect(new FlowCall(hours).path[0]).toBe('hours:open');
  });

  test('[FLOW-4] a caller who plays with the keys is hung up after 1,000 nodes', () => {
    const round = flow({
      menu: { kind: 'menu', prompt: [text('?')], keys: { 1: 'menu' }, otherwise: 'bye' },
      bye: end,
    });
    const call = new FlowCall(round).keys('1'.repeat(998));
    expect(call.ended).toBeUndefined();
    expect(call.keys('11').ended).toBe('too-many-steps');
  });

  test('[FLOW-4] what is never reported as said counts as said, and input after the end is ignored', () => {
    const call = new FlowCall(reception).waits();
    expect([call.heard.at(-1), call.now]).toEqual(['Sales 1', 180_000]);
    call.do({ type: 'left', reason: 'caller-hung-up' });
    const count = call.effects.length;
    call
      .said()
      .keys('1')
      .waits()
      .do({ type: 'queue.refused', reason: 'x' })
      .do({ type: 'left', reason: 'x' });
    expect(call.effects).toHaveLength(count);
  });
});
