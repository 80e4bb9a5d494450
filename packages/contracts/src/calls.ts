import { z } from 'zod';
import { AgentId, ContactId, QueueId } from './ids.ts';
import { Instant } from './instants.ts';
import { LiveCall } from './live.ts';
import { oneOrMore, pageOf, PageQuery } from './pages.ts';

/** A live leg with the names that a person wants to read. */
export const Call = LiveCall.extend({
  agent: z.string().nullable(),
  queue: z.string().nullable(),
  callerPhone: z.string(),
}).meta({ id: 'Call' });
export type Call = z.infer<typeof Call>;
export const CallPage = pageOf(Call);

export const CallQuery = PageQuery.extend({
  queueId: oneOrMore(QueueId).optional(),
  agentId: oneOrMore(AgentId).optional(),
  contactId: ContactId.optional(),
});

/** `POST /contacts/{id}/wrapup`: finish the wrap-up after this contact, or give it more time. */
export const WrapUpInput = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('finish'), agentId: AgentId.optional() }),
  /** `until` lies in the future. */
  z.strictObject({ action: z.literal('extend'), until: Instant, agentId: AgentId.optional() }),
]);
export type WrapUpInput = z.infer<typeof WrapUpInput>;
