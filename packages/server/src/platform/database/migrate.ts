import { Migrator, NO_MIGRATIONS } from 'kysely/migration';
import { MIGRATIONS } from '../../migrations/index.ts';
import type { Database } from './database.ts';

export interface MigrationState {
  readonly name: string;
  /** When it was applied, or undefined while it is pending. */
  readonly appliedAt: Date | undefined;
}

/** Thrown when a migration fails; the database is as it was before the run. */
export class MigrationError extends Error {
  readonly code = 'migration-failed';

  constructor(name: string, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super(`Migration ${name} failed and was rolled back: ${detail}`, { cause });
    this.name = 'MigrationError';
  }
}

/** Kysely takes an advisory lock for the run, so that two starting servers migrate one after the other. */
function migrator(database: Database): Migrator {
  return new Migrator({
    db: database.unscoped,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
  });
}

/** Applies every pending migration in one transaction and returns their names. */
export async function migrateUp(database: Database): Promise<string[]> {
  return settle(await migrator(database).migrateToLatest());
}

/**
 * Takes back the last `steps` migrations and returns their names. This deletes the data of the tables they made.
 *
 * @param steps 1 or more, or `all`.
 */
export async function migrateDown(database: Database, steps: number | 'all' = 1): Promise<string[]> {
  if (steps === 'all') return migrateTo(database, 'nothing');
  const undone: string[] = [];
  for (let step = 0; step < steps; step++) {
    const names = settle(await migrator(database).migrateDown());
    if (names.length === 0) break;
    undone.push(...names);
  }
  return undone;
}

/** Brings the database up or down to exactly this migration, or with `nothing` to no tables at all. */
export async function migrateTo(database: Database, name: string): Promise<string[]> {
  return settle(await migrator(database).migrateTo(name === 'nothing' ? NO_MIGRATIONS : name));
}

/** Every known migration in order, with the time it was applied. */
export async function migrationStates(database: Database): Promise<MigrationState[]> {
  const migrations = await migrator(database).getMigrations();
  return migrations.map(({ name, executedAt }) => ({ name, appliedAt: executedAt }));
}

type ResultSet = Awaited<ReturnType<Migrator['migrateToLatest']>>;

function settle({ error, results = [] }: ResultSet): string[] {
  if (error !== undefined) {
    const failed = results.find((result) => result.status === 'Error');
    throw new MigrationError(failed?.migrationName ?? '(preparation)', error);
  }
  return results.map((result) => result.migrationName);
}
