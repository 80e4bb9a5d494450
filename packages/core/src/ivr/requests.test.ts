import type { FlowDocumentInput, FlowNodeInput } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { end, faultsOf, FlowCall, flow, text } from '../../test/flow-kit.ts';

type Nodes = FlowDocumentInput['nodes'];
const ways = { next: 'good', failed: 'bad' };
const good: FlowNodeInput = { kind: 'end', prompt: [text('good')] };
const bad: FlowNodeInput = { kind: 'end', prompt: [text('bad')] };
const requestOf = (call: FlowCall) => {
  const asked = call.effects.findLast(({ type }) => type === 'request');
  return asked?.type === 'request' ? asked.request : undefined;
};
const types = (call: FlowCall) => call.effects.map(({ type }) => type);

describe('what a flow asks of others', () => {
  const lookup: Extract<FlowNodeInput, { kind: 'http' }> = {
    ...{ kind: 'http', method: 'POST', url: 'https://crm.example/{caller}?q={name}' },
    ...ways,
    ...{ body: '{"number": "{name}"}', results: { points: 'a.points' } },
  };

  test('[FLOW-14] values stand in an address and in JSON as nothing but values', () => {
    const call = new FlowCall(
      flow({
        name: { kind: 'set', variable: 'name', value: "'a/b&c=\"d'", next: 'crm' },
        crm: lookup,
        good,
        bad,
      }),
    );
    expect(requestOf(call)).toMatchObject({
      url: 'https://crm.example/%2B420555000111?q=a%2Fb%26c%3D%22d',
      body: '{"number": "a/b&c=\\"d"}',
    });
    expect(call.answers('done', { points: 7, other: 8 }).variable('points')).toBe(7);
    expect(call.variable('other')).toBeUndefined();
    expect(call.path.at(-1)).toBe('good:end');
  });

  test.each([
    ["'..'", 'https://crm.example/callers//balance'],
    ["'.'", 'https://crm.example/callers//balance'],
    ["'...'", 'https://crm.example/callers/.../balance'],
    ["'%2e%2e'", 'https://crm.example/callers/%252e%252e/balance'],
    ["'../../admin'", 'https://crm.example/callers/..%2F..%2Fadmin/balance'],
  ])('[FLOW-14] the value %s leads to no other place of the address', (value, url) => {
    const call = new FlowCall(
      flow({
        name: { kind: 'set', variable: 'name', value, next: 'crm' },
        crm: { ...lookup, url: 'https://crm.example/callers/{name}/balance' },
        good,
        bad,
      }),
    );
    expect(requestOf(call)).toMatchObject({ url });
    expect(new URL(url).pathname.endsWith('/balance')).toBe(true);
    expect(new URL(url).pathname.startsWith('/callers/')).toBe(true);
  });

  test('[FLOW-14] two values that are dots together are no step up either, and dots of a question stay', () => {
    const call = new FlowCall(
      flow({
        name: { kind: 'set', variable: 'name', value: "'.'", next: 'crm' },
        crm: { ...lookup, url: 'https://crm.example/a/{name}{name}/b/%2E{name}?q=/{name}{name}/' },
        good,
        bad,
      }),
    );
    expect(requestOf(call)).toMatchObject({ url: 'https://crm.example/a//b/?q=/../' });
  });

  test('[FLOW-14] a failure has its own way, and its reason a variable; silence of the shell is one', () => {
    const failed = new FlowCall(flow({ crm: lookup, good, bad })).answers('failed');
    expect(failed.path).toContain('crm:failed');
    expect(failed.variable('failure')).toBe('test');
    const silent = new FlowCall(flow({ crm: lookup, good, bad })).waits();
    expect(silent.variable('failure')).toBe('no-report');
    expect(silent.answers('done').path).toEqual(['crm:failed', 'bad:end']);
  });

  test('[FLOW-12] [IVR-03] why something failed or was refused is told with its step', () => {
    const reasons = (call: FlowCall) =>
      call.effects.flatMap((effect) =>
        effect.type === 'passed' ? [[effect.step.node, effect.step.reason ?? '']] : [],
      );
    expect(reasons(new FlowCall(flow({ crm: lookup, good, bad })).answers('failed'))).toEqual([
      ['crm', 'test'],
      ['bad', ''],
    ]);
    const work: FlowNodeInput = { kind: 'queue', queue: 'support', refused: 'bad' };
    const refused = new FlowCall(flow({ work, bad })).do({ type: 'queue.refused', reason: 'queue-full' });
    expect(reasons(refused)).toEqual([
      ['work', 'queue-full'],
      ['bad', ''],
    ]);
    expect(reasons(new FlowCall(flow({ crm: lookup, good, bad })).answers('done'))).toEqual([
      ['crm', ''],
      ['good', ''],
    ]);
  });

  const ask = (key: string, next: string): FlowNodeInput => ({
    ...{ kind: 'menu', prompt: [text(key)], keys: { [key]: next }, retries: 1, otherwise: 'bad' },
  });

  test('[FLOW-23] keys that come while another system is asked answer the next questions', () => {
    const nodes: Nodes = {
      crm: { ...lookup, next: 'menu' },
      menu: ask('2', 'account'),
      account: {
        ...{ kind: 'collect', prompt: [text('account')], variable: 'account', digitsMax: 4 },
        ...{ next: 'last', otherwise: 'bad' },
      },
      last: ask('9', 'good'),
      ...{ good, bad },
    };
    const ahead = new FlowCall(flow(nodes)).keys('2134').answers('done');
    expect(ahead.heard).toEqual([]);
    expect(ahead.path).toEqual(['crm:next', 'menu:key-2']);
    ahead.keys('7');
    expect(ahead.variable('account')).toBe('1347');
    expect(ahead.heard).toEqual(['9']);
    expect(ahead.keys('9').path.at(-1)).toBe('good:end');
  });

  test('[FLOW-23] a wrong key drops those behind it, and a caller who keys on and on is no burden', () => {
    const nodes: Nodes = {
      crm: { ...lookup, next: 'menu' },
      menu: ask('2', 'last'),
      last: ask('9', 'good'),
      ...{ good, bad },
    };
    const wrong = new FlowCall(flow(nodes)).keys('829').answers('done');
    expect(wrong.heard).toEqual(['2']);
    expect(wrong.keys('29').path.at(-1)).toBe('good:end');
    const many = new FlowCall(flow(nodes)).keys('2'.repeat(10_000));
    expect(many.answers('done').isOver).toBe(false);
  });

  test('[FLOW-15] a transfer that comes about ends the flow without hanging up', () => {
    const nodes: Nodes = { person: { kind: 'transfer', to: { agent: 'alice' }, failed: 'bad' }, bad };
    const call = new FlowCall(flow(nodes)).answers('done');
    expect(call.effects.at(-1)).toEqual({ type: 'ended', reason: 'transferred', hangUp: false });
    expect(call.path).toEqual(['person:connected']);
    expect(new FlowCall(flow(nodes)).answers('failed').path).toEqual(['person:failed', 'bad:end']);
  });

  test('[FLOW-16] a recording begins after its prompt, which a key cuts short, and a key ends it', () => {
    const nodes: Nodes = { say: { kind: 'record', prompt: [text('Speak')], ...ways }, good, bad };
    const call = new FlowCall(flow(nodes));
    expect(types(call)).not.toContain('request');
    call.said();
    expect(requestOf(call)).toEqual({ kind: 'record', maxMs: 120_000, silenceMs: 4_000 });
    call.keys('#');
    expect(call.effects.at(-1)).toEqual({ type: 'request.stop', id: 1 });
    expect(call.answers('done').heard.at(-1)).toBe('good');
    const hasty = new FlowCall(flow(nodes)).keys('1');
    expect(types(hasty).slice(-3)).toEqual(['hush', 'request', 'timer.set']);
    const box: Nodes = { box: { kind: 'voicemail', box: 'office', ...ways }, good, bad };
    expect(requestOf(new FlowCall(flow(box)))).toMatchObject({
      kind: 'voicemail',
      box: 'office',
      greets: true,
    });
  });

  test('[FLOW-17] a caller who waits too long comes back; one whom somebody has does not', () => {
    const wait: FlowNodeInput = {
      kind: 'queue',
      queue: 'support',
      refused: 'bad',
      after: { seconds: 30, next: 'good' },
    };
    const call = new FlowCall(flow({ wait, good, bad }));
    call.do({ type: 'queue.entered' }).waits();
    expect(call.now).toBe(30_000);
    expect(call.effects.at(-1)).toEqual({ type: 'queue.leave' });
    expect(call.do({ type: 'queue.returned' }).path).toEqual(['wait:after', 'good:end']);
    const talking = new FlowCall(flow({ wait, good, bad })).do({ type: 'queue.entered' });
    expect(talking.do({ type: 'left', reason: 'answered' }).path).toEqual(['wait:answered']);
    expect(talking.isOver).toBe(true);
  });

  test('[FLOW-18] an answer to a survey counts, one outside the scale is asked for again', () => {
    const question: FlowNodeInput = {
      kind: 'survey',
      question: 'q',
      prompt: [text('?')],
      max: 3,
      next: 'bye',
      otherwise: 'bye',
    };
    const call = new FlowCall(flow({ question, bye: end })).said().keys('4').said().keys('3');
    expect(call.effects).toContainEqual({ type: 'scored', flow: 'main', question: 'q', score: 3 });
    expect(call.path).toEqual(['question:next', 'bye:end']);
  });

  test('[FLOW-3] what these nodes name has to exist, and a body has to be JSON', () => {
    const faults = faultsOf(
      flow({
        crm: {
          ...lookup,
          body: '{"number": {name}',
          results: { caller: 'x' },
          next: 'person',
          failed: 'bad',
        },
        person: { kind: 'transfer', to: { agent: 'nobody' }, failed: 'box' },
        box: { kind: 'voicemail', box: 'none', next: 'when', failed: 'when' },
        when: { kind: 'hours', hours: { calendar: 'none' }, open: 'call', closed: 'bad' },
        call: { kind: 'callback', queue: 'gone', number: '(', next: 'ask', failed: 'bad' },
        ask: { kind: 'survey', question: 'q', prompt: [], min: 3, max: 3, next: 'get', otherwise: 'bad' },
        get: { ...lookup, method: 'GET', ...{ next: 'bad', failed: 'bad' } },
        bad,
      }),
    );
    expect(faults.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'nodes.crm.results.caller built-in',
      'nodes.crm.body body-not-json',
      'nodes.person.to.agent no-agent',
      'nodes.box.box no-voicemail-box',
      'nodes.when.hours.calendar no-calendar',
      'nodes.call.number expression',
      'nodes.call.queue no-queue',
      'nodes.ask.min score-range',
      'nodes.get.body body-with-get',
    ]);
  });
});
