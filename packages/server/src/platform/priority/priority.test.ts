import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { lowerBackgroundThreads, lowerPriority, raisePriority, serverPriority } from './index.ts';

const system = (priority: number, setPriority = vi.fn()) => ({ getPriority: () => priority, setPriority });

test('[OPS-01] signalling comes before other work, and a system that forbids it is no error', () => {
  const allowed = vi.fn();
  expect(raisePriority(serverPriority, system(0, allowed))).toBeUndefined();
  expect(allowed).toHaveBeenCalledExactlyOnceWith(-5);
  const forbidden = vi.fn(() => {
    throw new Error('EACCES');
  });
  expect(raisePriority(serverPriority, system(0, forbidden))?.message).toBe('EACCES');
});

test('[OPS-01] the priority that a service manager gave is left alone when it is higher', () => {
  const setPriority = vi.fn();
  expect(raisePriority(serverPriority, system(-10, setPriority))).toBeUndefined();
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

test('[OPS-01] the threads that compile and collect garbage give way, and no other thread does', () => {
  const tasks = mkdtempSync(join(tmpdir(), 'crosspoint-tasks-'));
  onTestFinished(() => rmSync(tasks, { recursive: true }));
  for (const [task, name] of [
    ['11', 'MainThread'],
    ['12', 'V8Worker'],
    ['13', 'libuv-worker'],
    ['14', 'V8Worker'],
  ] as const) {
    mkdirSync(join(tasks, task));
    writeFileSync(join(tasks, task, 'comm'), `${name}\n`);
  }
  const setPriority = vi.fn();
  lowerBackgroundThreads(setPriority, tasks);
  expect(setPriority.mock.calls).toEqual([
    [12, 6],
    [14, 6],
  ]);
});

test('[OPS-01] a system without such threads, or one that forbids it, is no error', () => {
  const setPriority = vi.fn();
  lowerBackgroundThreads(setPriority, '/nonexistent/task');
  expect(setPriority).not.toHaveBeenCalled();
  const forbidden = vi.fn(() => {
    throw new Error('EACCES');
  });
  expect(() => lowerBackgroundThreads(forbidden)).not.toThrow();
});
