import { z } from 'zod';
import { SupervisionMode } from './states.ts';
import { AgentId, LegId, QueueId, RecordingId } from './ids.ts';
import { NumberToCall } from './numbers.ts';

/** Whom to call: an agent, or a number, which is an agent's extension or outside. */
export const CallTarget = z.union([
  z.strictObject({ agentId: AgentId }),
  z.strictObject({ number: NumberToCall }),
]);
export type CallTarget = z.infer<typeof CallTarget>;

/** Where a customer is sent: as `CallTarget`, an entry point's number too, or a queue. */
export const TransferInput = z.discriminatedUnion('kind', [
  /** The agent is free at once. */
  z.strictObject({
    kind: z.literal('blind'),
    target: z.union([
      CallTarget,
      /** `keepAge`: the contact waits there as if it had done so since it first waited; false. */
      z.strictObject({ queueId: QueueId, keepAge: z.boolean().optional() }),
    ]),
  }),
  /** The agent speaks with the target first; `POST /calls/{id}/consult` goes on. */
  z.strictObject({ kind: z.literal('consult'), target: CallTarget }),
]);
export type TransferInput = z.infer<typeof TransferInput>;

/** What becomes of a consultation; `join` makes a conference of it. */
export const ConsultInput = z.strictObject({ action: z.enum(['swap', 'complete', 'cancel', 'join']) });
export type ConsultInput = z.infer<typeof ConsultInput>;

export const PartyInput = z.strictObject({ target: CallTarget });
export type PartyInput = z.infer<typeof PartyInput>;

/** `PATCH /calls/{id}`; `held` for parties of a conference only. */
export const CallChange = z
  .strictObject({ muted: z.boolean().optional(), held: z.boolean().optional() })
  .refine(({ muted, held }) => muted !== undefined || held !== undefined, 'says nothing to change');
export type CallChange = z.infer<typeof CallChange>;

export const LockInput = z.strictObject({ locked: z.boolean() });
export const DigitsInput = z.strictObject({
  digits: z.string().regex(/^[0-9A-D*#]{1,32}$/, 'are no digits'),
});

/** Rule 19: why a recording is paused is kept. */
export const RecordingPauseInput = z.discriminatedUnion('paused', [
  z.strictObject({ paused: z.literal(true), reason: z.string().trim().min(1).max(200) }),
  z.strictObject({ paused: z.literal(false) }),
]);
export type RecordingPauseInput = z.infer<typeof RecordingPauseInput>;

/** What was begun to be recorded; its sound is there when it has ended. */
export const StartedRecording = z.object({ recordingId: RecordingId }).meta({ id: 'StartedRecording' });
export type StartedRecording = z.infer<typeof StartedRecording>;

export const SupervisionAsked = z.enum([...SupervisionMode.options, 'take-over']);
export type SupervisionAsked = z.infer<typeof SupervisionAsked>;

/** `target`: whose phone is called; one's own devices without it. */
export const SuperviseInput = z.strictObject({ mode: SupervisionAsked, target: CallTarget.optional() });
export type SuperviseInput = z.infer<typeof SuperviseInput>;
export const SupervisionChange = z.strictObject({ mode: SupervisionAsked });

/** The leg that is being called. */
export const AddedCall = z.object({ callId: LegId }).meta({ id: 'AddedCall' });
export type AddedCall = z.infer<typeof AddedCall>;
