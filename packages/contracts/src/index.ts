export * from './facts.ts';
export * from './ids.ts';
export * from './live.ts';
export * from './queues.ts';
