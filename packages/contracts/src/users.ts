import { z } from 'zod';
import { Password } from './auth.ts';
import { UserId } from './ids.ts';
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
  disabled: QueryBoolean.optional(),
  sort: z.enum(['name', '-name', 'username', '-username', 'createdAt', '-createdAt']).default('name'),
});

const fields = {
  username: Username,
  name: PersonName,
  role: Role,
  language: Language.default('en'),
  timeZone: TimeZone.default('UTC'),
  disabled: z.boolean().default(false),
};
/** Without a password nobody can sign in as this user. */
export const UserInput = z.strictObject({ ...fields, password: Password.optional() });
export type UserInput = z.input<typeof UserInput>;
/** Replaces the user; the password stays unless given. Give the ETag as If-Match. */
export const UserUpdate = z.strictObject({ ...fields, password: Password.optional() });
export type UserUpdate = z.input<typeof UserUpdate>;
