export * from './scenarios/index.ts';
export * from './world/index.ts';
