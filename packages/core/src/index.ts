export * from './acd/index.ts';
export * from './calls/index.ts';
