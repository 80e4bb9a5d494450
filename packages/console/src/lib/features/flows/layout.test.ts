import type { FlowDocument } from '@crosspoint/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { laidOut } from './layout.ts';

const size = { width: 240, height: 120 };
const flow = (ways: Record<string, string>): FlowDocument => ({
  ...{ name: 'f', description: '', language: 'en', start: 'n0' },
  nodes: Object.fromEntries(
    Object.entries(ways).map(([name, next]) => [name, { kind: 'set', variable: 'x', value: '1', next }]),
  ),
});

test('[IVR-05] the layout puts no node upon another, whatever leads where', () => {
  const ways = fc
    .array(fc.nat(29), { minLength: 1, maxLength: 30 })
    .map((targets) => Object.fromEntries(targets.map((to, from) => [`n${from}`, `n${to}`])));
  fc.assert(
    fc.property(ways, (each) => {
      const places = [...laidOut(flow(each), () => size)];
      expect(places.length).toBe(Object.keys(each).length);
      for (const [index, [, one]] of places.entries()) {
        for (const [, other] of places.slice(index + 1)) {
          const apart = Math.abs(one.x - other.x) >= size.width || Math.abs(one.y - other.y) >= size.height;
          expect(apart).toBe(true);
        }
      }
    }),
  );
});

test('[IVR-05] a chain goes from left to right; a way back does not turn it round', () => {
  const places = laidOut(flow({ n0: 'n1', n1: 'n2', n2: 'n0' }), () => size);
  const across = ['n0', 'n1', 'n2'].map((name) => places.get(name)?.x ?? 0);
  expect(across).toEqual(across.toSorted((one, other) => one - other));
  expect(new Set(across).size).toBe(3);
});

test('[IVR-05] what an upper way of a step leads to is above what a lower way leads to', () => {
  const document: FlowDocument = {
    ...{ name: 'f', description: '', language: 'en', start: 'question' },
    nodes: {
      question: {
        kind: 'condition',
        cases: [
          { when: 'a', next: 'first' },
          { when: 'b', next: 'second' },
        ],
        otherwise: 'third',
      },
      second: { kind: 'end', prompt: [] },
      third: { kind: 'end', prompt: [] },
      first: { kind: 'end', prompt: [] },
    },
  };
  const places = laidOut(document, () => size);
  const down = ['first', 'second', 'third'].map((name) => places.get(name)?.y ?? 0);
  expect(down).toEqual(down.toSorted((one, other) => one - other));
});
