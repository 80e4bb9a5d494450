/**
 * Files that are there as a whole after a power cut once they are there at all. What is only written and renamed may be found
 * empty then: the new name can reach the disk before the content does.
 */
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface DurableOptions {
  /** Permissions of the file; by default for its owner alone. */
  mode?: number;
}

const privateMode = 0o600;

/** Writes a file aside, brings it to the disk and puts it in its place; readers see the former one or this. */
export async function writeDurably(
  path: string,
  content: string | Uint8Array,
  { mode = privateMode }: DurableOptions = {},
): Promise<void> {
  const aside = asideOf(path);
  try {
    const file = await open(aside, 'wx', mode);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    await moveDurably(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Puts a file that somebody else has written in its place. Both lie on one file system. */
export async function moveDurably(from: string, to: string): Promise<void> {
  const file = await open(from, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(from, to);
  const folder = await open(dirname(to), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** {@link writeDurably} while nothing else happens: for a start, and for what is asked once. */
export function writeDurablySync(
  path: string,
  content: string | Uint8Array,
  { mode = privateMode }: DurableOptions = {},
): void {
  const aside = asideOf(path);
  try {
    writeFileSync(aside, content, { mode, flag: 'wx', flush: true });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  syncPath(dirname(path));
}

/** Brings a file, or the names in a folder, to the disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Brings a folder to the disk with everything in it. Links are names only. */
export function syncTree(root: string): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) syncPath(join(entry.parentPath, entry.name));
  }
  syncPath(root);
}

let count = 0;

/** No other process, and nobody else in this one, writes there. */
function asideOf(path: string): string {
  count++;
  return `${path}.${process.pid}.${count}.part`;
}
