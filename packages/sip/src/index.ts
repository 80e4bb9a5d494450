export {
  answerChallenge,
  computeHa1,
  type DigestAlgorithm,
  type DigestCredentials,
} from './digest/index.ts';
export type { DialogId, Replaces, ReferTarget } from './dialog/index.ts';
export { flowKey, isMessageOriented, isReliable, isSecure, type Flow, type Protocol } from './flow/index.ts';
export {
  identityOf,
  numberOrUserOf,
  phoneOf,
  writeDiversions,
  writeHistory,
  writeIdentity,
  type CallerIdentity,
  type Diversion,
  type DiversionReason,
  type IdentitySource,
  type IdentityStyle,
  type OutgoingDiversion,
  type OutgoingIdentity,
  type Party,
  type PhoneNumber,
  type WrittenIdentity,
} from './identity/index.ts';
export {
  decodeUtf8,
  encodeUtf8,
  parseAddress,
  parseMessage,
  parseUri,
  splitMultipart,
  writeAddress,
  writeUri,
  type BodyPart,
  type NameAddress,
  type Parameters,
  type SipRequest,
  type SipResponse,
  type SipUri,
} from './message/index.ts';
export type { Binding, RegistrarPolicy, RegistrationCause, RegistrationChange } from './registrar/index.ts';
export type {
  RegistrationCommand,
  RegistrationFailure,
  RegistrationState,
} from './registration/index.ts';
export {
  destinationOf,
  Resolver,
  type Destination,
  type DnsAnswer,
  type DnsQuery,
  type Records,
  type RecordType,
  type ResolverEffect,
  type ResolverInput,
  type ResolverOptions,
  type ServerTarget,
  type UnresolvedReason,
} from './resolver/index.ts';
export * from './sdp/index.ts';
export {
  dialogPackage,
  messageSummaryPackage,
  parseDialogInfo,
  parseMessageSummary,
  type DialogInfo,
  type DialogInfoDocument,
  type DialogInfoParty,
  type DialogInfoState,
  type EventContent,
  type EventPackage,
  type MessageCount,
  type MessageSummary,
  type TerminationReason,
} from './subscription/index.ts';
export { continuesSomething } from './transaction/index.ts';
export * from './ua/index.ts';
