import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../lib/capture.mjs';

const listedLines = 300;
const failingLines = 500;

/**
 * A file that is too long to read in one sitting hides what it does.
 *
 * @param {string} root the checkout
 * @returns {Promise<{ code: number, output: string, note: string }>}
 */
export async function checkFileLengths(root) {
  const patterns = ['*.ts', '*.svelte', '*.mjs', '*.cjs'];
  const listing = await capture(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns],
    { cwd: root },
  );
  if (listing.code !== 0) return { code: listing.code, output: listing.output, note: '' };
  const long = listing.output
    .split('\n')
    .filter((path) => path !== '' && !/(^|\/)generated\//.test(path))
    .map((path) => ({ path, lines: countLines(join(root, path)) }))
    .filter((file) => file.lines > listedLines)
    .sort((a, b) => b.lines - a.lines);
  const failing = long.filter((file) => file.lines > failingLines);
  const name = (file) => `${file.path} (${file.lines})`;
  return {
    code: failing.length > 0 ? 1 : 0,
    output: failing.map((file) => `${name(file)}: split it, ${failingLines} lines are the limit.`).join('\n'),
    note: long.length > 0 ? `over ${listedLines} lines: ${long.map(name).join(', ')}` : '',
  };
}

/** A file that git lists but that is deleted in the work tree counts as empty. */
function countLines(path) {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1;
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}
