import { z } from 'zod';
import { RoleId } from './ids.ts';
import { Role } from './permissions.ts';

export const SIGN_ON_GROUPS_MAX = 100;
/** Where the provider sends people back to, below the address of the console; registered there by the administrator. */
export const SIGN_ON_CALLBACK_PATH = '/api/v1/auth/single-sign-on/callback';

const roleFits = ({ role, customRoleId }: { role: Role; customRoleId: string | null }) =>
  (role === 'custom') === (customRoleId !== null);
const roleMisfit = {
  path: ['customRoleId'],
  message: 'names the role of who gets the role `custom`, and is null for everybody else',
};
const given = { role: Role, customRoleId: RoleId.nullable().default(null) };

/** Who is in this group of the provider gets this role here. */
export const SignOnGroup = z
  .strictObject({ group: z.string().trim().min(1).max(256), ...given })
  .refine(roleFits, roleMisfit);
export type SignOnGroup = z.infer<typeof SignOnGroup>;
const SignOnRole = z.strictObject(given).refine(roleFits, roleMisfit);

const webAddress = z.url({ protocol: /^https?$/, hostname: z.regexes.hostname }).max(500);
const claim = z.string().trim().min(1).max(100);
const settings = {
  enabled: z.boolean(),
  /** Stands on the button of the login page. */
  name: z.string().trim().min(1).max(40),
  /** The issuer of the provider; below it lies `/.well-known/openid-configuration`. */
  issuer: webAddress,
  clientId: z.string().trim().min(1).max(300),
  /** The address by which people reach the console, to which the provider sends them back. */
  consoleUrl: webAddress,
  scope: z.string().trim().min(1).max(300).default('openid profile email'),
  usernameClaim: claim.default('preferred_username'),
  groupsClaim: claim.default('groups'),
  /** Whoever comes for the first time gets an account. */
  createUsers: z.boolean().default(false),
  /** Whoever comes for the first time gets the account with the same username, if there is one. */
  adoptUsers: z.boolean().default(false),
};
const fields = {
  ...settings,
  /** The first group in which somebody is decides. */
  groups: z.array(SignOnGroup).max(SIGN_ON_GROUPS_MAX).default([]),
  /** The role of who is in none of the groups; null: nobody else comes in. */
  otherwise: SignOnRole.nullable().default(null),
};
const clientSecret = z.string().min(1).max(1000).optional();

/** Signing in by a provider of OpenID Connect; an absent secret stays what it was. */
export const SingleSignOnInput = z.strictObject({
  ...fields,
  clientSecret,
});
export type SingleSignOnInput = z.infer<typeof SingleSignOnInput>;

export const SingleSignOn = z.object({ ...fields, hasSecret: z.boolean() }).meta({ id: 'SingleSignOn' });
export type SingleSignOn = z.infer<typeof SingleSignOn>;
/** What is stored, without the secret. */
export type SignOnSettings = Omit<SingleSignOn, 'hasSecret'>;

const namedRole = { role: Role, customRole: z.string().trim().min(1).max(100).optional() };
/** As the configuration document says it: own roles by their names. */
export const ConfiguredSignOn = z.strictObject({
  ...settings,
  groups: z
    .array(z.strictObject({ group: z.string().trim().min(1).max(256), ...namedRole }))
    .max(SIGN_ON_GROUPS_MAX)
    .default([]),
  otherwise: z.strictObject(namedRole).nullable().default(null),
  clientSecret,
});
export type ConfiguredSignOn = z.infer<typeof ConfiguredSignOn>;

/** What the login page offers besides the password; null: nothing. */
export const SignOnOffer = z.object({ name: z.string().nullable() }).meta({ id: 'SignOnOffer' });
export type SignOnOffer = z.infer<typeof SignOnOffer>;

/** Why somebody who comes from the provider is not let in; the login page says it in words. */
export const SignOnFailure = z.enum([
  /** There is no provider, or it is switched off. */
  'off',
  /** The provider does not answer, or answers nonsense. */
  'unavailable',
  /** The person, or the provider, said no. */
  'refused',
  /** It took too long, or was begun in another browser. */
  'expired',
  /** The provider names nobody that could have an account here. */
  'nameless',
  /** There is no account, and none is made. */
  'unknown-user',
  /** The username belongs to somebody else. */
  'name-taken',
  'disabled',
  /** In none of the groups that may come in. */
  'no-role',
]);
export type SignOnFailure = z.infer<typeof SignOnFailure>;
