import { z } from 'zod';

/**
 * Identifiers are UUIDv7 strings (RFC 9562 §5.7), branded so that an agent's id cannot be passed where a queue's
 * is expected. They are made by the shell, never by a pure room.
 */
const id = <Name extends string>(_name: Name) => z.uuid().brand<Name>();

export const TenantId = id('TenantId');
export type TenantId = z.infer<typeof TenantId>;
export const UserId = id('UserId');
export type UserId = z.infer<typeof UserId>;
/** An agent is a user with an agent profile: both carry the same id value. */
export const AgentId = id('AgentId');
export type AgentId = z.infer<typeof AgentId>;
export const QueueId = id('QueueId');
export type QueueId = z.infer<typeof QueueId>;
export const RoleId = id('RoleId');
export type RoleId = z.infer<typeof RoleId>;
export const TeamId = id('TeamId');
export type TeamId = z.infer<typeof TeamId>;
export const ContactId = id('ContactId');
export type ContactId = z.infer<typeof ContactId>;
export const LegId = id('LegId');
export type LegId = z.infer<typeof LegId>;
export const FlowId = id('FlowId');
export type FlowId = z.infer<typeof FlowId>;
export const AlertTargetId = id('AlertTargetId');
export type AlertTargetId = z.infer<typeof AlertTargetId>;
export const AlertRuleId = id('AlertRuleId');
export type AlertRuleId = z.infer<typeof AlertRuleId>;
export const WallboardId = id('WallboardId');
export type WallboardId = z.infer<typeof WallboardId>;
export const CalendarId = id('CalendarId');
export type CalendarId = z.infer<typeof CalendarId>;
export const ConferenceId = id('ConferenceId');
export type ConferenceId = z.infer<typeof ConferenceId>;
export const VoicemailBoxId = id('VoicemailBoxId');
export type VoicemailBoxId = z.infer<typeof VoicemailBoxId>;
export const VoicemailId = id('VoicemailId');
export type VoicemailId = z.infer<typeof VoicemailId>;
export const TrunkId = id('TrunkId');
export type TrunkId = z.infer<typeof TrunkId>;
export const RecordingId = id('RecordingId');
export type RecordingId = z.infer<typeof RecordingId>;
export const ScorecardId = id('ScorecardId');
export type ScorecardId = z.infer<typeof ScorecardId>;
export const CoachingNoteId = id('CoachingNoteId');
export type CoachingNoteId = z.infer<typeof CoachingNoteId>;
export const EvaluationId = id('EvaluationId');
export type EvaluationId = z.infer<typeof EvaluationId>;

/** The n-th queue stay of a contact: `<contact id>/q<n>`, so that a pure machine can name it without drawing an id. */
export const EntryId = z.string().min(1).max(64).brand<'EntryId'>();
export type EntryId = z.infer<typeof EntryId>;
/** The n-th offer of a contact: `<contact id>/o<n>`. */
export const OfferId = z.string().min(1).max(64).brand<'OfferId'>();
export type OfferId = z.infer<typeof OfferId>;

/** Milliseconds since 1970-01-01T00:00:00Z, the one representation of an instant inside the pure rooms. */
export type EpochMs = number;
