import type { Flow } from '../flow/index.ts';
import type { NameAddress, SipRequest, SipUri } from '../message/index.ts';
import type { EventContent, TerminationReason } from '../subscription/index.ts';
import type { ClientCredentials, HeaderOptions, Refusal } from './options.ts';

/** Somebody wants to be told about something here (RFC 6665 §4.2.1). */
export type SubscribeEvent = {
  subscriptionId: string;
  /** The event package: `message-summary`, `dialog`, … */
  package: string;
  /** The Request-URI: what is watched. */
  resource: SipUri;
  from: NameAddress;
  /** How long it will last; 0: the state is asked for once. */
  expiresSeconds: number;
  flow: Flow;
  authenticatedUser?: string;
  request: SipRequest;
};

export type SubscribeCommand = HeaderOptions & {
  /** Chosen by the consumer; must not name a live subscription. */
  subscriptionId: string;
  /** The event package. */
  package: string;
  /** The id parameter of Event, where several subscriptions are to be told apart. */
  eventId?: string | undefined;
  /** What is watched: the Request-URI. */
  uri: string | SipUri;
  flow: Flow;
  from: string | NameAddress;
  to: string | NameAddress;
  /** 3,600. */
  expiresSeconds?: number | undefined;
  /** The Accept value; by default the body of the package when it is one that we know. */
  accept?: string | undefined;
  route?: readonly string[] | undefined;
  credentials?: ClientCredentials | undefined;
  contactUser?: string | undefined;
};

export type AcceptSubscriptionCommand = {
  subscriptionId: string;
  /** What the subscriber is told at once; nothing yet when undefined. */
  content?: EventContent | undefined;
  /** True while the watched party has not agreed: the subscriber gets no content (RFC 6665 §4.1.3). */
  isPending?: boolean | undefined;
};

export type EndSubscriptionCommand = {
  subscriptionId: string;
  /** What the subscriber makes of it: `deactivated` asks for a new SUBSCRIBE at once, `noresource` for none ever. */
  reason: TerminationReason;
  /** With `probation` and `giveup`. */
  retryAfterSeconds?: number | undefined;
  content?: EventContent | undefined;
};

/** A subscription of a peer by its name. */
export interface ServedEntry {
  accept(command: AcceptSubscriptionCommand, nowMs: number): boolean;
  refuse(refusal: Refusal, nowMs: number): boolean;
  notify(content: EventContent, nowMs: number): boolean;
  end(command: Omit<EndSubscriptionCommand, 'subscriptionId'>, nowMs: number): boolean;
}
