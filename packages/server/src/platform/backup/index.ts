export { type BackupOptions, createBackup } from './create.ts';
export type { Manifest } from './manifest.ts';
export { type RestoreOptions, restoreBackup } from './restore.ts';
