export { type AlertEffect, type AlertWatch, createAlertWatch, type WatchedQueue } from './watch.ts';
