import { expect, test, vi } from 'vitest';
import { lowerPriority } from './priority.ts';

const system = (priority: number, setPriority = vi.fn()) => ({ getPriority: () => priority, setPriority });

test('[OPS-01] a program that the server starts has no part in its priority', () => {
  const setPriority = vi.fn();
  lowerPriority({ pid: 4711 }, system(-5, setPriority));
  expect(setPriority).toHaveBeenCalledWith(4711, 0);
  lowerPriority({ pid: undefined }, system(-5, setPriority));
  lowerPriority({ pid: 4712 }, system(0, setPriority));
  expect(setPriority).toHaveBeenCalledOnce();
});
