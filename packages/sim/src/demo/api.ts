import type {
  Agent,
  AgentSchedule,
  CallbackInput,
  ConfigurationDocumentInput,
  ContactSummary,
  Evaluation,
  EvaluationChange,
  EvaluationInput,
  Page,
  Queue,
  ScheduleInput,
  Scorecard,
} from '@crosspoint/contracts';
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

  /** Everybody who takes calls, with what is planned; the first thousand by name. */
  async agents(): Promise<Agent[]> {
    return (await this.#request<Page<Agent>>('GET', '/agents?limit=1000')).items;
  }

  async queues(): Promise<Queue[]> {
    return (await this.#request<Page<Queue>>('GET', '/queues?limit=1000')).items;
  }

  schedule(agentId: string): Promise<AgentSchedule> {
    return this.#request<AgentSchedule>('GET', `/schedules/${agentId}`);
  }

  async plan(agentId: string, schedule: ScheduleInput): Promise<void> {
    await this.#request('PUT', `/schedules/${agentId}`, schedule);
  }

  async promise(callback: CallbackInput): Promise<void> {
    await this.#request('POST', '/callbacks', callback);
  }

  /** The newest recorded contacts that are over. */
  async recordedContacts(): Promise<ContactSummary[]> {
    const path = '/contacts?outcome=answered&hasRecording=true&live=false&limit=20';
    return (await this.#request<Page<ContactSummary>>('GET', path)).items;
  }

  async scorecard(name: string): Promise<Scorecard | undefined> {
    const path = `/scorecards?search=${encodeURIComponent(name)}`;
    const { items } = await this.#request<Page<Scorecard>>('GET', path);
    return items.find((each) => each.name === name && each.active);
  }

  /** Judges a conversation, once and for all. */
  async evaluate(input: EvaluationInput, change: EvaluationChange): Promise<void> {
    const { id } = await this.#request<Evaluation>('POST', '/evaluations', input);
    await this.#request('PUT', `/evaluations/${id}`, change);
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
