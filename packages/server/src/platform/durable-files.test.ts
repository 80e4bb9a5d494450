import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { moveDurably, syncTree, writeDurably, writeDurablySync } from './durable-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-durable-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('[OPS-01] [OPS-03] a file is there as a whole or as before, for its owner alone, and nothing stays beside it', async () => {
  const path = join(folder, 'key');
  await writeDurably(path, 'first');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  writeDurablySync(path, 'second', { mode: 0o644 });
  expect(readFileSync(path, 'utf8')).toBe('second');
  expect(statSync(path).mode & 0o777).toBe(0o644);
  const writers = Array.from({ length: 8 }, (_, index) => writeDurably(path, `${index}`.repeat(100_000)));
  await Promise.all(writers);
  expect(new Set(readFileSync(path, 'utf8'))).toHaveLength(1);
  expect(readdirSync(folder)).toEqual(['key']);
});

test('[OPS-01] [OPS-03] what cannot be put in its place leaves nothing behind', async () => {
  const taken = join(folder, 'taken');
  mkdirSync(taken);
  writeFileSync(join(taken, 'inside'), '');
  await expect(writeDurably(taken, 'content')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(() => writeDurablySync(taken, 'content')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  await expect(writeDurably(join(folder, 'no', 'folder'), 'content')).rejects.toThrow(/ENOENT/);
  await expect(moveDurably(join(folder, 'nothing'), join(folder, 'there'))).rejects.toThrow(/ENOENT/);
  expect(readdirSync(folder)).toEqual(['taken']);
});

test('[OPS-03] a tree is brought to the disk with its folders, and a link that leads nowhere does no harm', () => {
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  writeFileSync(join(folder, 'a', 'b', 'file'), 'x');
  symlinkSync('nowhere', join(folder, 'a', 'link'));
  expect(() => syncTree(folder)).not.toThrow();
});
