import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { INSTALLATION_DIR } from '../installation.ts';
import { SETTING_DEFINITIONS, type SettingDefinition, type Settings } from './definitions.ts';
import { parseSettingsFile, type FileValue } from './file.ts';

/** One setting that cannot be used: which, its value, where it came from, why, and what to do. */
export interface SettingProblem {
  readonly setting: string;
  readonly value: string;
  readonly source: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Thrown when at least one setting cannot be used; the message names each with its remedy. */
export class SettingsError extends Error {
  readonly code = 'settings-invalid';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(
      problems.map((p) => `${p.setting} = ${p.value} (${p.source}) ${p.problem}. ${p.remedy}`).join('\n'),
    );
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

export interface SettingsInput {
  /** Values given on the command line, by path (`http.port`). */
  readonly flags?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths of flags and environment start from. */
  readonly cwd?: string;
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** Where each value came from, by path: a flag, an environment variable, a line of the file, or `default`. */
  readonly sources: Readonly<Record<string, string>>;
  /** Suspicious input that is not an error, such as a misspelt environment variable. */
  readonly warnings: readonly string[];
}

interface Candidate {
  readonly value: unknown;
  readonly source: string;
  readonly baseDir: string;
}

/**
 * Reads every setting with the precedence flag, environment, file, default.
 *
 * @throws {SettingsError} with all unusable settings at once.
 */
export function loadSettings(input: SettingsInput = {}): LoadedSettings {
  const flags = input.flags ?? {};
  const env = input.env ?? process.env;
  const cwd = input.cwd ?? process.cwd();
  const problems: SettingProblem[] = [];
  const sources: Record<string, string> = {};
  const values: Record<string, unknown> = {};

  const given = (definition: SettingDefinition): Candidate | undefined => {
    const flag = flags[definition.path];
    if (flag !== undefined) return { value: flag, source: `flag ${definition.flag}`, baseDir: cwd };
    const variable = env[definition.environment];
    if (variable === undefined || variable === '') return undefined;
    return { value: variable, source: 'environment', baseDir: cwd };
  };

  const file = readFile(SETTING_DEFINITIONS[0], given, problems);
  for (const definition of SETTING_DEFINITIONS) {
    const candidate = given(definition) ?? fromFile(definition, file) ?? byDefault(definition);
    sources[definition.path] = candidate.source;
    values[definition.path] = validate(definition, candidate, problems);
  }
  checkRtpRange(values, sources, problems);
  checkTlsPair(values, sources, problems);
  if (problems.length > 0) throw new SettingsError(problems);
  return { settings: assemble(values), sources, warnings: misspeltVariables(env) };
}

interface SettingsFile {
  readonly path: string;
  readonly values: ReadonlyMap<string, FileValue>;
}

function readFile(
  definition: SettingDefinition | undefined,
  given: (definition: SettingDefinition) => Candidate | undefined,
  problems: SettingProblem[],
): SettingsFile | undefined {
  const candidate = definition === undefined ? undefined : given(definition);
  if (definition === undefined || candidate === undefined) return undefined;
  const path = resolve(candidate.baseDir, String(candidate.value));
  const refuse = (problem: string, remedy: string): undefined => {
    problems.push({
      setting: definition.environment,
      value: path,
      source: candidate.source,
      problem,
      remedy,
    });
    return undefined;
  };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return refuse(`cannot be read (${code})`, definition.remedy);
  }
  const parsed = parseSettingsFile(text);
  for (const problem of parsed.problems) {
    refuse(
      `has a mistake at line ${problem.line}, column ${problem.column}: ${problem.message}`,
      problem.remedy,
    );
  }
  return { path, values: parsed.values };
}

function fromFile(definition: SettingDefinition, file: SettingsFile | undefined): Candidate | undefined {
  const entry = file?.values.get(definition.path);
  if (file === undefined || entry === undefined) return undefined;
  return {
    value: entry.value,
    source: `${file.path} line ${entry.line}, column ${entry.column}`,
    baseDir: dirname(file.path),
  };
}

function byDefault(definition: SettingDefinition): Candidate {
  const value: unknown =
    typeof definition.fallback === 'function' ? definition.fallback() : definition.fallback;
  return { value, source: 'default', baseDir: INSTALLATION_DIR };
}

function validate(definition: SettingDefinition, candidate: Candidate, problems: SettingProblem[]): unknown {
  if (candidate.value === undefined) return undefined;
  const result = definition.schema.safeParse(candidate.value);
  if (!result.success) {
    const issue = result.error.issues[0];
    problems.push({
      setting: candidate.source.startsWith('flag') ? definition.flag : definition.environment,
      value: definition.secret === true ? '(hidden)' : JSON.stringify(candidate.value),
      source: candidate.source,
      problem: describeIssue(issue?.message ?? 'is not valid'),
      remedy: definition.remedy,
    });
    return undefined;
  }
  return definition.isPath === true ? resolve(candidate.baseDir, String(result.data)) : result.data;
}

/** Our own messages continue the sentence; those of zod start a new thought. */
function describeIssue(message: string): string {
  return message.startsWith('is ') ? message : `is not valid: ${message}`;
}

function checkRtpRange(
  values: Record<string, unknown>,
  sources: Record<string, string>,
  problems: SettingProblem[],
): void {
  const min = values['rtp.portMin'];
  const max = values['rtp.portMax'];
  if (typeof min !== 'number' || typeof max !== 'number' || max - min >= 3) return;
  problems.push({
    setting: 'CROSSPOINT_RTP_PORT_MAX',
    value: String(max),
    source: sources['rtp.portMax'] ?? 'default',
    problem: `leaves fewer than 4 ports from CROSSPOINT_RTP_PORT_MIN = ${min} on`,
    remedy: 'A call needs 4 ports: raise CROSSPOINT_RTP_PORT_MAX or lower CROSSPOINT_RTP_PORT_MIN.',
  });
}

/** A certificate is of no use without its key, nor a key without its certificate. */
function checkTlsPair(
  values: Record<string, unknown>,
  sources: Record<string, string>,
  problems: SettingProblem[],
): void {
  const given = ['sip.tlsCert', 'sip.tlsKey'].filter((path) => values[path] !== undefined);
  const [path] = given;
  if (path === undefined || given.length === 2) return;
  const [setting, missing] =
    path === 'sip.tlsCert'
      ? ['CROSSPOINT_SIP_TLS_CERT', 'CROSSPOINT_SIP_TLS_KEY']
      : ['CROSSPOINT_SIP_TLS_KEY', 'CROSSPOINT_SIP_TLS_CERT'];
  problems.push({
    setting,
    value: JSON.stringify(values[path]),
    source: sources[path] ?? 'default',
    problem: `is set without ${missing}`,
    remedy: `Set ${missing} too, or neither: the server then makes a certificate of its own.`,
  });
}

function assemble(values: Readonly<Record<string, unknown>>): Settings {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    const [first = path, second] = path.split('.');
    if (second === undefined) {
      root[first] = value;
    } else {
      const group = (root[first] ??= {}) as Record<string, unknown>;
      group[second] = value;
    }
  }
  // Each value has passed the schema of its definition, and the definitions cover the interface (tested).
  return root as unknown as Settings;
}

function misspeltVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(SETTING_DEFINITIONS.map((definition) => definition.environment));
  return Object.keys(env)
    .filter((name) => name.startsWith('CROSSPOINT_') && !known.has(name))
    .map((name) => `The environment variable ${name} is not a setting of Crosspoint and is ignored.`);
}
