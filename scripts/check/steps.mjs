import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../lib/capture.mjs';
import { checkFileLengths } from './file-lengths.mjs';
import { runVitest } from './vitest.mjs';

/**
 * @typedef {{ code: number, output: string, note?: string, passed?: number, failed?: number }} StepResult
 * @typedef {{ name: string, title: string, run: (context: { root: string, node: string }) => Promise<StepResult> }} Step
 */

/** Runs a tool of `node_modules/.bin` with the product's own Node. */
const tool =
  (name, args, folder = '.') =>
  ({ root, node }) =>
    capture(node, [join(root, 'node_modules/.bin', name), ...args], {
      cwd: join(root, folder),
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    });

/** One after the other until one fails. */
const inTurn =
  (...runs) =>
  async (context) => {
    let output = '';
    for (const run of runs) {
      const result = await run(context);
      output += result.output;
      if (result.code !== 0) return { code: result.code, output };
    }
    return { code: 0, output };
  };

/** Every TypeScript project of every room; all errors of all rooms are shown. */
async function checkTypes(context) {
  const rooms = readdirSync(join(context.root, 'packages')).filter((room) => room !== 'console');
  const projects = rooms
    .flatMap((room) => ['tsconfig.json', 'tsconfig.test.json'].map((file) => `packages/${room}/${file}`))
    .concat('bench/tsconfig.json')
    .filter((project) => existsSync(join(context.root, project)));
  let code = 0;
  let output = '';
  for (const project of projects) {
    const result = await tool('tsc', ['-p', project, '--pretty', 'false'])(context);
    code ||= result.code;
    output += result.output;
  }
  // A room's sources stand in two projects, so that an error would be shown twice.
  const lines = [...new Set(output.split('\n'))].join('\n');
  return { code, output: lines, note: `${projects.length} projects` };
}

async function checkMessages(context) {
  return capture(context.node, ['packages/console/scripts/check-messages.mjs'], { cwd: context.root });
}

async function runUnitTests({ root, node }) {
  const result = await runVitest({ root, node, config: 'vitest.config.ts' });
  return { ...result, note: `${result.passed} passed, ${result.failed} failed` };
}

/** In the order of the report: quick ones first. @type {Step[]} */
export const steps = [
  { name: 'types', title: 'types of every room', run: checkTypes },
  {
    name: 'console',
    title: 'types of the console',
    run: inTurn(
      tool('svelte-kit', ['sync'], 'packages/console'),
      tool('svelte-check', ['--tsgo', '--fail-on-warnings', '--output', 'human'], 'packages/console'),
    ),
  },
  { name: 'lint', title: 'lint', run: tool('oxlint', ['--type-aware', '--deny-warnings']) },
  {
    name: 'format',
    title: 'format',
    run: tool('biome', ['format', '--reporter=summary', '.']),
  },
  {
    name: 'imports',
    title: 'import directions',
    run: tool('depcruise', ['--config', '.dependency-cruiser.cjs', 'packages', 'bench']),
  },
  { name: 'unused', title: 'dead code', run: tool('knip', ['--no-progress', '--no-config-hints']) },
  { name: 'lengths', title: 'file lengths', run: ({ root }) => checkFileLengths(root) },
  { name: 'messages', title: 'translations', run: checkMessages },
  { name: 'tests', title: 'unit tests', run: runUnitTests },
];
