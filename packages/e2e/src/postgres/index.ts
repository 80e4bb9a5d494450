export { DatabaseLine } from './line.ts';
export { PostgresServer } from './server.ts';
