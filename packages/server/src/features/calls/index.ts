export type { Actor, CallbackResult, Centre, CommandResult, DialResult, LiveChange } from './door.ts';
export { CallService, type CallServiceOptions } from './service.ts';
