/**
 * Puts the server and the media process into a few large files, of which a start takes half the processor time
 * (`packages/server/src/bundle.ts` says who runs them, ADR 13 why). Runs on Node 24 and prints `built` or `up to date`.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isBuiltin, SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { bundleDir, bundledFile, linesSuffix, manifestName } from '../packages/server/src/bundle.ts';
import { ownMusic } from '../packages/server/src/media/process/own-music.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = {
  server: 'packages/server/src/cli/command-line.ts',
  media: 'packages/server/src/media/program.ts',
};
/**
 * Packages that go into the files, with all that they import themselves. Others stay where they are: native libraries, WebAssembly, those
 * with threads of their own, and those that are loaded late or seldom.
 */
const bundledPackages = /^(?:@fastify\/\w|commander$|fastify(?:-|$)|kysely$|pg$|prom-client$|ws$|zod$)/;
/** Of what the packages above import. */
const keptPackages = new Set(['pino', 'pg-native', 'bufferutil', 'utf-8-validate']);
/** What the files depend on besides the modules in them; a package is changed only together with these. */
const otherInputs = [
  ...['package-lock.json', 'node_modules/.package-lock.json', relative(root, import.meta.filename)],
  'packages/media/src/music.ts',
];
const musicModule = '/media/process/own-music.ts';
const musicFiles = { ulaw: 'music.ulaw', alaw: 'music.alaw' };
/** A server that runs may still load its files, of which a later build knows nothing. */
const keptDays = 14;

const isCurrent = Object.keys(programs).every((name) => bundledFile(name, bundleDir, root) !== undefined);
if (!isCurrent) await build();
console.log(isCurrent ? 'up to date' : 'built');

async function build() {
  mkdirSync(bundleDir, { recursive: true });
  const others = otherInputs.map(inputOf);
  const modules = new Map();
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(programs).map(([name, path]) => [name, join(root, path)])),
    platform: 'node',
    external: staysOutside,
    plugins: [ownPlaces(modules)],
    onLog(level, log) {
      if (level === 'warn' && !log.id?.includes('node_modules')) console.error(log.message);
    },
  });
  const { output } = await bundle.generate({
    dir: bundleDir,
    format: 'esm',
    sourcemap: 'hidden',
    keepNames: true,
    entryFileNames: '[name]-[hash].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await bundle.close();
  const chunks = output.filter((file) => file.type === 'chunk');
  for (const chunk of chunks) {
    writeFileSync(join(bundleDir, chunk.fileName), chunk.code);
    writeFileSync(join(bundleDir, chunk.fileName + linesSuffix), JSON.stringify(linesOf(chunk)));
  }
  const entries = Object.keys(programs).map((name) => {
    const entry = chunks.find((chunk) => chunk.isEntry && chunk.name === name);
    const inputs = reachedFrom(entry.facadeModuleId, modules).flatMap((module) => module.input);
    return [name, { file: entry.fileName, inputs: [...inputs, ...others] }];
  });
  keep({ root, programs: Object.fromEntries(entries) });
  const written = chunks.flatMap(({ fileName }) => [fileName, fileName + linesSuffix]);
  removeOld(new Set([...written, ...Object.values(musicFiles), manifestName]));
}

/** Whether a module is left to be loaded from where it is, when it is imported by name. */
function staysOutside(id, importer, isResolved) {
  if (isResolved || id.startsWith('.') || id.startsWith('/') || isBuiltin(id)) return false;
  if (id.startsWith('@crosspoint/')) return false;
  if (importer?.includes('/node_modules/')) return keptPackages.has(id);
  return !bundledPackages.test(id);
}

/** Lets each module go on as if it were run from its own place; notes of each what it imports and the state of its file before it is read. */
function ownPlaces(modules) {
  return {
    name: 'own-places',
    load(id) {
      // A package is changed only together with the lock file.
      const isOwn = id.startsWith(root) && !id.includes('/node_modules/');
      modules.set(id, { input: isOwn ? [inputOf(relative(root, id))] : [], imports: [] });
      return id.endsWith(musicModule) ? composedMusic() : undefined;
    },
    moduleParsed({ id, importedIds, dynamicallyImportedIds }) {
      const module = modules.get(id);
      if (module !== undefined) module.imports = [...importedIds, ...dynamicallyImportedIds];
    },
    transform(code, id) {
      if (!code.includes('import.meta.')) return undefined;
      const places = { dirname: dirname(id), filename: id, url: pathToFileURL(id).href };
      const own = code.replaceAll(/import\.meta\.(dirname|filename|url)\b/g, (_, what) =>
        JSON.stringify(places[what]),
      );
      // Lines stay where they are.
      return { code: own, map: null };
    },
  };
}

/** The module of the music, with what its function returns read from files. */
function composedMusic() {
  const music = ownMusic();
  const read = Object.entries(musicFiles).map(([coding, name]) => {
    writeFileSync(join(bundleDir, name), music[coding]);
    return `${coding}: readFileSync(${JSON.stringify(join(bundleDir, name))})`;
  });
  return `import { readFileSync } from 'node:fs'; export const ownMusic = () => ({ ${read.join(', ')} });`;
}

function inputOf(path) {
  const { size, mtimeMs } = statSync(join(root, path));
  return [path, size, mtimeMs];
}

/** What is known of a module and of all that it imports, at once or later. */
function reachedFrom(entryId, modules) {
  const reached = new Set([entryId]);
  for (const id of reached) for (const imported of modules.get(id)?.imports ?? []) reached.add(imported);
  return [...reached].flatMap((id) => modules.get(id) ?? []);
}

/** For each line of a chunk the source and the line in it. */
function linesOf({ code, map, fileName }) {
  // Of some that only hand on what others export.
  if (!map) return { sources: [], lines: [] };
  const payload = new SourceMap(map);
  const sources = map.sources.map((source) => relative(root, join(bundleDir, dirname(fileName), source)));
  const indices = new Map(map.sources.map((source, index) => [source, index]));
  const lines = code.split('\n').flatMap((text, line) => {
    const entry = payload.findEntry(line, text.length - text.trimStart().length);
    const isHere = entry.generatedLine === line;
    return isHere ? [indices.get(entry.originalSource) ?? -1, entry.originalLine + 1] : [-1, -1];
  });
  return { sources, lines };
}

/** Nobody reads half of it. */
function keep(manifest) {
  const path = join(bundleDir, manifestName);
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(manifest));
  renameSync(`${path}.${process.pid}`, path);
}

function removeOld(current) {
  for (const name of readdirSync(bundleDir)) {
    const path = join(bundleDir, name);
    const isOld = Date.now() - statSync(path).mtimeMs > keptDays * 86_400_000;
    if (isOld && !current.has(name)) rmSync(path);
  }
}
