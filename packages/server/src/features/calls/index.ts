export type { Actor, Centre, CommandResult, LiveChange } from './door.ts';
export { CallService, type CallServiceOptions } from './service.ts';
