/** What the features may use of the platform: settings, identifiers, the database, the writer of facts, the log. */
export { DEFAULT_TENANT_ID } from '../migrations/index.ts';
export { Beat } from './beat.ts';
export { Chance } from './chance/index.ts';
export { centreClock, monotonicNow } from './clock.ts';
export { KeptClock } from './kept-clock.ts';
export {
  type DataDirectoryLock,
  lockDataDirectory,
  lockHolder,
  prepareDataDirectory,
} from './data-directory.ts';
export * from './database/index.ts';
export * from './facts/index.ts';
export { newId } from './ids.ts';
export { inTime } from './in-time.ts';
export { inTurn } from './in-turn.ts';
export { nodemailer, numberingPlans, oneTimePasswords, phoneNumbers, yaml } from './late-modules.ts';
export { INSTALLATION_DIR, VERSION } from './installation.ts';
export * from './settings/index.ts';
export * from './accounts/index.ts';
export { moveDurably, writeDurably } from './durable-files.ts';
export { PlatformError, type PlatformErrorCode } from './errors.ts';
export { createLog, type Log } from './log.ts';
export { plainAddress } from './plain-address.ts';
export { explainPortError, type PortUse } from './ports.ts';
export { lowerPriority } from './priority/index.ts';
export { SecretBox } from './secret-box.ts';
export type { RunningServer, ServerContext } from './server.ts';
export * from './udp/index.ts';
