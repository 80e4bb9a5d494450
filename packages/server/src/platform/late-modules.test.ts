import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const serverProgram = new URL('../cli/server-program.ts', import.meta.url).href;
/** Says which packages are there when all of a server is loaded. */
const script = `
  import { createRequire } from 'node:module';
  await (await import('${serverProgram}')).loadServer();
  console.log(Object.keys(createRequire(import.meta.url).cache).join('\\n'));
`;

it('[OPS-03] a start loads no package that it can do without, so that calls are taken up soon after a crash', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  const packages = new Set([...output.matchAll(/node_modules\/([a-z-]+)\//g)].map(([, name]) => name));
  expect(packages).toContain('pino');
  for (const late of ['libphonenumber-js', 'nodemailer', 'otplib', 'yaml'])
    expect(packages).not.toContain(late);
});
