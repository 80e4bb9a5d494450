import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { compileSoonWhenBusy, compilerOptions } from './compile-soon.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('[OPS-03] the options of a server that is busy are such that V8 knows, which else only says so', () => {
  const script = `
    const { mock } = await import('node:test');
    mock.timers.enable({ apis: ['setInterval'] });
    (await import('${new URL('./compile-soon.ts', import.meta.url).href}')).compileSoonWhenBusy(() => 10);
    mock.timers.tick(1_000);
    console.log('goes on');`;
  const busy = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(busy).toMatchObject({ status: 0, stdout: 'goes on\n', stderr: '' });
  const run = spawnSync(process.execPath, [...compilerOptions, '--eval', ''], { encoding: 'utf8' });
  expect(run).toMatchObject({ status: 0, stderr: '' });
});

it('[OPS-03] functions are compiled well soon once ten calls are up, and asked for once', () => {
  let calls = 9;
  const options: string[] = [];
  compileSoonWhenBusy(
    () => calls,
    (option) => options.push(option),
  );
  vi.advanceTimersByTime(60_000);
  expect(options).toEqual([]);
  calls = 10;
  vi.advanceTimersByTime(60_000);
  expect(options).toEqual(compilerOptions);
});

it('[OPS-03] nobody looks for calls after the stop', () => {
  const options: string[] = [];
  const stop = compileSoonWhenBusy(
    () => 100,
    (option) => options.push(option),
  );
  stop();
  vi.advanceTimersByTime(60_000);
  expect(options).toEqual([]);
});
