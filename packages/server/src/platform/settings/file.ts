import type { Node, YAMLMap } from 'yaml';
import { yaml } from '../late-modules.ts';
import { SETTING_DEFINITIONS } from './definitions.ts';

export interface FileValue {
  readonly value: unknown;
  /** 1-based position of the value. */
  readonly line: number;
  readonly column: number;
}

export interface FileProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

export interface ParsedSettingsFile {
  /** By path, such as `http.port`. */
  readonly values: ReadonlyMap<string, FileValue>;
  readonly problems: readonly FileProblem[];
}

/** Reads the YAML text of a settings file. Unknown keys are problems, with line and column. */
export function parseSettingsFile(text: string): ParsedSettingsFile {
  const { isMap, isScalar, LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const values = new Map<string, FileValue>();
  const problems: FileProblem[] = document.errors.map((error) => {
    const position = lines.linePos(error.pos[0]);
    return {
      line: position.line,
      column: position.col,
      message: error.message,
      remedy: 'Correct the YAML there.',
    };
  });
  if (problems.length > 0 || document.contents === null) return { values, problems };

  const at = (node: unknown): { line: number; column: number } => {
    const offset = (node as Node | undefined)?.range?.[0] ?? 0;
    const position = lines.linePos(offset);
    return { line: position.line, column: position.col };
  };
  const visit = (map: YAMLMap, prefix: string): void => {
    for (const pair of map.items) {
      const key = prefix + String(isScalar(pair.key) ? pair.key.value : pair.key);
      const isEmpty = pair.value === null || (isScalar(pair.value) && pair.value.value === null);
      if (isMap(pair.value) && isGroup(key)) visit(pair.value, `${key}.`);
      else if (isGroup(key) && isEmpty) continue;
      else if (isGroup(key)) problems.push({ ...at(pair.value), ...notAGroup(key) });
      else if (!isSetting(key)) problems.push({ ...at(pair.key), ...unknownKey(key) });
      else
        values.set(key, { ...at(pair.value), value: isScalar(pair.value) ? pair.value.value : pair.value });
    }
  };
  if (isMap(document.contents)) {
    visit(document.contents, '');
  } else {
    problems.push({
      ...at(document.contents),
      message: 'the file is not a map',
      remedy: 'Write "name: value" lines.',
    });
  }
  return { values, problems };
}

function isSetting(path: string): boolean {
  return path !== 'configFile' && SETTING_DEFINITIONS.some((definition) => definition.path === path);
}

function isGroup(path: string): boolean {
  return SETTING_DEFINITIONS.some((definition) => definition.path.startsWith(`${path}.`));
}

const settingsFrom = (prefix: string): string =>
  SETTING_DEFINITIONS.map(({ path }) => path)
    .filter((path) => isSetting(path) && path.startsWith(prefix))
    .join(', ');

function notAGroup(key: string): { message: string; remedy: string } {
  const remedy = `Put them in it: ${settingsFrom(`${key}.`)}.`;
  return { message: `"${key}" is no setting but a group of them`, remedy };
}

function unknownKey(key: string): { message: string; remedy: string } {
  const [group = ''] = key.split('.');
  const prefix = key.includes('.') ? `${group}.` : '';
  return { message: `unknown setting "${key}"`, remedy: `Known are ${settingsFrom(prefix)}.` };
}
