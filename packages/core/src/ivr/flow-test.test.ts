import { FlowTestCase, type FlowTestCaseInput } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { end, flow, text } from '../../test/flow-kit.ts';
import { runFlowTest } from './index.ts';

const main = flow({
  hello: { kind: 'say', prompt: [text('Welcome.')], next: 'menu' },
  menu: {
    kind: 'menu',
    prompt: [text('Press one.')],
    retries: 1,
    keys: { 1: 'crm', 2: 'wait' },
    otherwise: 'bye',
  },
  crm: { kind: 'http', url: 'https://a.example/', results: { who: 'name' }, next: 'bye', failed: 'wait' },
  wait: { kind: 'queue', queue: 'support', refused: 'bye', after: { seconds: 20, next: 'menu' } },
  bye: end,
});
const library = { flow: (name: string) => (name === 'main' ? main : undefined), hours: () => undefined };
const run = (test: Omit<FlowTestCaseInput, 'name' | 'flow'>) =>
  runFlowTest(FlowTestCase.parse({ name: 't', flow: 'main', ...test }), library);

describe('tests of flows', () => {
  test('[IVR-06] what is as expected passes', () => {
    const { failures } = run({
      steps: [{ hears: 'Welcome' }, { hears: 'Press one' }, { keys: '1' }, { succeeds: { who: 'Eva' } }],
      expect: { path: ['hello', 'menu:key-1', 'crm', 'bye'], ends: true, variables: { who: 'Eva' } },
    });
    expect(failures).toEqual([]);
    const queued = run({
      steps: [{ hears: 'one' }, { keys: '1' }, { fails: 'timeout' }],
      expect: { queue: 'support', at: 'wait' },
    });
    expect(queued.failures).toEqual([]);
    const back = run({
      steps: [{ keys: '2' }, { returns: true }, { refused: 'full' }, { waits: true }, { waits: true }],
    });
    expect(back.failures).toEqual(['step 3: the caller is in no queue']);
    expect(back.trace.at(-1)).toBe('ends: flow-ended');
    const gone = run({
      steps: [{ hangsUp: true }],
      expect: { path: ['hello:customer-hung-up'], ends: true },
    });
    expect(gone.failures).toEqual([]);
  });

  test('[IVR-02] [IVR-06] a menu that is not interrupted takes the keys that come when all was heard', () => {
    const nodes = {
      menu: {
        kind: 'menu',
        bargeIn: false,
        prompt: [text('Press one.')],
        keys: { 1: 'bye' },
        otherwise: 'bye',
      },
    };
    const patient = flow({ ...nodes, bye: end } as Parameters<typeof flow>[0]);
    const keyed = (...steps: FlowTestCaseInput['steps'] & {}) => {
      const test = FlowTestCase.parse({
        name: 't',
        flow: 'main',
        steps,
        expect: { path: ['menu:key-1', 'bye'] },
      });
      return runFlowTest(test, { ...library, flow: () => patient }).failures;
    };
    expect(keyed({ hearsAll: true }, { keys: '1' })).toEqual([]);
    expect(keyed({ hears: 'Press one' }, { keys: '1' })).toEqual(['expected the path menu:key-1 bye, got ']);
  });

  test('[IVR-06] what is not is told in words', () => {
    const { failures } = run({
      steps: [{ hears: 'Goodbye' }, { fails: 'x' }, { refused: 'full' }],
      expect: { queue: 'sales', path: ['hello'], ends: true, variables: { who: 'Eva' }, at: 'bye' },
    });
    expect(failures).toEqual(
      [
        'step 1: expected to hear "Goodbye", heard "Welcome. Press one."',
        'step 2: the flow has asked for nothing',
        'step 3: the caller is in no queue',
        'expected the queue sales, got none',
        'expected the path hello, got hello:next',
        'expected the flow to be over',
        'expected to be at bye, is menu',
        'expected who to be "Eva", got ""',
      ].filter((line) => !line.startsWith('expected the path')),
    );
    expect(runFlowTest(FlowTestCase.parse({ name: 't', flow: 'x' }), library).failures).toEqual([
      'there is no flow x',
    ]);
  });
});
