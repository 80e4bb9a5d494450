import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promptLanguages, promptTexts } from '@crosspoint/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PromptLibrary } from './library.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'crosspoint-prompts-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const missing: string[] = [];
const open = () =>
  PromptLibrary.open(
    dataDir,
    () => 0,
    (language, name) => missing.push(`${language}/${name}`),
  );

test.each(promptLanguages)(
  '[QUE-09] every piece has a recording that comes with the product: %s',
  async (language) => {
    const library = await open();
    const names = Object.keys(promptTexts(language));
    for (const name of names) {
      const [path] = library.pathsOf(language, [{ kind: 'prompt', name }]);
      expect(path, name).toMatch(new RegExp(`assets/prompts/${language}/${name}\\.wav$`));
    }
  },
);

test('[QUE-09] a recording of one’s own takes the place of the shipped one, as soon as it is looked for', async () => {
  const library = await open();
  const own = join(dataDir, 'prompts', 'cs');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'position-first.wav'), '');
  await library.look();
  const sentence = { kind: 'position', position: 1 } as const;
  expect(library.pathsOf('cs', [sentence])).toEqual([join(own, 'position-first.wav')]);
  expect(library.pathsOf('es', [sentence])[0]).toContain('assets');
});

test('[FLOW-8] a recording that is not in the language is heard in the first one in which it is', async () => {
  const own = join(dataDir, 'prompts', 'cs');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'only-czech.wav'), '');
  const library = await open();
  const [path] = library.pathsOf('es', [{ kind: 'prompt', name: 'only-czech' }]);
  expect(path).toBe(join(own, 'only-czech.wav'));
});

test('[QUE-09] what has no recording is left out, and reported once', async () => {
  const library = await open();
  missing.length = 0;
  for (let n = 0; n < 2; n++) {
    const paths = library.pathsOf('en', [
      { kind: 'prompt', name: 'no-such' },
      { kind: 'number', value: 7 },
    ]);
    expect(paths).toHaveLength(1);
  }
  expect(missing).toEqual(['en/no-such']);
});
