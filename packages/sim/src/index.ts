export * from './scenarios/index.ts';
export * from './whatif/index.ts';
export * from './world/index.ts';
