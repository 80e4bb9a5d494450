import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BundleManifest, bundledFile, linesSuffix, manifestName } from './bundle.ts';

const checkout = resolve(import.meta.dirname, '../../..');
let root = '';
let folder = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crosspoint-bundle-'));
  folder = join(root, 'build');
  mkdirSync(folder);
  writeFileSync(join(root, 'source.ts'), 'export {};');
  writeFileSync(join(folder, 'server-1.mjs'), '');
  keep({ root });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function keep(changes: Partial<BundleManifest>): void {
  const { size, mtimeMs } = statSync(join(root, 'source.ts'));
  const program = { file: 'server-1.mjs', inputs: [['source.ts', size, mtimeMs]] as const };
  const manifest: BundleManifest = { root, programs: { server: program, media: program }, ...changes };
  writeFileSync(join(folder, manifestName), JSON.stringify(manifest));
}

it('[OPS-03] a bundle is run as long as all that it was made of is unchanged', () => {
  expect(bundledFile('server', folder, root)).toBe(join(folder, 'server-1.mjs'));
  utimesSync(join(root, 'source.ts'), new Date(), new Date(Date.now() + 1_000));
  expect(bundledFile('server', folder, root), 'touched').toBeUndefined();
  keep({});
  expect(bundledFile('server', folder, root), 'made again').toBeDefined();
  writeFileSync(join(root, 'source.ts'), 'export const more = 1;');
  expect(bundledFile('server', folder, root), 'edited').toBeUndefined();
  rmSync(join(root, 'source.ts'));
  expect(bundledFile('server', folder, root), 'removed').toBeUndefined();
});

it('[OPS-03] the sources are run where there is no bundle, half of one, or that of another checkout', () => {
  keep({ root: '/elsewhere' });
  expect(bundledFile('server', folder, root), 'copied from elsewhere').toBeUndefined();
  keep({});
  rmSync(join(folder, 'server-1.mjs'));
  expect(bundledFile('server', folder, root), 'without its file').toBeUndefined();
  writeFileSync(join(folder, manifestName), '{"root":');
  expect(bundledFile('server', folder, root), 'with half a manifest').toBeUndefined();
  rmSync(folder, { recursive: true });
  expect(bundledFile('server', folder, root), 'without any').toBeUndefined();
});

it('[OPS-03] stacks of a bundle name lines of the sources; what is not known stays as it is', () => {
  const lines = { sources: ['packages/core/src/one.ts'], lines: [-1, -1, 0, 41] };
  writeFileSync(join(folder, `known.mjs${linesSuffix}`), JSON.stringify(lines));
  const code =
    '// A line of nobody.\nexport const fail = () => new TypeError("told");\n\nexport const other = () => new Error();';
  for (const name of ['known.mjs', 'unknown.mjs']) writeFileSync(join(folder, name), code);
  const script = `
    const { nameSourcesInStacks } = await import('${new URL('./bundle.ts', import.meta.url).href}');
    nameSourcesInStacks('${folder}');
    for (const name of ['known.mjs', 'unknown.mjs']) {
      const { fail, other } = await import('${pathToFileURL(folder).href}/' + name);
      for (const error of [fail(), other()]) console.log(error.stack.split('\\n').slice(0, 2).join(' |'));
    }`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  const place = pathToFileURL(folder).href;
  expect(output.trimEnd().split('\n')).toEqual([
    `TypeError: told |    at fail (${pathToFileURL(checkout).href}/packages/core/src/one.ts:41)`,
    `Error |    at other (${place}/known.mjs:4:28)`,
    `TypeError: told |    at fail (${place}/unknown.mjs:2:27)`,
    `Error |    at other (${place}/unknown.mjs:4:28)`,
  ]);
});
