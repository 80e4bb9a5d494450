import { stripVTControlCharacters } from 'node:util';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import type { Settings } from './settings/index.ts';

export type Log = Logger;

/** Fields whose value must never reach a log, at the top of an entry or one level down. */
const SECRET_FIELDS = [
  'password',
  'adminPassword',
  'passwordHash',
  'password_hash',
  'secret',
  'token',
  'apiKey',
  'authorization',
  'cookie',
  'ha1',
  'sip_ha1_md5',
  'sip_ha1_sha256',
  'databaseUrl',
  'connectionString',
] as const;
const REDACTED_PATHS = [
  ...SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
  'headers["set-cookie"]',
  '*.headers.authorization',
  '*.headers.cookie',
];

export interface LogOptions {
  readonly level: Settings['logLevel'];
  /** One readable line per entry instead of JSON, in colours unless NO_COLOR is set. Default: on a terminal. */
  readonly pretty?: boolean;
  readonly destination?: { write(text: string): unknown };
}

/** The log of the process: JSON lines for machines, one readable line per entry for a person at a terminal. */
export function createLog(options: LogOptions): Log {
  const output = options.destination ?? process.stdout;
  const pretty = options.pretty ?? process.stdout.isTTY === true;
  const isColoured = (process.env['NO_COLOR'] ?? '') === '';
  const format = (line: string): string =>
    isColoured ? formatLine(line) : stripVTControlCharacters(formatLine(line));
  const destination: DestinationStream = pretty
    ? { write: (line) => void output.write(format(line)) }
    : { write: (line) => void output.write(line) };
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_PATHS, censor: '[hidden]' },
      serializers: { err: stdSerializers.err },
    },
    destination,
  );
}

const COLOURS: Readonly<Record<string, string>> = {
  trace: '\u001b[90m',
  debug: '\u001b[90m',
  info: '\u001b[36m',
  warn: '\u001b[33m',
  error: '\u001b[31m',
  fatal: '\u001b[31;1m',
};
const DIM = '\u001b[90m';
const RESET = '\u001b[0m';

/** `12:30:59 info  message key=value`, with the stack of an error from level error on. */
export function formatLine(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line; // Not one of ours: shown as it is rather than lost.
  }
  const { level, time, msg, err, ...fields } = entry;
  const name = String(level ?? 'info');
  const clock = String(time ?? '').slice(11, 19);
  const details = Object.entries(fields).map(([key, value]) => `${key}=${show(value)}`);
  const error =
    typeof err === 'object' && err !== null ? (err as { message?: unknown; stack?: unknown }) : undefined;
  if (error !== undefined) details.push(`error=${show(error.message)}`);
  const stack =
    (name === 'error' || name === 'fatal') && error?.stack !== undefined ? `\n${String(error.stack)}` : '';
  const tail = details.length === 0 ? '' : ` ${DIM}${details.join(' ')}${RESET}`;
  return `${DIM}${clock}${RESET} ${COLOURS[name] ?? ''}${name.padEnd(5)}${RESET} ${String(msg ?? '')}${tail}${stack}\n`;
}

function show(value: unknown): string {
  return typeof value === 'string' && !/[\s"]/.test(value) ? value : JSON.stringify(value);
}
