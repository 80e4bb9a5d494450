import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

type Item = { source: string; path: string; isBegun: boolean; at: number };

const step = fc.oneof(
  fc.record({
    kind: fc.constant('push' as const),
    source: fc.nat(3),
    path: fc.nat(2),
    isBegun: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('shift' as const) }),
  fc.record({ kind: fc.constant('drop' as const), source: fc.nat(3) }),
);

test('[OPS-05] a fair queue loses nothing, keeps the order of each path, and knows who has how much in it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new FairQueue<Item>();
      const inside: Item[] = [];
      const out = (item: Item | undefined) => {
        if (item === undefined) return;
        const first = inside.find(
          ({ source, path, isBegun }) =>
            source === item.source && path === item.path && isBegun === item.isBegun,
        );
        expect(item).toBe(first);
        inside.splice(inside.indexOf(item), 1);
      };
      for (const [at, each] of steps.entries()) {
        if (each.kind === 'push') {
          const item = { source: `s${each.source}`, path: `p${each.path}`, isBegun: each.isBegun, at };
          queue.push(item.source, item.path, item, item.isBegun);
          inside.push(item);
        } else if (each.kind === 'shift') {
          if (inside.length === 0) expect(queue.shift()).toBeUndefined();
          else out(queue.shift());
        } else {
          const had = queue.sizeOf(`s${each.source}`);
          const dropped = queue.shiftOf(`s${each.source}`);
          expect(dropped === undefined).toBe(had < 2);
          out(dropped);
        }
        expect(queue.size).toBe(inside.length);
        for (const source of ['s0', 's1', 's2', 's3'])
          expect(queue.sizeOf(source)).toBe(inside.filter((item) => item.source === source).length);
      }
      while (inside.length > 0) out(queue.shift());
      expect(queue.size).toBe(0);
    }),
  );
});

test('[OPS-05] whoever has one message waits for one of each of the others, whatever they have', () => {
  const queue = new FairQueue<string>();
  for (let i = 0; i < 5_000; i++) {
    queue.push('flood', `port ${i % 10}`, 'flood');
    queue.push('crowd', `port ${i}`, 'crowd');
  }
  queue.push('caller', 'port 1', 'caller');
  queue.push('flood', 'port 99', 'neighbour');
  const order = Array.from({ length: 100 }, () => queue.shift());
  expect(order.indexOf('caller')).toBeLessThan(3);
  expect(order.indexOf('neighbour')).toBeLessThan(40);
});
