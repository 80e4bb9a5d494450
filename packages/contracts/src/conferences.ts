import { z } from 'zod';
import { WeekdayName } from './hours.ts';
import { AgentId, ConferenceId, ContactId, LegId } from './ids.ts';
import { Instant, TimeZone } from './instants.ts';
import { DialledNumber } from './numbers.ts';
import { pageOf } from './pages.ts';
import { Username } from './users.ts';

/** The time that clocks show in the zone of the conference: `2026-12-01T10:00`. */
export const LocalTime = z
  .string()
  .regex(
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/,
    'is not a time such as 2026-12-01T10:00',
  )
  .refine((text) => z.iso.date().safeParse(text.slice(0, 10)).success, 'names a day that does not exist');

/** When people meet. With `weekly` the times of the first day hold on each of these weekdays from that day on. */
export const ConferenceSchedule = z.strictObject({
  timeZone: TimeZone,
  startsAt: LocalTime,
  /** At most a day after `startsAt`. */
  endsAt: LocalTime,
  weekly: z
    .strictObject({
      days: z.array(WeekdayName).min(1).max(7),
      /** The last day on which it may begin; null: for ever. */
      until: z.iso.date().nullable().default(null),
    })
    .nullable()
    .default(null),
});
export type ConferenceSchedule = z.infer<typeof ConferenceSchedule>;

const Usernames = z.array(Username).max(200).default([]);

/** A scheduled conference: people dial a number, key a PIN and meet. */
export const ConferenceInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Numbers of the centre at which conferences answer: one for callers from outside, one for telephones of the house. */
  number: DialledNumber.nullable().default(null),
  extension: DialledNumber.nullable().default(null),
  schedule: ConferenceSchedule,
  /** How many may be in it, those who wait included. */
  partiesMax: z.number().int().min(2).max(100).default(20),
  /** So long after the first two met it ends, even when more time was planned. */
  minutesMax: z.number().int().min(1).max(1_440).default(240),
  record: z.boolean().default(false),
  /** Until a moderator is there, whoever comes hears music. */
  waitForModerator: z.boolean().default(true),
  /** User names of those who lead it, see its PINs, and join from the desk without one. */
  moderators: Usernames,
  /** User names of those who join from the desk without a PIN. */
  participants: Usernames,
});
export type ConferenceInput = z.input<typeof ConferenceInput>;
export type ConferenceSettings = z.output<typeof ConferenceInput>;

export const ConferenceRole = z.enum(['participant', 'moderator']);
export type ConferenceRole = z.infer<typeof ConferenceRole>;

/** Digits of a PIN: with three tries a call nobody guesses one. */
export const conferencePinDigits = 9;
const Pin = z.string().regex(/^\d{9}$/);

/** Shown to those who lead the conference and to nobody else. */
export const ConferencePins = z.object({ participant: Pin, moderator: Pin }).meta({ id: 'ConferencePins' });
export type ConferencePins = z.infer<typeof ConferencePins>;

export const ConferenceParty = z.object({
  contactId: ContactId,
  callId: LegId,
  agentId: AgentId.nullable(),
  name: z.string(),
  number: z.string(),
  role: ConferenceRole,
  /** `waiting`: hears music until a moderator is there. */
  state: z.enum(['waiting', 'present']),
  muted: z.boolean(),
  since: Instant,
});
export type ConferenceParty = z.infer<typeof ConferenceParty>;

/** Who is in a conference now; without anybody there is none. */
export const LiveConference = z
  .object({
    id: ConferenceId,
    name: z.string(),
    /** Since people hear each other; null while all wait for a moderator. */
    openedAt: Instant.nullable(),
    endsAt: Instant,
    locked: z.boolean(),
    recording: z.boolean(),
    parties: z.array(ConferenceParty),
    /** Agents whom the conference names, in it or not. */
    agentIds: z.array(AgentId),
  })
  .meta({ id: 'LiveConference' });
export type LiveConference = z.infer<typeof LiveConference>;

export const Conference = z
  .object({
    id: ConferenceId,
    ...ConferenceInput.shape,
    /** The meeting that is on or comes next; null when none will. `open`: callers are let in now. */
    next: z.object({ startsAt: Instant, endsAt: Instant, open: z.boolean() }).nullable(),
    live: LiveConference.nullable(),
    /** Whether whoever asks may lead it and see its PINs, and may join it from the desk. */
    mayModerate: z.boolean(),
    mayJoin: z.boolean(),
  })
  .meta({ id: 'Conference' });
export type Conference = z.infer<typeof Conference>;
export const ConferencePage = pageOf(Conference);

/** `POST /conferences/{id}/actions`: what becomes of the whole conference. Nobody who moderates is muted with the others. */
export const ConferenceAction = z.strictObject({
  action: z.enum(['lock', 'unlock', 'mute-all', 'unmute-all', 'start-recording', 'stop-recording', 'end']),
});
export type ConferenceAction = z.infer<typeof ConferenceAction>;

/** `POST /conferences/{id}/parties/{contactId}`: what becomes of one party. */
export const ConferencePartyAction = z.strictObject({ action: z.enum(['mute', 'unmute', 'remove']) });
export type ConferencePartyAction = z.infer<typeof ConferencePartyAction>;
