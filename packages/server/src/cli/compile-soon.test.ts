import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { compilerOptions } from './compile-soon.ts';

const module = new URL('./compile-soon.ts', import.meta.url).href;

it('[OPS-03] the options of a server that is ready are such that V8 knows, which else only says so', () => {
  const script = `(await import('${module}')).compileSoon(); console.log('goes on');`;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(run).toMatchObject({ status: 0, stdout: 'goes on\n', stderr: '' });
  const unknown = spawnSync(process.execPath, [...compilerOptions, '--eval', ''], { encoding: 'utf8' });
  expect(unknown).toMatchObject({ status: 0, stderr: '' });
});
