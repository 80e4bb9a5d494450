import { isDeepStrictEqual } from 'node:util';
import { TrunkSettings } from '@crosspoint/contracts';

type Registration = NonNullable<TrunkSettings['register']>;
type Account = NonNullable<TrunkSettings['authentication']>;
type Sealed<Part> = Omit<Part, 'password'> & { sealedPassword?: string };

/** As stored: passwords are sealed. */
export type StoredTrunkSettings = Omit<TrunkSettings, 'register' | 'authentication'> & {
  register?: Sealed<Registration>;
  authentication?: Sealed<Account>;
};

/** Seals and opens the secrets of trunks; `SecretBox` is one. */
export interface Sealing {
  seal(secret: string): string;
  /** Undefined when it was sealed with another key. */
  open(sealed: string): string | undefined;
}

/** Reads what was stored, also by an earlier version: what it did not know takes its default. */
export function readStoredTrunk(stored: unknown): StoredTrunkSettings {
  const { register, authentication, ...rest } = stored as StoredTrunkSettings;
  const { sealedPassword: ofRegister, ...openRegister } = register ?? {};
  const { sealedPassword: ofAuthentication, ...openAuthentication } = authentication ?? {};
  const parsed = TrunkSettings.parse({
    ...rest,
    ...(register === undefined ? {} : { register: openRegister }),
    ...(authentication === undefined ? {} : { authentication: openAuthentication }),
  });
  return {
    ...withoutAccounts(parsed),
    ...(parsed.register === undefined ? {} : { register: sealed(parsed.register, ofRegister) }),
    ...(parsed.authentication === undefined
      ? {}
      : { authentication: sealed(parsed.authentication, ofAuthentication) }),
  };
}

/**
 * What is to be stored of wanted settings: new passwords sealed, absent ones kept from before, and those that are the
 * same as before left as they are, so that nothing seems changed.
 */
export function sealTrunk(
  wanted: TrunkSettings,
  before: StoredTrunkSettings | undefined,
  box: Sealing,
): StoredTrunkSettings {
  const { register, authentication } = wanted;
  return {
    ...withoutAccounts(wanted),
    ...(register === undefined
      ? {}
      : { register: sealed(register, sealedPassword(register.password, before?.register, box)) }),
    ...(authentication === undefined
      ? {}
      : {
          authentication: sealed(
            authentication,
            sealedPassword(authentication.password, before?.authentication, box),
          ),
        }),
  };
}

/** The settings with their passwords, for the carrier alone. */
export function openTrunk(stored: StoredTrunkSettings, box: Sealing): TrunkSettings {
  const { register, authentication, ...rest } = stored;
  return {
    ...rest,
    ...(register === undefined ? {} : { register: opened(register, box) }),
    ...(authentication === undefined ? {} : { authentication: opened(authentication, box) }),
  };
}

/** The settings as the configuration document and its differences show them. */
export function trunkWithoutSecrets(stored: StoredTrunkSettings): TrunkSettings {
  const { register, authentication, ...rest } = stored;
  return {
    ...rest,
    ...(register === undefined ? {} : { register: bare(register) }),
    ...(authentication === undefined ? {} : { authentication: bare(authentication) }),
  };
}

/** The same with what is absent as null, so that a difference names it. */
export function shownTrunk(stored: StoredTrunkSettings): Record<string, unknown> {
  return { port: null, register: null, authentication: null, ...trunkWithoutSecrets(stored) };
}

/** Which passwords differ from those before. */
export function changedSecrets(next: StoredTrunkSettings, before: StoredTrunkSettings | undefined): string[] {
  return (['register', 'authentication'] as const)
    .filter(
      (part) =>
        next[part]?.sealedPassword !== undefined &&
        !isDeepStrictEqual(next[part]?.sealedPassword, before?.[part]?.sealedPassword),
    )
    .map((part) => `${part}.password`);
}

function withoutAccounts(settings: TrunkSettings): Omit<TrunkSettings, 'register' | 'authentication'> {
  const { register: _register, authentication: _authentication, ...rest } = settings;
  return rest;
}

function sealed<Part extends Registration | Account>(part: Part, sealedPassword: string | undefined) {
  const { password: _password, ...open } = part;
  return { ...open, ...(sealedPassword === undefined ? {} : { sealedPassword }) };
}

function sealedPassword(
  password: string | undefined,
  before: { sealedPassword?: string } | undefined,
  box: Sealing,
): string | undefined {
  const kept = before?.sealedPassword;
  if (password === undefined || (kept !== undefined && box.open(kept) === password)) return kept;
  return box.seal(password);
}

function opened<Part extends { sealedPassword?: string }>(part: Part, box: Sealing) {
  const { sealedPassword: stored, ...open } = part;
  const password = stored === undefined ? undefined : box.open(stored);
  return { ...open, ...(password === undefined ? {} : { password }) };
}

function bare<Part extends { sealedPassword?: string }>(part: Part) {
  const { sealedPassword: _sealedPassword, ...open } = part;
  return open;
}
