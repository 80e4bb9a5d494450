import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Grant {
  redirectUri: string;
  challenge: string;
  nonce: string;
}

/** A small provider of OpenID Connect that checks what a real one checks, and lets in whoever is set. */
export class IdentityProvider {
  readonly clientId = 'crosspoint';
  readonly clientSecret = 'a-secret-of-the-client';
  /** Who stands at the provider's login, by its claims. */
  person: Record<string, unknown> = { sub: '1', preferred_username: 'nobody' };
  /** The provider says no. */
  refuses = false;
  /** Somebody has put another token in the place of the right one. */
  forges = false;
  /** Why the provider refused to hand out a token. */
  readonly refusals: string[] = [];
  readonly #server: Server;
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #grants = new Map<string, Grant>();

  private constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#key = privateKey;
    this.#publicKey = publicKey;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<IdentityProvider> {
    const provider = new IdentityProvider();
    await new Promise<void>((resolve) => provider.#server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return void json(200, this.#metadata());
      case '/jwks':
        return void json(200, {
          keys: [{ ...this.#publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }],
        });
      case '/authorize':
        return void response.writeHead(302, { location: this.#authorize(url.searchParams) }).end();
      case '/token': {
        const granted = this.#token(await formOf(request));
        return void json(typeof granted === 'string' ? 400 : 200, granted);
      }
      case '/userinfo':
        return void json(200, this.person);
      default:
        return void json(404, {});
    }
  }

  #metadata(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      userinfo_endpoint: `${this.issuer}/userinfo`,
      jwks_uri: `${this.issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  #authorize(asked: URLSearchParams): string {
    const of = (name: string): string => asked.get(name) ?? '';
    const back = new URL(of('redirect_uri'));
    back.searchParams.set('state', of('state'));
    const isComplete =
      of('client_id') === this.clientId &&
      of('response_type') === 'code' &&
      of('code_challenge_method') === 'S256' &&
      of('scope').split(' ').includes('openid');
    if (this.refuses || !isComplete) {
      back.searchParams.set('error', 'access_denied');
      return back.href;
    }
    const code = randomUUID();
    this.#grants.set(code, {
      redirectUri: of('redirect_uri'),
      challenge: of('code_challenge'),
      nonce: of('nonce'),
    });
    back.searchParams.set('code', code);
    return back.href;
  }

  #token(form: URLSearchParams): object | string {
    const grant = this.#grants.get(form.get('code') ?? '');
    this.#grants.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const wrong =
      grant === undefined
        ? 'code'
        : form.get('client_secret') !== this.clientSecret || form.get('client_id') !== this.clientId
          ? 'client'
          : form.get('redirect_uri') !== grant.redirectUri
            ? 'redirect_uri'
            : challenge === grant.challenge
              ? undefined
              : 'code_verifier';
    if (wrong !== undefined || grant === undefined) {
      this.refusals.push(wrong ?? '');
      return 'invalid_grant';
    }
    return {
      access_token: randomUUID(),
      token_type: 'Bearer',
      expires_in: 300,
      id_token: this.#idToken(grant.nonce),
    };
  }

  #idToken(nonce: string): string {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer,
      aud: this.clientId,
      iat: nowSeconds,
      exp: nowSeconds + 300,
      nonce: this.forges ? 'of somebody else' : nonce,
      ...this.person,
    };
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const text = `${encode({ alg: 'RS256', kid: 'one' })}.${encode(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), this.#key).toString('base64url')}`;
  }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return new URLSearchParams(Buffer.concat(parts).toString());
}
