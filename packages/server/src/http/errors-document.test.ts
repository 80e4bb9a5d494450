import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { INSTALLATION_DIR } from '../platform/index.ts';

const page = readFileSync(join(INSTALLATION_DIR, 'docs/errors.md'), 'utf8');
const documented = new Map(
  [...page.matchAll(/^### `([a-z-]+)` · (\d{3})\n(.+)$/gm)].map(([, code, status, text]) => [
    code,
    { status, text },
  ]),
);

describe('docs/errors.md', () => {
  test('[API-01] documents every code with its status, and no other', () => {
    const codes = Object.entries(PROBLEMS).map(([code, { status }]) => `${code} ${status}`);
    const onPage = [...documented].map(([code, { status }]) => `${code} ${status}`);
    expect(onPage.toSorted()).toEqual(codes.toSorted());
  });

  test('[API-01] says something about each', () => {
    for (const [code, { text }] of documented) expect(text?.length, code).toBeGreaterThan(20);
  });
});
