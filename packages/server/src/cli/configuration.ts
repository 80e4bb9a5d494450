import { ConfigurationResult, type FieldError, heldBy, type TenantId } from '@crosspoint/contracts';
import { applyConfiguration } from '../features/configuration/index.ts';
import { createLog, type Database, DEFAULT_TENANT_ID, type Settings } from '../platform/index.ts';
import { ApiRefusal, withApi } from './api.ts';
import { findServer, type ServerAddresses } from './running-server.ts';
import { openMigratedStorage, type Storage } from './storage.ts';

/** Every row of the command line belongs to the one tenant that exists from the start. */
export const TENANT_ID = DEFAULT_TENANT_ID as TenantId;

/** The errors of a configuration document; nothing was applied. */
export class DocumentRefused extends Error {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super('The configuration document has errors.');
    this.name = 'DocumentRefused';
    this.errors = errors;
  }
}

/** `file:line:column: path: message. Remedy`, which editors understand. */
export function describeErrors(file: string, errors: readonly FieldError[]): string {
  return errors
    .map(({ path, value, message, remedy, line, column }) => {
      const place = [file, line, column].filter((part) => part !== undefined).join(':');
      const subject = [path, value === undefined ? '' : JSON.stringify(value), message];
      return `${place}: ${subject.filter((part) => part !== '').join(' ')}. ${remedy}`;
    })
    .join('\n');
}

/** Tells a person where the document is wrong; the command has failed. */
export function reportRefusal(file: string, { errors }: DocumentRefused): void {
  process.stderr.write(`${describeErrors(file, errors)}\nNothing was changed.\n`);
  process.exitCode = 1;
}

export interface ApplyOptions {
  /** YAML or JSON text. */
  readonly document: string;
  readonly dryRun: boolean;
}

/**
 * Applies a configuration document: through the running server, so that it takes effect at once, else straight to the
 * database.
 *
 * @throws {DocumentRefused} when the document has errors; then nothing was applied.
 */
export async function applyDocument(settings: Settings, options: ApplyOptions): Promise<ConfigurationResult> {
  const storage = await openMigratedStorage(settings, createLog({ level: 'warn' }));
  try {
    const server = findServerBesideUs(settings, storage);
    return server === undefined
      ? await applyOffline(storage.database, settings.dataDir, options)
      : await applyOnline(storage, server, options);
  } finally {
    await storage.close();
  }
}

/** While we ourselves hold the data directory, no server does. */
function findServerBesideUs(settings: Settings, storage: Storage): ServerAddresses | undefined {
  return storage.postgres === undefined ? findServer(settings) : undefined;
}

async function applyOnline(
  storage: Storage,
  { console: consoleUrl }: ServerAddresses,
  options: ApplyOptions,
): Promise<ConfigurationResult> {
  try {
    return await withApi(
      storage,
      { consoleUrl, name: 'crosspoint apply', scopes: ['configuration.write'] },
      (api) => api.post('/configuration', options, ConfigurationResult),
    );
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.problem.errors === undefined) throw error;
    throw new DocumentRefused(error.problem.errors);
  }
}

async function applyOffline(
  database: Database,
  dataDir: string,
  { document, dryRun }: ApplyOptions,
): Promise<ConfigurationResult> {
  const applied = await applyConfiguration({
    database,
    dataDir,
    tenantId: TENANT_ID,
    actor: { kind: 'cli', userId: null, ip: null },
    held: heldBy('admin'),
    text: document,
    dryRun,
  });
  if (applied.ok) return applied.result;
  throw new DocumentRefused(applied.errors);
}
