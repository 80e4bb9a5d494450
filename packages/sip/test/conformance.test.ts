import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url);

/** Everything that stands in brackets at the start of a test's title in this package. */
function provenRules(): Set<string> {
  const rules = new Set<string>();
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.test.ts')) continue;
    const source = readFileSync(new URL(path, root), 'utf8');
    for (const [, title = ''] of source.matchAll(/\bit\(\s*'((?:\[[^\]]+\] ?)+)/g)) {
      for (const [, names = ''] of title.matchAll(/\[([^\]]+)\]/g)) {
        for (const name of names.split(/,\s*/)) rules.add(name);
      }
    }
  }
  return rules;
}

describe('the conformance table', () => {
  it('[CON-01] names only rules that a test proves', () => {
    const text = readFileSync(new URL('CONFORMANCE.md', root), 'utf8');
    const named = [...text.matchAll(/\b[A-Z]{2,3}-\d\d\b/g)].map(([rule]) => rule);
    const proven = provenRules();
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((rule) => !proven.has(rule))).toEqual([]);
  });
});
