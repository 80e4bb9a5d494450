import { z } from 'zod';
import { Password } from './auth.ts';
import { AgentEndpoints, RingMode } from './endpoints.ts';
import { AgentActivity, AgentStatus } from './states.ts';
import { AgentId, QueueId, TeamId } from './ids.ts';
import { Instant } from './instants.ts';
import { AgentLive, Readiness } from './live.ts';
import { oneOrMore, pageOf, PageQuery, QueryBoolean, SearchText } from './pages.ts';
import { QueueMembership } from './queues.ts';
import { LanguageTag, Skills } from './skills.ts';
import { PersonName, Username } from './users.ts';

export const Extension = z
  .string()
  .trim()
  .regex(/^[0-9*#]{1,32}$/, 'may hold only digits, * and #, at most 32');

/** A person who takes calls: the profile that is edited, and what is true of it now. */
export const Agent = z
  .object({
    id: AgentId,
    username: z.string(),
    name: z.string(),
    extension: z.string().nullable(),
    skills: z.record(z.string(), z.number().int()),
    languages: z.array(z.string()),
    capacity: z.number().int(),
    queues: z.array(QueueMembership.extend({ name: z.string() })),
    teamIds: z.array(TeamId),
    teams: z.array(z.object({ id: TeamId, name: z.string() })),
    /** The name that the agent's device registers with, and whether a password was set for it. */
    sip: z.object({ username: z.string(), hasPassword: z.boolean() }),
    /** In the order in which they ring; none: every registered device. */
    endpoints: AgentEndpoints,
    ringMode: RingMode,
    disabled: z.boolean(),
    status: AgentStatus,
    reasonCode: z.string().nullable(),
    nextStatus: AgentStatus.nullable(),
    activity: AgentActivity,
    activitySince: Instant,
    readiness: Readiness,
  })
  .meta({ id: 'Agent' });
export type Agent = z.infer<typeof Agent>;
export const AgentPage = pageOf(Agent);

export const AgentQuery = PageQuery.extend({
  search: SearchText.optional(),
  queueId: oneOrMore(QueueId).optional(),
  teamId: oneOrMore(TeamId).optional(),
  skill: oneOrMore(z.string().min(1).max(64)).optional(),
  status: oneOrMore(AgentStatus).optional(),
  activity: oneOrMore(AgentActivity).optional(),
  disabled: QueryBoolean.optional(),
  sort: z.enum(['name', '-name', 'username', '-username', 'extension', '-extension']).default('name'),
});

export const AgentLivePage = pageOf(AgentLive);
export const AgentLiveQuery = PageQuery.extend({
  queueId: oneOrMore(QueueId).optional(),
  teamId: oneOrMore(TeamId).optional(),
});

const profile = {
  extension: Extension.nullable().default(null),
  skills: Skills.default({}),
  languages: z.array(LanguageTag).max(20).default([]),
  /** Contacts at the same time. */
  capacity: z.number().int().min(1).max(10).default(1),
  queues: z.array(QueueMembership).max(200).default([]),
  teamIds: z.array(TeamId).max(50).default([]),
  /** Absent: they stay as they are. */
  endpoints: AgentEndpoints.optional(),
  ringMode: RingMode.optional(),
  /** Absent: stays as it is. The password itself is not stored, only what digest authentication needs. */
  sipPassword: Password.optional(),
};
/** Makes a user of role agent together with the profile. */
export const AgentInput = z.strictObject({
  username: Username,
  name: PersonName,
  /** For the console; without it the agent only has a telephone. */
  password: Password.optional(),
  ...profile,
});
export type AgentInput = z.input<typeof AgentInput>;
/** Replaces the profile; for a user who is no agent yet it makes one. Give the ETag as If-Match. */
export const AgentUpdate = z.strictObject({ name: PersonName.optional(), ...profile });
export type AgentUpdate = z.input<typeof AgentUpdate>;

export const AgentStatusInput = z.strictObject({
  status: AgentStatus,
  /** One of the reason codes of that status. */
  reasonCode: z.string().min(1).max(64).nullable().optional(),
});
export type AgentStatusInput = z.infer<typeof AgentStatusInput>;

/** Where an agent can be reached. */
export const AgentDevice = z
  .object({
    kind: z.enum(['sip', 'external', 'browser']),
    address: z.string(),
    reachable: z.boolean(),
    /** Stable code: `registered`, `not-registered`, `not-answering` (registered, but silent when asked by OPTIONS), `disabled`, … */
    reason: z.string(),
    userAgent: z.string().nullable(),
    expiresAt: Instant.nullable(),
    /** When it registered or answered last. */
    lastHeartbeatAt: Instant.nullable(),
  })
  .meta({ id: 'AgentDevice' });
export type AgentDevice = z.infer<typeof AgentDevice>;
export const AgentDevicePage = pageOf(AgentDevice);
