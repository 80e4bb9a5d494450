export { identityOf } from './caller.ts';
export { numberOrUserOf, phoneOf } from './phone.ts';
export type * from './types.ts';
export {
  writeDiversions,
  writeHistory,
  writeIdentity,
  type IdentityStyle,
  type OutgoingDiversion,
  type OutgoingIdentity,
  type WrittenIdentity,
} from './write.ts';
