import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * Puts a CommonJS package and what it requires into one script for a page; `name` becomes a global there. Enough for
 * libraries without conditional requires; packages win over Node's own modules of the same name.
 */
export function bundleForPage(specifier: string, name: string): string {
  const ids = new Map<string, number>();
  const modules: string[] = [];
  const add = (file: string): number => {
    const known = ids.get(file);
    if (known !== undefined) return known;
    const id = ids.size;
    ids.set(file, id);
    const source = readFileSync(file, 'utf8');
    if (file.endsWith('.json')) {
      modules[id] = `function (module) { module.exports = ${source} }`;
      return id;
    }
    const found = createRequire(file);
    const required: Record<string, number> = {};
    for (const [, wanted = ''] of source.matchAll(/\brequire\(\s*['"]([^'"]+)['"]\s*\)/g)) {
      const isPackage = !wanted.startsWith('.') && !wanted.includes('/');
      const path = tryResolve(found, isPackage ? `${wanted}/` : wanted);
      if (path !== undefined) required[wanted] = add(path);
    }
    modules[id] =
      `function (module, exports, loadInBundle) { const require = (wanted) => loadInBundle(${JSON.stringify(required)}[wanted]); ${source}\n}`;
    return id;
  };
  const entry = add(createRequire(import.meta.url).resolve(specifier));
  return `{
    const modules = [${modules.join(',\n')}];
    const loaded = [];
    const load = (id) => {
      if (loaded[id] === undefined) { loaded[id] = { exports: {} }; modules[id](loaded[id], loaded[id].exports, load); }
      return loaded[id].exports;
    };
    globalThis.process ??= { env: {} };
    globalThis.${name} = load(${entry});
  }`;
}

/** A package whose browser build differs (`debug`) names it in `browser`; others in `main`. */
function tryResolve(found: NodeJS.Require, wanted: string): string | undefined {
  try {
    const path = found.resolve(wanted);
    return wanted === 'debug/' ? path.replace(/index\.js$/, 'browser.js') : path;
  } catch {
    // Something that only Node has, behind a condition.
    return undefined;
  }
}
