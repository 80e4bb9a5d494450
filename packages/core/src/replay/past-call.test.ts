import { FlowDocument, type FlowDocumentInput } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { createFlowSession, type FlowStep } from '../ivr/index.ts';
import { type PastCall, replayCall } from './past-call.ts';

const say = (text: string) => [{ text: { en: text } }];
const reception = (change: FlowDocumentInput['nodes'] = {}): FlowDocument =>
  FlowDocument.parse({
    name: 'reception',
    start: 'hello',
    nodes: {
      hello: { kind: 'say', prompt: say('Hello.'), next: 'menu' },
      menu: { kind: 'menu', prompt: say('1 or 2'), keys: { '1': 'sales', '2': 'mail' }, otherwise: 'bye' },
      sales: { kind: 'queue', queue: 'sales', refused: 'bye' },
      mail: { kind: 'voicemail', box: 'office', next: 'bye', failed: 'bye' },
      bye: { kind: 'end', prompt: say('Goodbye.') },
      ...change,
    },
  });
const library = { flow: () => undefined, hours: () => undefined };
const caller = { callerPhone: '+420555000111', callerName: '', number: '700' };
const step = (node: string, kind: string, exit: string, input = ''): FlowStep => ({
  ...{ flow: 'reception', node, kind, exit, input, durationMs: 1_000 },
});
const hello = step('hello', 'say', 'next');
const past = (endReason: string, ...steps: FlowStep[]): PastCall => ({
  ...{ caller, atMs: Date.parse('2026-03-02T09:00:00Z'), steps, endReason },
});
const toSales = past('queued', hello, step('menu', 'menu', 'key-1', '1'), step('sales', 'queue', 'queued'));

describe('a caller of the past', () => {
  test('[RTE-03] goes the same way through the same flow', () => {
    expect(replayCall(reception(), library, toSales)).toMatchObject({
      ...{ ending: 'target', target: { queue: 'sales', priority: 0 }, hasUnknownAnswers: false },
      path: ['hello:next', 'menu:key-1', 'sales:queued'],
    });
  });

  test('[RTE-03] goes where the same keys lead in a draft', () => {
    const draft = reception({ sales: { kind: 'queue', queue: 'new sales', priority: 3, refused: 'bye' } });
    const outcome = replayCall(draft, library, toSales);
    expect(outcome).toMatchObject({ ending: 'target', target: { queue: 'new sales', priority: 3 } });
    expect(outcome.reason).toBe('hello:next → menu:key-1 → sales:queued: queue new sales.');
  });

  test('[RTE-03] is left open where the draft asks what was never asked', () => {
    const asks = { kind: 'menu' as const, prompt: say('Which?'), keys: { '1': 'sales' }, otherwise: 'bye' };
    const draft = reception({ hello: { kind: 'say', prompt: say('Hello.'), next: 'which' }, which: asks });
    expect(replayCall(draft, library, toSales)).toMatchObject({
      ...{ ending: 'open', target: null, reason: 'At which the flow asks what this caller was never asked.' },
    });
  });

  test('[RTE-03] whose key the draft does not offer any more is silent from then on', () => {
    const menu = { kind: 'menu' as const, prompt: say('2'), keys: { '2': 'mail' }, otherwise: 'bye' };
    const outcome = replayCall(reception({ menu }), library, toSales);
    expect(outcome).toMatchObject({ ending: 'ended', path: ['hello:next', 'menu:otherwise', 'bye:end'] });
  });

  test('[RTE-03] hangs up where it hung up', () => {
    const call = past('customer-hung-up', hello, step('menu', 'menu', 'customer-hung-up'));
    expect(replayCall(reception(), library, call)).toMatchObject({ ending: 'left', target: null });
  });

  test('[RTE-03] says that secret digits were made up', () => {
    const collect = {
      kind: 'collect' as const,
      prompt: say('PIN'),
      variable: 'pin',
      digitsMin: 4,
      digitsMax: 4,
    };
    const menu = { ...collect, secret: true, next: 'sales', otherwise: 'bye' };
    const call = past('queued', hello, step('menu', 'collect', 'next'), step('sales', 'queue', 'queued'));
    const outcome = replayCall(reception({ menu }), library, call);
    expect(outcome).toMatchObject({ ending: 'target', hasUnknownAnswers: true });
  });

  test('[RTE-03] goes on when nobody took the message, and comes back from a queue', () => {
    const noMessage = past(
      'flow-ended',
      hello,
      step('menu', 'menu', 'key-2', '2'),
      step('mail', 'voicemail', 'failed'),
    );
    expect(replayCall(reception(), library, noMessage)).toMatchObject({ ending: 'ended', target: null });
    const after = { seconds: 60, next: 'mail' };
    const draft = reception({ sales: { kind: 'queue', queue: 'sales', refused: 'bye', after } });
    const { steps } = toSales;
    const call = past(
      'flow-ended',
      ...steps.slice(0, 2),
      step('sales', 'queue', 'after'),
      step('mail', 'voicemail', 'next'),
    );
    expect(replayCall(draft, library, call)).toMatchObject({
      ending: 'target',
      target: { voicemail: 'office' },
    });
  });

  test('[RTE-03] meets the failures that it met, so that a draft which looks at their reason decides as then', () => {
    const draft = reception({
      mail: { kind: 'voicemail', box: 'office', next: 'bye', failed: 'why' },
      why: {
        kind: 'condition',
        cases: [{ when: 'failure == "nothing-said"', next: 'sales' }],
        otherwise: 'bye',
      },
      sales: { kind: 'queue', queue: 'sales', refused: 'full' },
      full: {
        kind: 'condition',
        cases: [{ when: 'refusal == "queue-full"', next: 'bye' }],
        otherwise: 'menu',
      },
    });
    const call = past(
      'flow-ended',
      ...[hello, step('menu', 'menu', 'key-2', '2')],
      { ...step('mail', 'voicemail', 'failed'), reason: 'nothing-said' },
      { ...step('sales', 'queue', 'refused'), reason: 'queue-full' },
    );
    expect(replayCall(draft, library, call).path.slice(2)).toEqual([
      ...['mail:failed', 'why:case-1', 'sales:refused', 'full:case-1', 'bye:end'],
    ]);
  });

  test('[RTE-03] of any keys and time-outs goes again the way that it went', () => {
    for (const keys of ['1', '2', '9', '91', '', '99', '999']) {
      const recorded = record(reception(), keys);
      const outcome = replayCall(reception(), library, recorded);
      expect(outcome.path, keys).toEqual(recorded.steps.map(({ node, exit }) => `${node}:${exit}`));
    }
  });
});

/** Keys the digits at the question and is silent then. */
function record(document: FlowDocument, keys: string): PastCall {
  const session = createFlowSession(document, library);
  const steps: FlowStep[] = [];
  let endReason = '';
  let now = 0;
  const apply = (input: Parameters<typeof session.handle>[0]) => {
    for (const effect of session.handle(input, now)) {
      if (effect.type === 'passed') steps.push(effect.step);
      if (effect.type === 'ended') endReason = effect.reason;
      if (effect.type === 'queue') apply({ type: 'queue.entered' });
      if (effect.type === 'request') {
        apply({ type: 'request.done', id: effect.id, result: 'done', reason: '', values: {} });
      }
    }
  };
  apply({ type: 'started', caller });
  apply({ type: 'said' });
  for (const digit of keys) apply({ type: 'digit', digit });
  for (let turn = 0; turn < 20; turn++) {
    apply({ type: 'said' });
    now += 10_000;
    apply({ type: 'timer.due' });
  }
  return { caller, atMs: 0, steps, endReason };
}
