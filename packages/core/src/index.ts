export * from './acd/index.ts';
export * from './calls/index.ts';
export * from './collections/index.ts';
export * from './contacts/index.ts';
export * from './hours/index.ts';
export * from './metrics/index.ts';
export * from './routing/index.ts';
export * from './toll-fraud/index.ts';
