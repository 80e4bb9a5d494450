import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What is loaded before the first page of most people is there: the frame and the desk. */
const beginnings = ['routes/+layout.svelte', 'routes/(app)/+layout.svelte', 'routes/(app)/desk/+page.svelte'];
const imported = /^\s*import\s(?!type\s)[^;]*?from\s*'([^']+)'/gm;
const word = /\bm\.(\w+)/g;

/** The keys of the messages that the first pages name, not those that they load later. @param src absolute path of `src`. */
export function deskWords(src: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const words = new Set<string>();
  const waiting = beginnings.map((path) => join(src, path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path) || path.includes('/paraglide/') || !existsSync(path)) continue;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, key = ''] of text.matchAll(word)) words.add(key);
    for (const [, specifier = ''] of text.matchAll(imported)) {
      if (specifier.startsWith('#lib/')) waiting.push(join(src, 'lib', specifier.slice('#lib/'.length)));
      else if (specifier.startsWith('.')) waiting.push(join(dirname(path), specifier));
    }
  }
  return words;
}
