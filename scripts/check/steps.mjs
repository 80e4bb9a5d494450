import { join } from 'node:path';
import { capture } from '../lib/capture.mjs';
import { checkFileLengths } from './file-lengths.mjs';
import { runVitest } from './vitest.mjs';

/**
 * @typedef {{ code: number, output: string, note?: string, passed?: number, failed?: number }} StepResult
 * @typedef {{ root: string, node: string, isConsoleBuilt?: boolean }} Context `isConsoleBuilt`: in this very run
 * @typedef {{ name: string, title: string, needsConsole?: boolean, run: (context: Context) => Promise<StepResult> }} Step
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

/**
 * Every file of every room but the console, by what is there when it runs: neither Node nor a browser (the pure rooms), Node, or
 * both. Rooms are checked together, since each would check again all that it imports. All errors are shown.
 */
async function checkTypes(context) {
  let code = 0;
  let output = '';
  for (const surroundings of ['pure', 'node', 'browser']) {
    const project = `scripts/check/tsconfig.${surroundings}.json`;
    const result = await tool('tsc', ['-p', project, '--pretty', 'false'])(context);
    code ||= result.code;
    output += result.output;
  }
  // What is pure is looked at with and without Node, so that an error would be shown twice.
  return { code, output: [...new Set(output.split('\n'))].join('\n') };
}

/** A build writes the types of the routes itself; else they are made here, which compiles every translation first. */
async function checkConsoleTypes(context) {
  const check = tool(
    'svelte-check',
    ['--tsgo', '--fail-on-warnings', '--output', 'human'],
    'packages/console',
  );
  if (context.isConsoleBuilt) return check(context);
  return inTurn(tool('svelte-kit', ['sync'], 'packages/console'), check)(context);
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
    needsConsole: true,
    run: checkConsoleTypes,
  },
  {
    name: 'lint',
    title: 'lint',
    needsConsole: true,
    run: tool('oxlint', ['--type-aware', '--deny-warnings']),
  },
  {
    name: 'format',
    title: 'format',
    run: tool('biome', ['format', '--reporter=summary', '.']),
  },
  {
    name: 'imports',
    title: 'import directions',
    needsConsole: true,
    run: tool('depcruise', ['--config', '.dependency-cruiser.cjs', 'packages', 'bench']),
  },
  {
    name: 'unused',
    title: 'dead code',
    needsConsole: true,
    run: tool('knip', ['--no-progress', '--no-config-hints']),
  },
  { name: 'lengths', title: 'file lengths', run: ({ root }) => checkFileLengths(root) },
  { name: 'messages', title: 'translations', run: checkMessages },
  { name: 'tests', title: 'unit tests', run: runUnitTests },
];
