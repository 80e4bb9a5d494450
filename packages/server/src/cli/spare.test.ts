import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askForSpare } from './spare.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function supervisedBy(pid: number | undefined) {
  const sent: [number, unknown][] = [];
  const env: NodeJS.ProcessEnv = pid === undefined ? {} : { SUPERVISOR: String(pid) };
  const kill = (pid: number, signal?: string | number): true => {
    sent.push([pid, signal]);
    return true;
  };
  return { sent, parent: { env, ppid: 7, kill } };
}

test('[OPS-03] a spare is asked for once calls are up, and once only', () => {
  const { sent, parent } = supervisedBy(7);
  let calls = 0;
  askForSpare(() => calls, parent);
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual([]);
  calls = 1;
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual([[7, 'SIGUSR1']]);
});

test('[OPS-03] a spare is asked for at once where calls go on from before', () => {
  const { sent, parent } = supervisedBy(7);
  askForSpare(() => 3, parent);
  expect(sent).toHaveLength(1);
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(1);
});

test('[OPS-03] nobody but the supervisor is asked for a spare, and nobody after the stop', () => {
  const parents = [supervisedBy(undefined), supervisedBy(8), supervisedBy(7)];
  let calls = 0;
  const stops = parents.map(({ parent }) => askForSpare(() => calls, parent));
  stops.at(-1)?.();
  calls = 1;
  vi.advanceTimersByTime(60_000);
  expect(parents.flatMap(({ sent }) => sent)).toEqual([]);
});
