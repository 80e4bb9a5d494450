export * from './acd/index.ts';
