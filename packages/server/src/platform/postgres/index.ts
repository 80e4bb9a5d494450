export { chooseAccount } from './account.ts';
export { findBinaries } from './binaries.ts';
export { abandonedBases, type ClusterLayout, recordedLayout } from './layout.ts';
export { runningPostmaster } from './postmaster.ts';
export { applicationConnection, superuserConnection } from './provision.ts';
export { EmbeddedPostgres, type PostgresLog, type PostgresOptions } from './supervisor.ts';
