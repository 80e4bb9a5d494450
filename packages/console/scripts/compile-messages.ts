import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, type CompilerOptions } from '@inlang/paraglide-js';

/** What the compiled messages are made of, beside the options. */
function inputs(): string[] {
  const messages = readdirSync('messages').toSorted();
  return [
    ...messages.map((name) => join('messages', name)),
    'project.inlang/settings.json',
    '../../package-lock.json',
  ];
}

/**
 * Compiles the messages unless those that are there were made of the same. It takes ten seconds and more of the processor, and the
 * build and the type check both want it.
 */
export async function compileMessages(options: CompilerOptions): Promise<void> {
  const stamp = join(options.outdir, '.compiled');
  const wanted = stampOf(options);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  // Gone while the compiler works, so that nobody takes half of the messages for all.
  rmSync(stamp, { force: true });
  await compile(options);
  writeFileSync(stamp, wanted);
}

function stampOf(options: CompilerOptions): string {
  const hash = createHash('sha256').update(JSON.stringify(options));
  for (const path of inputs()) hash.update(`\0${path}\0`).update(readFileSync(path));
  return hash.digest('hex');
}
