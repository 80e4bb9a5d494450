/**
 * Writes the table of settings into `docs/settings.md` from their definitions:
 * `node scripts/generate-settings-doc.mjs`; with `--verify` it only says whether the page is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printFailure } from './lib/failure.mjs';
import { handOver } from './lib/handover.mjs';
import { findNode24 } from './lib/node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join(root, 'docs/settings.md');
const begin = '<!-- settings: made by scripts/generate-settings-doc.mjs -->\n';
const end = '<!-- end of settings -->\n';
const nodeMajorMin = 24;

/** What is in effect when nobody sets it. */
function defaultOf({ fallback, fallbackText }) {
  if (fallbackText !== undefined) return fallbackText;
  return fallback === undefined ? '–' : `\`${fallback}\``;
}

function table(definitions) {
  const rows = definitions.map((definition) => {
    const { environment, flag, placeholder, path, help } = definition;
    const inFile = path === 'configFile' ? '–' : `\`${path}\``;
    return [`\`${environment}\``, `\`${flag} ${placeholder}\``, inFile, defaultOf(definition), help];
  });
  const lines = [
    ['environment', 'flag of `start`', 'in the file', 'default', 'is'],
    ['---', '---', '---', '---', '---'],
    ...rows,
  ];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

async function main(verify) {
  const module = join(root, 'packages/server/src/platform/settings/definitions.ts');
  const { SETTING_DEFINITIONS } = await import(module);
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${page} lacks the lines ${begin.trim()} and ${end.trim()}.`);
  const wanted = text.slice(0, from + begin.length) + table(SETTING_DEFINITIONS) + text.slice(to);
  if (wanted === text) {
    console.log('The table of settings is up to date.');
    return 0;
  }
  if (verify) {
    console.error(
      'docs/settings.md differs from the definitions: run "node scripts/generate-settings-doc.mjs".',
    );
    return 1;
  }
  writeFileSync(page, wanted);
  console.log('The table of settings was written.');
  return 0;
}

try {
  if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
    handOver(findNode24(root).path, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
  } else {
    process.exitCode = await main(process.argv.includes('--verify'));
  }
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
