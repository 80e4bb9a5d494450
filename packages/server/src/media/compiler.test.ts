import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { compilerOptions } from './compiler.ts';

it('[SUP-01] the options of the compiler are such that V8 knows, which else only says so', () => {
  const script = `(await import('${new URL('./compiler.ts', import.meta.url).href}')).compilePacketPathSoon(); console.log('goes on');`;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(run).toMatchObject({ status: 0, stdout: 'goes on\n', stderr: '' });
  const unknown = spawnSync(process.execPath, [...compilerOptions, '--eval', ''], { encoding: 'utf8' });
  expect(unknown).toMatchObject({ status: 0, stderr: '' });
});
