import { z } from 'zod';
import { Password } from './auth.ts';
import { RoleId, UserId } from './ids.ts';
import { Instant, Language, TimeZone } from './instants.ts';
import { oneOrMore, pageOf, PageQuery, QueryBoolean, SearchText } from './pages.ts';
import { Role } from './permissions.ts';

/** Also the user part of a SIP address, so only what needs no escape there. */
export const Username = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'must start with a letter or digit and use only letters, digits, . _ -',
  );
export type Username = z.infer<typeof Username>;
export const PersonName = z.string().trim().min(1).max(100);

export const User = z
  .object({
    id: UserId,
    username: z.string(),
    name: z.string(),
    role: Role,
    /** Of the role `custom`: which one. */
    customRoleId: RoleId.nullable(),
    customRole: z.object({ id: RoleId, name: z.string() }).nullable(),
    language: Language,
    timeZone: z.string(),
    /** The user takes calls: there is an agent with the same id. */
    isAgent: z.boolean(),
    hasPassword: z.boolean(),
    /** Signing in asks for a code of an authenticator app. */
    secondFactor: z.boolean(),
    disabled: z.boolean(),
    createdAt: Instant,
    /** The last sign of life of any of the user's sessions. */
    lastSeenAt: Instant.nullable(),
    teams: z.array(z.object({ id: z.uuid(), name: z.string() })),
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;
export const UserPage = pageOf(User);

export const UserQuery = PageQuery.extend({
  search: SearchText.optional(),
  role: oneOrMore(Role).optional(),
  customRoleId: RoleId.optional(),
  disabled: QueryBoolean.optional(),
  sort: z.enum(['name', '-name', 'username', '-username', 'createdAt', '-createdAt']).default('name'),
});

const fields = {
  username: Username,
  name: PersonName,
  role: Role,
  /** Goes with the role `custom`, and with no other. */
  customRoleId: RoleId.nullable().default(null),
  language: Language.default('en'),
  timeZone: TimeZone.default('UTC'),
  disabled: z.boolean().default(false),
};
const roleFits = ({ role, customRoleId }: { role: Role; customRoleId: string | null }) =>
  (role === 'custom') === (customRoleId !== null);
const roleMisfit = {
  path: ['customRoleId'],
  message: 'names the role of who has the role `custom`, and is null for everybody else',
};
/** Without a password nobody can sign in as this user. */
export const UserInput = z
  .strictObject({ ...fields, password: Password.optional() })
  .refine(roleFits, roleMisfit);
export type UserInput = z.input<typeof UserInput>;
/** Replaces the user; the password stays unless given. Give the ETag as If-Match. */
export const UserUpdate = z
  .strictObject({ ...fields, password: Password.optional() })
  .refine(roleFits, roleMisfit);
export type UserUpdate = z.input<typeof UserUpdate>;
