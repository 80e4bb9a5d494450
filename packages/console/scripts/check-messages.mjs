/**
 * Holds the texts of the console together: every message exists in every language with the same inputs and plural
 * forms, is used, and no component has words of its own. Runs on Node 20 without dependencies of its own.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'svelte/compiler';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const locales = ['en', 'es', 'cs'];
/** Names and keys that are the same in every language and may stand in the markup. */
const namesEverywhere = /\b(Crosspoint|PostgreSQL|Esc|Ctrl K)\b/g;
/** `locale:key` of texts that may equal the English one: codes, and words that the languages share. */
const mayEqual = new Set(JSON.parse(readFileSync(join(root, 'scripts/shared-words.json'), 'utf8')));
const spokenAttributes = new Set([
  'title',
  'placeholder',
  'alt',
  'label',
  'aria-label',
  'aria-description',
  'note',
  'detail',
  'hint',
]);

const faults = [];
const fault = (where, what) => faults.push(`${where}: ${what}`);

const messages = Object.fromEntries(locales.map((locale) => [locale, readMessages(locale)]));

/** A key that stands there twice would silently have its last text everywhere. */
function readMessages(locale) {
  const text = readFileSync(join(root, `messages/${locale}.json`), 'utf8');
  const seen = new Set();
  for (const [, key] of text.matchAll(/^ {2}"(\w+)":/gm)) {
    if (seen.has(key)) fault(`messages/${locale}.json`, `${key} stands there twice`);
    seen.add(key);
  }
  return JSON.parse(text);
}

/** Every text of a message, whether it is plain or has plural forms. */
const textsOf = (message) => (typeof message === 'string' ? [message] : Object.values(message[0].match));
const inputsOf = (message) =>
  new Set(textsOf(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1])));

function checkLanguages() {
  const keys = new Set(locales.flatMap((locale) => Object.keys(messages[locale])));
  for (const key of keys) {
    for (const locale of locales) {
      const message = messages[locale][key];
      if (message === undefined) {
        fault(`messages/${locale}.json`, `${key} is missing`);
        continue;
      }
      if (textsOf(message).some((text) => text.trim() === ''))
        fault(`messages/${locale}.json`, `${key} is empty`);
      checkForms(locale, key, message);
      checkInputs(locale, key, message);
      checkTranslated(locale, key, message);
    }
  }
}

/** A message with plural forms needs each form of its language; the last one is the catch-all. */
function checkForms(locale, key, message) {
  if (typeof message === 'string') return;
  const forms = Object.keys(message[0].match).map((form) => form.replace(/^.*=/, ''));
  const needed = { en: ['one', '*'], es: ['one', '*'], cs: ['one', 'few', '*'] }[locale];
  const missing = needed.filter((form) => !forms.includes(form));
  if (missing.length > 0) fault(`messages/${locale}.json`, `${key} lacks the form ${missing.join(', ')}`);
}

function checkInputs(locale, key, message) {
  const reference = messages.en[key];
  if (locale === 'en' || reference === undefined) return;
  const expected = inputsOf(reference);
  const found = inputsOf(message);
  for (const name of found) {
    if (!expected.has(name))
      fault(`messages/${locale}.json`, `${key} uses {${name}}, which the English one does not`);
  }
  for (const name of expected) {
    if (!found.has(name)) fault(`messages/${locale}.json`, `${key} leaves out {${name}}`);
  }
}

function checkTranslated(locale, key, message) {
  if (locale === 'en' || mayEqual.has(`${locale}:${key}`) || messages.en[key] === undefined) return;
  const withoutInputs = textsOf(messages.en[key])
    .join('')
    .replace(/\{\w+\}/g, '');
  if (!/\p{L}/u.test(withoutInputs)) return;
  if (JSON.stringify(message) === JSON.stringify(messages.en[key])) {
    fault(`messages/${locale}.json`, `${key} is still English: "${textsOf(message)[0]}"`);
  }
}

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'paraglide' ? [] : filesUnder(path);
    return /\.(svelte|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

function checkUse(files) {
  const used = new Set();
  for (const file of files) {
    for (const [, key] of readFileSync(file, 'utf8').matchAll(/(?<!\/)\bm\.([a-z0-9_]+)/g)) {
      used.add(key);
      if (messages.en[key] === undefined) fault(relative(root, file), `there is no message ${key}`);
    }
  }
  for (const key of Object.keys(messages.en)) if (!used.has(key)) fault('messages', `${key} is not used`);
}

const lineOf = (source, position) => source.slice(0, position).split('\n').length;

/** Walks the markup of a component: its texts and the attributes that people hear or read. */
function checkMarkup(file) {
  const source = readFileSync(file, 'utf8');
  const where = (node) => `${relative(root, file)}:${lineOf(source, node.start)}`;
  const visit = (node, parent) => {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) {
      for (const child of node) visit(child, parent);
      return;
    }
    if (node.type === 'StyleDirective') return;
    const isText = node.type === 'Text' && /\p{L}/u.test(node.data.replace(namesEverywhere, ''));
    if (isText && parent?.type === 'Attribute') {
      if (spokenAttributes.has(parent.name))
        fault(where(node), `the attribute ${parent.name} has words of its own: "${node.data}"`);
    } else if (isText && parent?.type !== 'StyleSheet') {
      fault(where(node), `words of its own: "${node.data.trim()}"`);
    }
    const owner =
      node.type === 'Attribute' ? node : node.type === 'Text' ? parent : node.type ? node : parent;
    for (const [name, child] of Object.entries(node)) {
      if (name !== 'instance' && name !== 'module' && name !== 'css' && name !== 'parent')
        visit(child, owner);
    }
  };
  visit(parse(source, { modern: true, filename: file }).fragment, null);
}

const files = filesUnder(join(root, 'src'));
checkLanguages();
checkUse(files);
for (const file of files) if (file.endsWith('.svelte')) checkMarkup(file);

const count = Object.keys(messages.en).length;
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n${faults.length} faults in the texts of the console.\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${count} messages in ${locales.length} languages, all there, all used.\n`);
}
