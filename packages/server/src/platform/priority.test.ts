import { expect, test, vi } from 'vitest';
import type { Log } from './log.ts';
import { lowerPriority, raisePriority } from './priority.ts';

const debug = vi.fn();
const log = { debug } as unknown as Log;
const system = (priority: number, setPriority = vi.fn()) => ({ getPriority: () => priority, setPriority });

test('[OPS-01] signalling comes before other work, and a system that forbids it is no error', () => {
  const forbidden = vi.fn(() => {
    throw new Error('EACCES');
  });
  raisePriority(log, system(0, forbidden));
  expect(forbidden).toHaveBeenCalledWith(-5);
  expect(debug).toHaveBeenCalledOnce();
});

test('[OPS-01] the priority that a service manager gave is left alone when it is higher', () => {
  const setPriority = vi.fn();
  raisePriority(log, system(-10, setPriority));
  expect(setPriority).not.toHaveBeenCalled();
});

test('[OPS-01] a program that the server starts has no part in its priority', () => {
  const setPriority = vi.fn();
  lowerPriority({ pid: 4711 }, system(-5, setPriority));
  expect(setPriority).toHaveBeenCalledWith(4711, 0);
  lowerPriority({ pid: undefined }, system(-5, setPriority));
  lowerPriority({ pid: 4712 }, system(0, setPriority));
  expect(setPriority).toHaveBeenCalledOnce();
});
