export type { EndedBy, InviteEvent, SipEvent, SipOutput } from './events.ts';
export type * from './options.ts';
export type { CallSnapshot, SessionSnapshot } from './session-snapshot.ts';
export type { ReferRequest, ReferResult } from './refer-types.ts';
export { SipStack, type SipStackStatistics } from './stack.ts';
export type { ReferCommand, Transfers } from './transfers.ts';
export type {
  AcceptSubscriptionCommand,
  EndSubscriptionCommand,
  SubscribeCommand,
  SubscribeEvent,
} from './subscription-types.ts';
export type { Subscriptions } from './subscriptions.ts';
