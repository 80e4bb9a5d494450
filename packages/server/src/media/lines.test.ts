import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LineWriter } from './lines.ts';

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
    }),
);
afterEach(() => void vi.useRealTimers());

function written(): { writer: LineWriter; writes: string[] } {
  const writes: string[] = [];
  const socket = { destroyed: false, writableLength: 0, write: (text: string) => writes.push(text) };
  return { writer: new LineWriter(socket as unknown as Socket), writes };
}

test('[MED-01] lines of one turn leave together, those with patience along with them, in their order', () => {
  const { writer, writes } = written();
  writer.write('unheard', 100);
  writer.write('first');
  writer.write('second');
  expect(writes).toEqual([]);
  vi.advanceTimersByTime(0);
  expect(writes).toEqual(['unheard\nfirst\nsecond\n']);
  vi.advanceTimersByTime(200);
  expect(writes).toHaveLength(1);
});

test('[MED-01] a line waits for others no longer than its patience, whoever waits already', () => {
  const { writer, writes } = written();
  writer.write('long', 100);
  vi.advanceTimersByTime(50);
  writer.write('short', 8);
  vi.advanceTimersByTime(7);
  expect(writes).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(writes).toEqual(['long\nshort\n']);
  writer.write('short', 8);
  writer.write('long', 100);
  vi.advanceTimersByTime(8);
  expect(writes).toEqual(['long\nshort\n', 'short\nlong\n']);
});
