import { z } from 'zod';

/** The roles that exist everywhere and cannot be changed. */
export const FixedRole = z.enum(['admin', 'supervisor', 'agent', 'analyst']);
export type FixedRole = z.infer<typeof FixedRole>;

/** What a user is: one of the fixed roles, or `custom` for one that the tenant has made. */
export const Role = z.enum([...FixedRole.options, 'custom']);
export type Role = z.infer<typeof Role>;

/** How much of a resource a permission opens: every row of the tenant, or the rows that are one's own. */
export const PermissionReach = z.enum(['own', 'all']);
export type PermissionReach = z.infer<typeof PermissionReach>;

type Grants = Partial<Record<FixedRole, PermissionReach>>;

/**
 * Who may do what. The server checks it on every route (one without a declared permission does not start) and, where
 * the reach is `own`, on every row. API keys carry these names as scopes and never exceed their owner's role.
 */
export const PERMISSIONS = {
  /** One's own profile, password and sessions. */
  'account.own': { admin: 'own', supervisor: 'own', agent: 'own', analyst: 'own' },
  'api-keys.manage': { admin: 'all', supervisor: 'own', analyst: 'own' },
  'users.read': { admin: 'all', supervisor: 'all' },
  'users.write': { admin: 'all' },
  /** The roles that the tenant has made itself. */
  'roles.read': { admin: 'all' },
  'roles.write': { admin: 'all' },
  /** To see and end the sessions of others. */
  'sessions.manage': { admin: 'all' },
  'agents.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  'agents.write': { admin: 'all', supervisor: 'all' },
  'agents.status': { admin: 'all', supervisor: 'all', agent: 'own', analyst: 'own' },
  /** Whom one can call and transfer to: colleagues and queues with their presence. */
  'directory.read': { admin: 'all', supervisor: 'all', agent: 'all', analyst: 'all' },
  'teams.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'all' },
  'teams.write': { admin: 'all', supervisor: 'all' },
  /** To reach all teams with every other permission, also when one is in some of them. */
  'teams.beyond': { admin: 'all' },
  /** Shifts, and whether they are kept. */
  'schedules.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  'schedules.write': { admin: 'all', supervisor: 'all' },
  'reason-codes.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'all' },
  'reason-codes.write': { admin: 'all', supervisor: 'all' },
  /** Own queues are those that the agent serves. */
  'queues.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  'queues.write': { admin: 'all', supervisor: 'all' },
  /** Statistics of queues and what waits in them. */
  'queues.live': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  /** Moves, reprioritises, assigns and removes contacts that wait. */
  'queues.override': { admin: 'all', supervisor: 'all' },
  /** Promised calls; own are those of the queues that the agent serves. */
  'callbacks.read': { admin: 'all', supervisor: 'all', agent: 'own', analyst: 'all' },
  'callbacks.write': { admin: 'all', supervisor: 'all', agent: 'own' },
  /** Business hours that queues and flows share. */
  'calendars.read': { admin: 'all', supervisor: 'all', analyst: 'all' },
  'calendars.write': { admin: 'all', supervisor: 'all' },
  /** Segments of customers, with their numbers. */
  'segments.read': { admin: 'all', supervisor: 'all', analyst: 'all' },
  'segments.write': { admin: 'all', supervisor: 'all' },
  /** Messages that callers left, and their boxes; own are the boxes that name the user, and what lies in them. */
  'voicemails.read': { admin: 'all', supervisor: 'all', agent: 'own' },
  /** To mark and delete messages; who may do that everywhere also makes and changes boxes. */
  'voicemails.write': { admin: 'all', supervisor: 'all', agent: 'own' },
  /** Scheduled conferences and who is in them; own are those that name the user. */
  'conferences.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  'conferences.write': { admin: 'all', supervisor: 'all' },
  /** To join from the desk without a PIN. */
  'conferences.join': { admin: 'all', supervisor: 'all', agent: 'own' },
  /** To lead them and to see their PINs; own are those that name the user as a moderator. */
  'conferences.moderate': { admin: 'all', supervisor: 'all', agent: 'own' },
  /** Flows that answer calls: to see them; to change, test and publish them. */
  'flows.read': { admin: 'all', supervisor: 'all', analyst: 'all' },
  'flows.write': { admin: 'all', supervisor: 'all' },
  /** The rules of routing, what they decided and why; to change, try and publish them. */
  'routing.read': { admin: 'all', supervisor: 'all', analyst: 'all' },
  'routing.write': { admin: 'all', supervisor: 'all' },
  'numbers.read': { admin: 'all', supervisor: 'all', analyst: 'all' },
  'numbers.write': { admin: 'all' },
  'trunks.read': { admin: 'all', supervisor: 'all' },
  'trunks.write': { admin: 'all' },
  /** Own contacts are those in which the agent had a conversation or an offer that was accepted. */
  'contacts.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  /** To note something about a contact, and what came of it. */
  'contacts.annotate': { admin: 'all', supervisor: 'all', agent: 'own' },
  'contacts.explain': { admin: 'all', supervisor: 'all' },
  'calls.read': { admin: 'all', supervisor: 'all', agent: 'own' },
  'calls.control': { admin: 'all', supervisor: 'all', agent: 'own' },
  /** To make calls: in one's own name, or in anybody's. */
  'calls.dial': { admin: 'all', supervisor: 'all', agent: 'own' },
  /** To attach to somebody's conversation: unheard, heard by the agent, heard by everybody, in the agent's place. */
  'calls.listen': { admin: 'all', supervisor: 'all' },
  'calls.whisper': { admin: 'all', supervisor: 'all' },
  'calls.barge': { admin: 'all', supervisor: 'all' },
  'calls.take-over': { admin: 'all', supervisor: 'all' },
  'recordings.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  'recordings.listen': { admin: 'all', supervisor: 'all', agent: 'own' },
  /** Forms by which conversations are judged. */
  'scorecards.read': { admin: 'all', supervisor: 'all', analyst: 'all' },
  'scorecards.write': { admin: 'all', supervisor: 'all' },
  /** How conversations were judged; own are the finished ones about oneself. */
  'evaluations.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  'evaluations.write': { admin: 'all', supervisor: 'all' },
  /** To say that one has read how one was judged. */
  'evaluations.acknowledge': { admin: 'own', supervisor: 'own', agent: 'own' },
  /** What supervisors write about agents, and when they took part in conversations; own is what is shared with one. */
  'coaching.read': { admin: 'all', supervisor: 'all', agent: 'own' },
  'coaching.write': { admin: 'all', supervisor: 'all' },
  /** What agents and teams did in a period. */
  'performance.read': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
  /** What is wrong with queues and agents; to say that one has seen it; to say when something is wrong with an agent. */
  'alerts.read': { admin: 'all', supervisor: 'all', analyst: 'all' },
  'alerts.acknowledge': { admin: 'all', supervisor: 'all' },
  'alerts.write': { admin: 'all', supervisor: 'all' },
  /** Where alerts are sent, the mail server, and what became of each message; secrets are never shown. */
  'notifications.read': { admin: 'all', supervisor: 'all' },
  'notifications.write': { admin: 'all' },
  'dashboard.read': { admin: 'all', supervisor: 'all', analyst: 'all' },
  'configuration.read': { admin: 'all' },
  'configuration.write': { admin: 'all' },
  'audit.read': { admin: 'all' },
  /** Bans, access rules, limits of calls, and what was turned away. */
  'security.read': { admin: 'all' },
  'security.write': { admin: 'all' },
  'system.read': { admin: 'all', supervisor: 'all' },
  'stream.subscribe': { admin: 'all', supervisor: 'all', analyst: 'all', agent: 'own' },
} as const satisfies Record<string, Grants>;

