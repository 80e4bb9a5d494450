import { z } from 'zod';
import { Alert } from './alerts.ts';
import { LiveConference } from './conferences.ts';
import { TimelineFact } from './contacts.ts';
import { ContactId, LegId } from './ids.ts';
import { Instant } from './instants.ts';
import { AgentLive, LiveCall, QueueStats } from './live.ts';
import { SystemPart } from './system.ts';
import { TrunkLive } from './trunks.ts';

/**
 * `WS /api/v1/stream`. The client subscribes to topics; the server answers with a snapshot of each topic and then
 * pushes what changes. `seq` counts every message of a tenant; one client sees gaps where it may not see a message.
 * After a lost connection the client subscribes with `since` set to the last `seq` it saw: the server sends what was
 * missed, or `reset` followed by fresh snapshots when that is too long ago.
 */
export const StreamTopic = z.enum([
  'queues',
  'agents',
  'contacts',
  'calls',
  'trunks',
  'alerts',
  'conferences',
]);
export type StreamTopic = z.infer<typeof StreamTopic>;

export const StreamClientMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    topics: z.array(StreamTopic).min(1).max(StreamTopic.options.length),
    /** Last `seq` seen; absent on the first subscription. */
    since: z.number().int().nonnegative().optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), topics: z.array(StreamTopic).min(1).max(8) }),
  /** Answered by `pong`, for measuring delay and clock difference. */
  z.strictObject({ type: z.literal('ping'), id: z.string().max(64).optional() }),
]);
export type StreamClientMessage = z.infer<typeof StreamClientMessage>;

/** A fact of a contact on the stream. */
export const ContactFactMessage = TimelineFact.extend({ contactId: ContactId });
export type ContactFactMessage = TimelineFact & { contactId: ContactId };

const event = <Topic extends z.infer<typeof StreamTopic>, Type extends string, Data extends z.ZodType>(
  topic: Topic,
  type: Type,
  data: Data,
) => z.object({ seq: z.number().int(), at: Instant, topic: z.literal(topic), type: z.literal(type), data });

/** What happened: each has a `seq` of its own and can be resumed. */
export const StreamEvent = z.union([
  event('queues', 'queue.changed', QueueStats),
  event('agents', 'agent.changed', AgentLive),
  event('agents', 'agent.removed', z.object({ id: AgentLive.shape.id })),
  event('queues', 'queue.removed', z.object({ id: QueueStats.shape.queueId })),
  event('contacts', 'contact.fact', ContactFactMessage),
  event('calls', 'call.changed', LiveCall),
  event('calls', 'call.ended', z.object({ id: LegId, contactId: ContactId })),
  event('trunks', 'trunk.changed', TrunkLive),
  event('trunks', 'trunk.removed', z.object({ id: TrunkLive.shape.id })),
  /** It begins, is acknowledged, or is over (`clearedAt`). */
  event('alerts', 'alert.changed', Alert),
  /** Who is in a scheduled conference; nobody: it is over. */
  event('conferences', 'conference.changed', LiveConference),
]);
export type StreamEvent = z.infer<typeof StreamEvent>;

/** What is, at the moment of subscribing: replaces everything the client knew of the topic. `contacts` has none. */
const snapshot = <Topic extends z.infer<typeof StreamTopic>, Data extends z.ZodType>(
  topic: Topic,
  data: Data,
) =>
  z.object({
    seq: z.number().int(),
    at: Instant,
    topic: z.literal(topic),
    type: z.literal('snapshot'),
    data: z.array(data),
  });
export const StreamSnapshot = z.union([
  snapshot('queues', QueueStats),
  snapshot('agents', AgentLive),
  snapshot('calls', LiveCall),
  snapshot('trunks', TrunkLive),
  /** Those that last. */
  snapshot('alerts', Alert),
  snapshot('conferences', LiveConference),
]);
export type StreamSnapshot = z.infer<typeof StreamSnapshot>;

/** About the connection itself; without a topic. */
export const StreamControl = z.discriminatedUnion('type', [
  /** The first message: who one is to the server, and its clock. */
  z.object({ type: z.literal('hello'), seq: z.number().int(), at: Instant, heartbeatSeconds: z.number() }),
  /** Follows the snapshots or the missed events: from here on everything is live. */
  z.object({
    type: z.literal('subscribed'),
    seq: z.number().int(),
    at: Instant,
    topics: z.array(StreamTopic),
    resumed: z.boolean(),
  }),
  /** What was missed is gone: forget the state, snapshots follow. */
  z.object({ type: z.literal('reset'), seq: z.number().int(), at: Instant }),
  z.object({ type: z.literal('pong'), at: Instant, id: z.string().optional() }),
  /** Sent when nothing else was, so that a client can tell silence from a dead connection. */
  z.object({ type: z.literal('heartbeat'), seq: z.number().int(), at: Instant }),
  /** Parts of the server that do not work now; none once all do. Sent when that changes, and after `hello` when there are any. */
  z.object({ type: z.literal('health'), at: Instant, failing: z.array(SystemPart) }),
  /** The message before was refused; the connection stays. */
  z.object({ type: z.literal('error'), at: Instant, code: z.string(), detail: z.string() }),
]);
export type StreamControl = z.infer<typeof StreamControl>;
export type StreamServerMessage = StreamEvent | StreamSnapshot | StreamControl;

/** Why the server closes a stream; a code of the private range of RFC 6455 §7.4.2. */
export const STREAM_CLOSE = {
  /** The session or key has ended: sign in again. */
  unauthenticated: 4401,
  /** The client read too slowly for too long: connect again and resume. */
  slow: 4408,
  /** Too many messages, or one that is too long. */
  flood: 4429,
  /** The server stops: connect again in a moment. */
  stopping: 1012,
} as const;
