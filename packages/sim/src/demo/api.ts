import type { ConfigurationDocumentInput } from '@crosspoint/contracts';
import type { Existing } from './founding.ts';

const timeoutMs = 20_000;

/** The server refused a request; the message carries what it said. */
export class ApiError extends Error {
  readonly status: number;

  constructor(what: string, status: number, body: string) {
    super(`${what} was answered ${status}: ${body.slice(0, 500)}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** The parts of the HTTP interface that the demo needs. */
export class Api {
  readonly #baseUrl: string;
  readonly #key: string;

  constructor(baseUrl: string, key: string) {
    this.#baseUrl = baseUrl;
    this.#key = key;
  }

  /** The whole configuration as it is now. */
  configuration(): Promise<Existing> {
    return this.#request<Existing>('GET', '/configuration');
  }

  async apply(document: ConfigurationDocumentInput): Promise<void> {
    await this.#request('POST', '/configuration', { document: JSON.stringify(document) });
  }

  /** The reason codes of breaks in the order in which `*2n` counts them. */
  async breakReasons(): Promise<string[]> {
    type Page = { items: { code: string; kind: string }[] };
    const { items } = await this.#request<Page>('GET', '/reason-codes?limit=1000');
    return items
      .filter(({ kind }) => kind === 'break')
      .map(({ code }) => code)
      .toSorted();
  }

  async #request<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.#baseUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(`${method} ${path}`, response.status, text);
    return JSON.parse(text) as Answer;
  }
}
