import { FlowVariableName } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { end, faultsOf, FlowCall, flow, text } from '../../test/flow-kit.ts';
import { missingRecordings } from './index.ts';

const queue = { kind: 'queue', queue: 'support', refused: 'bye' } as const;

describe('the check of flows', () => {
  test('[FLOW-1] a way that leads nowhere and a node that nobody reaches are named', () => {
    const faults = faultsOf(
      flow({ hello: { kind: 'say', prompt: [text('Hello')], next: 'gone' }, lost: end }),
    );
    expect(faults.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'nodes.hello.next leads nowhere: there is no node gone',
      'nodes.lost is never reached',
    ]);
    expect(faultsOf(flow({ a: end }, { start: 'b' }))[0]?.path).toBe('start');
  });

  test('[FLOW-2] a circle without keys is refused with its nodes; by key a menu may lead back to itself', () => {
    const round = flow({
      menu: { kind: 'menu', prompt: [text('?')], keys: { 1: 'bye', 9: 'menu' }, otherwise: 'again' },
      again: { kind: 'say', prompt: [text('Once more')], next: 'menu' },
      bye: end,
    });
    expect(faultsOf(round).map(({ message }) => message)).toEqual([
      'a caller who keys nothing goes round for ever: menu → again → menu',
    ]);
    const sound = flow({
      menu: { kind: 'menu', prompt: [text('?')], keys: { 1: 'work', 9: 'menu' }, otherwise: 'bye' },
      work: queue,
      bye: end,
    });
    expect(faultsOf(sound)).toEqual([]);
    const busy = flow({ work: { ...queue, refused: 'work' } });
    expect(faultsOf(busy)[0]?.message).toContain('goes round for ever');
  });

  test('[FLOW-3] a recording that is played has to be there, in whatever prompt of a step it stands', () => {
    const recording = { recording: 'gone' };
    const document = flow({
      play: { kind: 'play', recording: 'there', next: 'ask' },
      ask: {
        ...{ kind: 'menu', prompt: [text('?'), recording], keys: { 1: 'bye' }, otherwise: 'bye' },
        ...{ invalidPrompt: [recording], timeoutPrompt: [{ recording: 'there' }] },
        speech: { phrases: { 1: { en: ['sales'] } }, confirmPrompt: [recording], keysPrompt: [recording] },
      },
      bye: end,
    });
    expect(faultsOf(document)).toEqual([]);
    const faults = missingRecordings(document, (name) => name === 'there');
    expect(faults.map(({ path }) => path)).toEqual([
      'nodes.ask.prompt.1.recording',
      'nodes.ask.invalidPrompt.0.recording',
      'nodes.ask.speech.confirmPrompt.0.recording',
      'nodes.ask.speech.keysPrompt.0.recording',
    ]);
  });

  test('[FLOW-3] what a flow names has to exist', () => {
    const faults = faultsOf(
      flow({
        own: { kind: 'set', variable: 'caller', value: '1 +', next: 'hours' },
        hours: {
          kind: 'hours',
          hours: { timeZone: 'Moon/Sea' },
          open: 'digits',
          closed: 'digits',
        },
        digits: {
          kind: 'collect',
          prompt: [],
          variable: 'pin',
          digitsMin: 5,
          digitsMax: 4,
          next: 'work',
          otherwise: 'bye',
        },
        work: { ...queue, queue: 'nobody' },
        bye: { kind: 'sub-flow', flow: 'other', next: 'last' },
        last: end,
      }),
    );
    expect(faults.map(({ path }) => path)).toEqual([
      'nodes.own.variable',
      'nodes.own.value',
      'nodes.hours.hours.timeZone',
      'nodes.digits.digitsMin',
      'nodes.work.queue',
      'nodes.bye.flow',
    ]);
  });

  test('[FLOW-3] what every call knows of itself is set by no flow', () => {
    const known = new FlowCall(
      flow({ menu: { kind: 'menu', prompt: [], keys: { 1: 'bye' }, otherwise: 'bye' }, bye: end }),
    );
    const names = known.variableNames;
    expect(names).toContain('segments');
    for (const variable of names) {
      const setting = flow({ set: { kind: 'set', variable, value: '1', next: 'bye' }, bye: end });
      expect(faultsOf(setting).map(({ path }) => path)).toEqual(['nodes.set.variable']);
    }
    expect(FlowVariableName.safeParse('true').success).toBe(false);
    expect(FlowVariableName.safeParse('trueName').success).toBe(true);
  });

  test('[FLOW-3] flows that call one another in a circle are refused', () => {
    const calls = (name: string, other: string) =>
      flow({ sub: { kind: 'sub-flow', flow: other, next: 'bye' }, bye: end }, { name });
    expect(faultsOf(calls('a', 'a'))[0]?.message).toContain('calls itself');
    expect(faultsOf(calls('a', 'b'), [calls('b', 'a')])[0]?.message).toContain('calls itself');
    expect(faultsOf(calls('a', 'b'), [flow({ back: { kind: 'return' } }, { name: 'b' })])).toEqual([]);
  });
});
