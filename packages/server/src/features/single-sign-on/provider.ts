import { SIGN_ON_CALLBACK_PATH, type SignOnSettings } from '@crosspoint/contracts';
import type { Configuration, IDToken, UserInfoResponse } from 'openid-client';

const TIMEOUT_SECONDS = 10;

/** What a person who went to the provider must bring back, kept in the person's own browser, sealed. */
export interface SignOnAttempt {
  tenantId: string;
  state: string;
  nonce: string;
  verifier: string;
  /** The page of the console to open afterwards. */
  next: string;
  startedAtMs: number;
}

/** Who the provider says that it is. */
export interface SignOnPerson {
  /** The provider's own lasting name of the person, with that of the provider: unique everywhere. */
  subject: string;
  username: string;
  name: string;
  groups: readonly string[];
}

/** The provider does not answer, or not as OpenID Connect says. */
export class SignOnProviderError extends Error {
  override name = 'SignOnProviderError';
}

/** The library is loaded with the first person who comes: most centres have no provider. */
const library = () => import('openid-client');

const callbackAddress = ({ consoleUrl }: Pick<SignOnSettings, 'consoleUrl'>): string =>
  `${consoleUrl.replace(/\/+$/, '')}${SIGN_ON_CALLBACK_PATH}`;

/** Only on this machine, where nobody listens in, does a provider need no TLS. */
function isSafeIssuer(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** What is wrong with the address of a provider, if anything is. */
export const issuerFault = (issuer: string): { message: string; remedy: string } | undefined =>
  isSafeIssuer(issuer)
    ? undefined
    : {
        message: 'is not encrypted: whoever listens in could sign in as anybody',
        remedy: 'Give the address with https.',
      };

/** Asks the provider how it works. @throws {SignOnProviderError} */
export async function discover(settings: SignOnSettings, secret: string): Promise<Configuration> {
  const { allowInsecureRequests, ClientSecretPost, discovery, None } = await library();
  const { issuer, clientId } = settings;
  const isPlain = issuer.startsWith('http:') && isSafeIssuer(issuer);
  return inWords(() =>
    discovery(new URL(issuer), clientId, undefined, secret === '' ? None() : ClientSecretPost(secret), {
      timeout: TIMEOUT_SECONDS,
      execute: isPlain ? [allowInsecureRequests] : [],
    }),
  );
}

/** Where to send somebody, and what the browser keeps meanwhile: authorization code with PKCE, state and nonce. */
export async function beginSignOn(
  configuration: Configuration,
  settings: SignOnSettings,
  about: Pick<SignOnAttempt, 'tenantId' | 'next' | 'startedAtMs'>,
): Promise<{ address: URL; attempt: SignOnAttempt }> {
  const openid = await library();
  const attempt = {
    ...about,
    state: openid.randomState(),
    nonce: openid.randomNonce(),
    verifier: openid.randomPKCECodeVerifier(),
  };
  const address = openid.buildAuthorizationUrl(configuration, {
    redirect_uri: callbackAddress(settings),
    scope: settings.scope,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  });
  return { address, attempt };
}

/** Exchanges what the person brought back for who it is. @throws {SignOnProviderError} */
export async function finishSignOn(
  configuration: Configuration,
  settings: SignOnSettings,
  attempt: SignOnAttempt,
  query: string,
): Promise<SignOnPerson> {
  const openid = await library();
  return inWords(async () => {
    const tokens = await openid.authorizationCodeGrant(
      configuration,
      new URL(`${callbackAddress(settings)}${query}`),
      {
        pkceCodeVerifier: attempt.verifier,
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        idTokenExpected: true,
      },
    );
    const claims = tokens.claims();
    if (claims === undefined) throw new SignOnProviderError('The provider sent no ID token.');
    // Many providers tell groups and names only here.
    const more = configuration.serverMetadata().userinfo_endpoint
      ? await openid.fetchUserInfo(configuration, tokens.access_token, claims.sub)
      : undefined;
    return personOf(settings, { ...claims, ...more });
  });
}

function personOf(
  settings: SignOnSettings,
  claims: Partial<IDToken> & Partial<UserInfoResponse>,
): SignOnPerson {
  const text = (claim: string): string => {
    const value = claims[claim];
    return typeof value === 'string' ? value.trim() : '';
  };
  const groups = claims[settings.groupsClaim];
  const listed: unknown[] = Array.isArray(groups) ? groups : [groups];
  // A name with a domain is that of a mailbox; here the part behind @ would name a tenant.
  const username = text(settings.usernameClaim).replace(/@.*$/, '');
  return {
    subject: `${settings.issuer.replace(/\/+$/, '')}|${String(claims.sub)}`,
    username,
    name: text('name') || username,
    groups: listed.filter((group): group is string => typeof group === 'string'),
  };
}

async function inWords<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SignOnProviderError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    throw new SignOnProviderError(`${error instanceof Error ? error.message : String(error)}${cause}`, {
      cause: error,
    });
  }
}
