import { expect, test } from 'vitest';
import { Gathering } from './gathering.ts';

const wireOf = (calls: string[], name: string) => ({
  cork: () => void calls.push(`${name} keeps`),
  uncork: () => void calls.push(`${name} sends`),
});

test('[API-02] what a turn tells many clients leaves once for each, when the turn is over', () => {
  const calls: string[] = [];
  const turns: (() => void)[] = [];
  const gathering = new Gathering((release) => void turns.push(release));
  const [first, second] = [wireOf(calls, 'first'), wireOf(calls, 'second')];
  for (const wire of [first, second, first, second]) gathering.gather(wire);
  expect(calls).toEqual(['first keeps', 'second keeps']);
  turns.shift()?.();
  expect(calls.slice(2)).toEqual(['first sends', 'second sends']);
  expect(turns).toEqual([]);
  gathering.gather(second);
  turns.shift()?.();
  expect(calls.slice(4)).toEqual(['second keeps', 'second sends']);
});