export type Permission = keyof typeof PERMISSIONS;
export const Permission = z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]]);

/** What somebody may do, and how far. */
export const HeldPermissions = z.partialRecord(Permission, PermissionReach);
export type HeldPermissions = z.infer<typeof HeldPermissions>;

/**
 * What belongs to every role, whoever made it: the own account, and the stream without which the console is not live (each of
 * its topics asks for a permission of its own).
 */
export const EVERYBODY_HOLDS: HeldPermissions = { 'account.own': 'own', 'stream.subscribe': 'all' };

/** What the role may do with this permission; undefined when it has not got it. */
export function reachOf(role: FixedRole, permission: Permission): PermissionReach | undefined {
  const grants: Grants = PERMISSIONS[permission];
  return grants[role];
}

export function permissionsOf(role: FixedRole): Permission[] {
  return Permission.options.filter((permission) => reachOf(role, permission) !== undefined);
}

/** All that a fixed role holds. */
export function heldBy(role: FixedRole): HeldPermissions {
  return Object.fromEntries(
    permissionsOf(role).map((permission) => [permission, reachOf(role, permission)]),
  ) as HeldPermissions;
}

/**
 * How far a permission can be given. Only where some fixed role holds it for the own rows do its routes look at whose
 * rows they are, so that `own` means something.
 */
export function reachesOf(permission: Permission): PermissionReach[] {
  const given = new Set(FixedRole.options.map((role) => reachOf(role, permission)));
  return PermissionReach.options.filter((reach) => given.has(reach));
}

/** What of `wanted` goes further than `held`. */
export function beyondOf(held: HeldPermissions, wanted: HeldPermissions): Permission[] {
  return Permission.options.filter((permission) => {
    const reach = wanted[permission];
    return reach !== undefined && held[permission] !== 'all' && held[permission] !== reach;
  });
}
