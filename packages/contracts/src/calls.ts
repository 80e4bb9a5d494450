import { z } from 'zod';
import { AgentId, ContactId, LegId, QueueId } from './ids.ts';
import { Instant } from './instants.ts';
import { LiveCall } from './live.ts';
import { NumberToCall } from './numbers.ts';
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

/** What a carrier calls a leg; of SIP its Call-ID. */
export const CarrierId = z.string().min(1).max(255);

/** What is found out about who answers a call that we make. */
export const AnsweringMachineDetection = z.enum(['off', 'detect', 'detect-and-wait-for-beep']);
export type AnsweringMachineDetection = z.infer<typeof AnsweringMachineDetection>;

/** `POST /calls`: rings the agent's device, and then calls the number or the extension. */
export const CallInput = z.strictObject({
  to: NumberToCall,
  /** Absent: oneself. */
  agentId: AgentId.optional(),
  /** Id or name of the trunk to use; absent: the routes decide. */
  trunk: z.string().min(1).max(100).optional(),
  /** Whether a number outside is listened to for an answering machine, and then for the beep after which a message may be left. */
  amd: AnsweringMachineDetection.default('off'),
});
export type CallInput = z.infer<typeof CallInput>;

/** The call that is being made: its contact, and the agent's leg. */
export const MadeCall = z.object({ contactId: ContactId, callId: LegId }).meta({ id: 'MadeCall' });
export type MadeCall = z.infer<typeof MadeCall>;

/** `POST /contacts/{id}/wrapup`: finish the wrap-up after this contact, or give it more time. */
export const WrapUpInput = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('finish'), agentId: AgentId.optional() }),
  /** `until` lies in the future. */
  z.strictObject({ action: z.literal('extend'), until: Instant, agentId: AgentId.optional() }),
]);
export type WrapUpInput = z.infer<typeof WrapUpInput>;
