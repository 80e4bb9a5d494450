export type { WatchedAgent } from './agent-causes.ts';
export { type AlertEffect, alertKey, type AlertSubject } from './ledger.ts';
export type { WatchedQueue } from './queue-causes.ts';
export { type AlertWatch, createAlertWatch } from './watch.ts';
