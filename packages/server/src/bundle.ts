import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The program in a few large files, which `scripts/build-server.mjs` makes of the sources: to find, link and start 1,600 modules took
 * half of the processor time of a start. It is no more than a cache: where anything that it was made of has changed since, the
 * sources are run (ADR 13).
 */
export type Program = 'server' | 'media';
/** A file that a program is made of: its path from the root of the checkout, its size in bytes, and when it was changed, in ms since 1970. */
export type BundleInput = readonly [path: string, bytes: number, changedAtMs: number];
export type BundledProgram = { file: string; inputs: readonly BundleInput[] };
/** What is kept beside the files; `root` is the absolute path of the checkout, which is written into them. */
export type BundleManifest = { root: string; programs: Readonly<Record<Program, BundledProgram>> };
/**
 * Kept beside each file, under its name and {@link linesSuffix}: the index of the source and the line in it for each of its lines, one
 * after the other; -1 where a line has none.
 */
export type BundleLines = { sources: readonly string[]; lines: readonly number[] };

const checkoutDir = join(import.meta.dirname, '../../..');
export const bundleDir = join(checkoutDir, 'packages/server/build');
export const manifestName = 'manifest.json';
export const linesSuffix = '.lines.json';
/** For tools that put something of their own in the place of a module. */
const sourcesVariable = 'SERVER_FROM_SOURCES';

/** Loads a program: its bundle where that is up to date, else its sources. */
export async function loadProgram<T>(program: Program, fromSources: () => Promise<T>): Promise<T> {
  const file =
    process.env[sourcesVariable] === '1' ? undefined : bundledFile(program, bundleDir, checkoutDir);
  if (file === undefined) return fromSources();
  nameSourcesInStacks(bundleDir);
  return (await import(pathToFileURL(file).href)) as T;
}

/** The file of a program that was made of what is on the disk now; undefined when there is none. */
export function bundledFile(program: Program, folder: string, root: string): string | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, manifestName), 'utf8')) as BundleManifest;
    const { file, inputs } = manifest.programs[program];
    const path = join(folder, file);
    const isCurrent = manifest.root === root && inputs.every((input) => isUnchanged(root, input));
    return isCurrent && statSync(path, { throwIfNoEntry: false }) !== undefined ? path : undefined;
  } catch {
    // None was made, or it cannot be read: the sources are always there.
    return undefined;
  }
}

function isUnchanged(root: string, [path, bytes, changedAtMs]: BundleInput): boolean {
  const found = statSync(`${root}/${path}`, { throwIfNoEntry: false });
  return found !== undefined && found.size === bytes && found.mtimeMs === changedAtMs;
}

/** Lets stacks of errors name the lines that a person edits instead of those of the bundle. */
export function nameSourcesInStacks(folder: string): void {
  const lines = new Map<string, BundleLines>();
  const linesOf = (name: string): BundleLines => {
    const known = lines.get(name);
    if (known !== undefined) return known;
    const read = JSON.parse(readFileSync(join(folder, name + linesSuffix), 'utf8')) as BundleLines;
    lines.set(name, read);
    return read;
  };
  const prefix = pathToFileURL(`${folder}/`).href;
  Error.prepareStackTrace = (error, frames) =>
    [String(error), ...frames.map((frame) => `    at ${withSource(String(frame), prefix, linesOf)}`)].join(
      '\n',
    );
}

function withSource(frame: string, prefix: string, linesOf: (name: string) => BundleLines): string {
  const start = frame.indexOf(prefix);
  if (start < 0) return frame;
  const place = /^([^:()]+):(\d+):\d+/.exec(frame.slice(start + prefix.length));
  if (place === null) return frame;
  const [{ length }, name = '', line] = place;
  try {
    const { sources, lines } = linesOf(name);
    const index = (Number(line) - 1) * 2;
    const source = sources[lines[index] ?? -1];
    if (source === undefined) return frame;
    const end = frame.slice(start + prefix.length + length);
    return `${frame.slice(0, start)}${pathToFileURL(join(checkoutDir, source)).href}:${lines[index + 1]}${end}`;
  } catch {
    // Removed meanwhile: the line of the bundle is better than none.
    return frame;
  }
}
