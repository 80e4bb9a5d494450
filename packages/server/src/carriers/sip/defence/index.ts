export type { BanEntry } from './bans.ts';
export type { CallRefusal } from './door.ts';
export { LineDefence, type LineDefenceOptions } from './line-defence.ts';
export { type Network, parseNetwork, sourceOf } from './networks.ts';
export type { DialVerdict, OutgoingCall } from './outgoing-calls.ts';
export type { RefusalEntry } from './refusals.ts';
export { removeBan, writeBan } from './repo.ts';
