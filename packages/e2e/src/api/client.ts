import type {
  AgentLive,
  AgentStatus,
  ConfigurationResult,
  Contact,
  ContactSummary,
  LiveCall,
  Page,
  QueueStats,
  Recording,
} from '@crosspoint/contracts';
import { patienceMs } from '@crosspoint/sim/phones';
import { until } from '../wait.ts';

/** The fields of a queue on which scripts may rely. */
export type QueueResource = { id: string; name: string };

/** A response that is not a success: the problem document (RFC 9457) as it came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path} → ${status}: ${body}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problemCode(body);
  }
}

function problemCode(body: string): string {
  try {
    const problem: unknown = JSON.parse(body);
    return typeof problem === 'object' && problem !== null && 'code' in problem ? String(problem.code) : '';
  } catch (error) {
    if (error instanceof SyntaxError) return '';
    throw error;
  }
}

/**
 * A server that refuses because it is overloaded is asked again, as it demands of its clients: the machine of a test may stand
 * still for a moment.
 */
function unlessOverloaded<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const unlessRefused = (error: unknown): undefined => {
    if (!(error instanceof ApiError && error.code === 'overloaded')) throw error;
  };
  return until(`${what} not to be refused for overload`, () => ask().catch(unlessRefused), {
    timeoutMs: patienceMs,
    everyMs: 500,
  });
}

/** The HTTP interface with the session of one user. */
export class ApiClient {
  readonly baseUrl: string;
  /** `name=value`, as the Cookie header carries it. */
  readonly cookie: string;

  constructor(baseUrl: string, cookie: string) {
    this.baseUrl = baseUrl;
    this.cookie = cookie;
  }

  static login(baseUrl: string, username: string, password: string): Promise<ApiClient> {
    return unlessOverloaded('the login', () => ApiClient.#loginOnce(baseUrl, username, password));
  }

  static async #loginOnce(baseUrl: string, username: string, password: string): Promise<ApiClient> {
    const response = await fetch(`${baseUrl}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const body = await response.text();
    if (!response.ok) throw new ApiError('POST', '/auth/login', response.status, body);
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
    return new ApiClient(baseUrl, cookies.join('; '));
  }

  /** Sends a request below `/api/v1` and returns the raw successful response. */
  send(method: string, path: string, body?: unknown): Promise<Response> {
    return unlessOverloaded(`${method} ${path}`, () => this.#sendOnce(method, path, body));
  }

  async #sendOnce(method: string, path: string, body: unknown): Promise<Response> {
    const response = await fetch(`${this.baseUrl}/api/v1${path}`, {
      method,
      headers: {
        cookie: this.cookie,
        // The server accepts changes with a cookie only from its own pages.
        origin: this.baseUrl,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    if (!response.ok) throw new ApiError(method, path, response.status, await response.text());
    return response;
  }

  async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Sends a file as the body. */
  async upload<T>(path: string, type: string, file: Uint8Array<ArrayBuffer>): Promise<T> {
    const response = await fetch(`${this.baseUrl}/api/v1${path}`, {
      method: 'POST',
      headers: { cookie: this.cookie, origin: this.baseUrl, 'content-type': type },
      body: file,
      signal: AbortSignal.timeout(patienceMs),
    });
    if (!response.ok) throw new ApiError('POST', path, response.status, await response.text());
    return (await response.json()) as T;
  }

  get<T>(path: string): Promise<T> {
    return this.request<T>('GET', path);
  }

  /** Applies a configuration document, given as YAML text or as a value (JSON is YAML). */
  apply(document: string | object, { dryRun = false } = {}): Promise<ConfigurationResult> {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    return this.request('POST', '/configuration', { document: text, dryRun });
  }

  /** Every item of a list, page by page. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page<T> = await this.get(`${path}?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  }

  queues(): Promise<QueueResource[]> {
    return this.all('/queues');
  }

  async queue(name: string): Promise<QueueResource> {
    const found = (await this.queues()).find((queue) => queue.name === name);
    if (found === undefined) throw new Error(`There is no queue "${name}".`);
    return found;
  }

  async stats(queueName: string): Promise<QueueStats> {
    return this.get(`/queues/${(await this.queue(queueName)).id}/stats`);
  }

  liveAgents(): Promise<AgentLive[]> {
    return this.all('/agents/live-status');
  }

  async liveAgent(username: string): Promise<AgentLive> {
    const found = (await this.liveAgents()).find((agent) => agent.username === username);
    if (found === undefined) throw new Error(`There is no agent "${username}".`);
    return found;
  }

  async setStatus(username: string, status: AgentStatus, reasonCode?: string): Promise<void> {
    const { id } = await this.liveAgent(username);
    await this.request('PUT', `/agents/${id}/status`, { status, ...(reasonCode ? { reasonCode } : {}) });
  }

  calls(): Promise<LiveCall[]> {
    return this.all('/calls');
  }

  async contacts(limit = 50): Promise<ContactSummary[]> {
    return (await this.get<Page<ContactSummary>>(`/contacts?limit=${limit}`)).items;
  }

  contact(id: string): Promise<Contact> {
    return this.get(`/contacts/${id}`);
  }

  /** Until all that has happened so far is in the database: facts reach it some time later, and lists are read from there. */
  async allStored(): Promise<void> {
    let waiting: (string | undefined)[] = [];
    await until(
      'every fact to be stored',
      async () => {
        const response = await fetch(`${this.baseUrl}/metrics`, {
          signal: AbortSignal.timeout(patienceMs),
        });
        const text = await response.text();
        waiting = ['waiting_rows', 'spooled_bytes'].map(
          (name) => new RegExp(`^crosspoint_facts_${name} (\\d+)$`, 'm').exec(text)?.[1],
        );
        return waiting.every((count) => count === '0');
      },
      { seen: () => waiting },
    );
  }

  /** The newest contact of that number, of that caller if one is named, with all that has happened so far. */
  async newestContact(number: string, callerPhone?: string): Promise<Contact | undefined> {
    await this.allStored();
    const isMeant = (each: ContactSummary) =>
      each.number === number && (callerPhone === undefined || each.callerPhone === callerPhone);
    const newest = (await this.contacts()).find(isMeant);
    return newest && this.contact(newest.id);
  }

  /** The same once nothing follows any more. */
  closedContact(number: string, callerPhone?: string): Promise<Contact> {
    return until(`a contact of ${number} to be closed`, async () => {
      const newest = await this.newestContact(number, callerPhone);
      return newest !== undefined && newest.closedAt !== null && newest;
    });
  }

  /** That contact, which there is already, once it is so. */
  async contactWhen(
    id: string,
    what: string,
    matches: (contact: Contact) => boolean,
    timeoutMs = patienceMs,
  ): Promise<Contact> {
    await this.allStored();
    let seen: Contact | undefined;
    return until(
      `the contact ${id} to be ${what}`,
      async () => {
        seen = await this.contact(id);
        return matches(seen) ? seen : undefined;
      },
      { timeoutMs, seen: () => seen?.timeline.map(({ type }) => type) },
    );
  }

  async recordings(): Promise<Recording[]> {
    return (await this.get<Page<Recording>>('/recordings?limit=100')).items;
  }

  async downloadRecording(id: string): Promise<Uint8Array> {
    const response = await this.send('GET', `/recordings/${id}/download`);
    return new Uint8Array(await response.arrayBuffer());
  }
}
