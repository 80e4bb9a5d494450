export * from './scenarios/index.ts';
export * from './storm/index.ts';
export * from './whatif/index.ts';
export * from './world/index.ts';
