export { clientConfig, type ConnectionOptions } from './connection.ts';
export {
  Database,
  type DatabaseLog,
  type DatabaseOptions,
  type DatabaseTransaction,
} from './database.ts';
export type { DB } from './generated/schema.ts';
export {
  migrateDown,
  migrateTo,
  migrateUp,
  MigrationError,
  migrationStates,
  type MigrationState,
} from './migrate.ts';
export { ofTenant } from './of-tenant.ts';
export { ensurePartitions } from './partitions.ts';
