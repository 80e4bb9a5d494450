import { expect, test, vi } from 'vitest';
import { raisePriority } from './priority.ts';

const system = (priority: number, setPriority = vi.fn()) => ({ getPriority: () => priority, setPriority });

test('[OPS-01] signalling comes before other work, and a system that forbids it is no error', () => {
  const forbidden = vi.fn(() => {
    throw new Error('EACCES');
  });
  raisePriority(system(0, forbidden));
  expect(forbidden).toHaveBeenCalledWith(-5);
  expect(forbidden).toHaveReturnedTimes(0);
});

test('[OPS-01] the priority that a service manager gave is left alone when it is higher', () => {
  const setPriority = vi.fn();
  raisePriority(system(-10, setPriority));
  expect(setPriority).not.toHaveBeenCalled();
});
