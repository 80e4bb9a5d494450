import { z } from 'zod';
import { RoleId, TeamId, TenantId, UserId } from './ids.ts';
import { Instant, Language, TimeZone } from './instants.ts';
import { pageOf } from './pages.ts';
import { HeldPermissions, Role } from './permissions.ts';

export const PASSWORD_LENGTH_MIN = 8;
export const PASSWORD_LENGTH_MAX = 256;
export const Password = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX);

export const LoginInput = z.strictObject({
  username: z.string().trim().min(1).max(64),
  password: z.string().min(1).max(PASSWORD_LENGTH_MAX),
  /** The code of the authenticator app, or a recovery code, for who has set up a second factor. */
  code: z.string().max(64).optional(),
});
export type LoginInput = z.infer<typeof LoginInput>;

/** Who is signed in, and what the console may show this person. */
export const Me = z
  .object({
    user: z.object({
      id: UserId,
      username: z.string(),
      name: z.string(),
      role: Role,
      /** Of the role `custom`: which one. */
      customRole: z.object({ id: RoleId, name: z.string() }).nullable(),
      language: Language,
      timeZone: z.string(),
      /** False for who signs in by the tenant's provider alone. */
      hasPassword: z.boolean(),
    }),
    tenant: z.object({ id: TenantId, name: z.string(), timeZone: z.string() }),
    /** `own` reaches only one's own rows. */
    permissions: HeldPermissions,
    /** The teams to whose people, queues and contacts `all` reaches, by name; null for the whole tenant. */
    teams: z.array(z.object({ id: TeamId, name: z.string() })).nullable(),
    /** Set when the user takes calls; agent id and user id are the same. */
    agent: z.object({ extension: z.string().nullable() }).nullable(),
    /** How the request was authenticated. */
    authentication: z.enum(['session', 'api-key']),
    /** When the session or key ends; null for a key without end. */
    expiresAt: Instant.nullable(),
    /** For the console to correct the clock of its machine. */
    serverTime: Instant,
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

/** What everybody may change about oneself. Absent fields stay as they are. */
export const ProfileInput = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  language: Language.optional(),
  timeZone: TimeZone.optional(),
});
export type ProfileInput = z.infer<typeof ProfileInput>;

/** Ends every other session of the user. */
export const PasswordChangeInput = z.strictObject({
  currentPassword: z.string().min(1).max(PASSWORD_LENGTH_MAX),
  newPassword: Password,
});
export type PasswordChangeInput = z.infer<typeof PasswordChangeInput>;

export const Session = z
  .object({
    id: z.string(),
    /** The session that asks. */
    current: z.boolean(),
    createdAt: Instant,
    lastSeenAt: Instant,
    expiresAt: Instant,
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;
export const SessionPage = pageOf(Session);

/** Whether signing in asks for a code of an authenticator app (TOTP, RFC 6238) besides the password. */
export const SecondFactor = z
  .object({
    enabled: z.boolean(),
    confirmedAt: Instant.nullable(),
    recoveryCodesLeft: z.number().int(),
  })
  .meta({ id: 'SecondFactor' });
export type SecondFactor = z.infer<typeof SecondFactor>;

/** Whoever sits at somebody else's screen knows the session, but not the password. */
export const SecondFactorPassword = z.strictObject({
  currentPassword: z.string().min(1).max(PASSWORD_LENGTH_MAX),
});
/** For the app: the secret in base 32, and the same as an `otpauth://` address for its camera. Shown once. */
export const SecondFactorSecret = z.object({ secret: z.string(), uri: z.string() });
export type SecondFactorSecret = z.infer<typeof SecondFactorSecret>;
export const SecondFactorCode = z.strictObject({ code: z.string().trim().min(1).max(64) });
/** Each signs in once, when the app is not at hand. Shown once. */
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;
