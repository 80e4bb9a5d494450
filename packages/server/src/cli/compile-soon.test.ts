import { spawnSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { compileSoonWhenBusy, compilerOptions } from './compile-soon.ts';

vi.mock('node:v8', () => ({ setFlagsFromString: vi.fn<(flag: string) => void>() }));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.mocked(setFlagsFromString).mockClear();
});

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
  compileSoonWhenBusy(() => calls);
  vi.advanceTimersByTime(60_000);
  expect(setFlagsFromString).not.toHaveBeenCalled();
  calls = 10;
  vi.advanceTimersByTime(60_000);
  expect(vi.mocked(setFlagsFromString).mock.calls).toEqual(compilerOptions.map((option) => [option]));
});

it('[OPS-03] nobody looks for calls after the stop', () => {
  const stop = compileSoonWhenBusy(() => 100);
  stop();
  vi.advanceTimersByTime(60_000);
  expect(setFlagsFromString).not.toHaveBeenCalled();
});
