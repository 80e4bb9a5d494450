import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentId,
  type AgentLive,
  type ContactFact,
  type ContactId,
  type LegId,
  type LiveConference,
  type LiveCall,
  Permission,
  type QueueEntry,
  type QueueId,
  type QueueStats,
  type FixedRole,
  type TenantId,
  type TrunkId,
  type TrunkLive,
  type TrunkTest,
} from '@crosspoint/contracts';
import type { Prediction, RoutingNames, WaitExplanation } from '@crosspoint/core';
import { pino } from 'pino';
import { BrowserAccounts, LineDefence, SipAccounts } from '../src/carriers/sip/index.ts';
import type {
  Actor,
  CallControl,
  CallbackResult,
  Centre,
  CommandResult,
  ConferenceControl,
  DialResult,
  LiveChange,
} from '../src/features/calls/index.ts';
import type { AlertService } from '../src/features/alerts/index.ts';
import type { NotificationService } from '../src/features/notifications/index.ts';
import type { AgentSums } from '../src/features/performance/index.ts';
import type { PredictionService } from '../src/features/prediction/index.ts';
import { createFeatures } from '../src/features/index.ts';
import { type Api, type ApiContext, buildHttpServer } from '../src/http/index.ts';
import { insertApiKey, newApiKey } from '../src/features/auth/index.ts';
import {
  type Database,
  DEFAULT_TENANT_ID,
  hashPassword,
  loadSettings,
  newId,
  type Settings,
} from '../src/platform/index.ts';
import { createTestDatabase, silentLog, type TestDatabase } from './database.ts';

const noNames: RoutingNames = {
  ...{ queues: new Set<string>(), calendars: new Set<string>() },
  ...{ hasFlow: () => false, hasVoicemailBox: () => false, hasAgent: () => false },
};

/** The living centre as the API sees it, with whatever a test puts into it. */
export class FakeCentre implements Centre {
  readonly tenantId = DEFAULT_TENANT_ID as TenantId;
  readonly agentsById = new Map<AgentId, AgentLive>();
  readonly queues = new Map<QueueId, QueueStats>();
  readonly entries = new Map<QueueId, QueueEntry[]>();
  readonly legs: LiveCall[] = [];
  readonly trunksById = new Map<TrunkId, TrunkLive>();
  /** The answer to the next test of a trunk. */
  trunkTest: TrunkTest | undefined;
  readonly facts = new Map<ContactId, ContactFact[]>();
  readonly waits = new Map<ContactId, WaitExplanation>();
  /** What was asked of it, in order. */
  readonly commands: { command: string; arguments: unknown[] }[] = [];
  /** The answer to the next command. */
  answer: CommandResult = { ok: true };
  configurationChanges = 0;
  messageChanges = 0;
  readonly #listeners = new Set<(change: LiveChange, at: number) => void>();

  /** Who is in scheduled conferences. */
  meetings: LiveConference[] = [];
  readonly conferences: ConferenceControl = {
    live: () => this.meetings,
    act: (...all) => this.#note('conferences.act', all).ok,
    actOnParty: (...all) => this.#note('conferences.actOnParty', all).ok,
  };
  async joinConference(...all: unknown[]): Promise<DialResult> {
    const result = this.#note('joinConference', all);
    return result.ok ? { ok: true, contactId: newId() as ContactId, callId: newId() as LegId } : result;
  }

  async configurationChanged(): Promise<void> {
    this.configurationChanges++;
  }
  messagesChanged(): void {
    this.messageChanges++;
  }
  agents(): AgentLive[] {
    return [...this.agentsById.values()];
  }
  agent(id: AgentId): AgentLive | undefined {
    return this.agentsById.get(id);
  }
  routing() {
    return {
      world: { queue: () => undefined, hours: () => undefined, names: () => noNames },
      historyOf: () => undefined,
      segmentsOf: () => [],
    };
  }
  queueStats(id: QueueId): QueueStats | undefined {
    return this.queues.get(id);
  }
  allQueueStats(): QueueStats[] {
    return [...this.queues.values()];
  }
  queueEntries(id: QueueId): QueueEntry[] {
    return this.entries.get(id) ?? [];
  }
  readonly predictions = new Map<QueueId, readonly Prediction[]>();
  predict(queueId: QueueId, predictions: readonly Prediction[]): void {
    this.predictions.set(queueId, predictions);
  }
  explainWait(id: ContactId): WaitExplanation | undefined {
    return this.waits.get(id);
  }
  calls(): LiveCall[] {
    return this.legs;
  }
  trunks(): TrunkLive[] {
    return [...this.trunksById.values()];
  }
  trunk(id: TrunkId): TrunkLive | undefined {
    return this.trunksById.get(id);
  }
  async testTrunk(...all: [TrunkId]): Promise<TrunkTest | undefined> {
    this.#note('testTrunk', all);
    return this.trunkTest;
  }
  /** Whether it takes notes, as of a contact that is open. */
  annotates = false;
  async annotate(...all: unknown[]): Promise<boolean> {
    this.#note('annotate', all);
    return this.annotates;
  }
  liveFacts(id: ContactId): ContactFact[] | undefined {
    return this.facts.get(id);
  }
  chooseStatus(...all: [AgentId, string, string | null, Actor]): CommandResult {
    return this.#note('chooseStatus', all);
  }
  finishWrapUp(...all: unknown[]): CommandResult {
    return this.#note('finishWrapUp', all);
  }
  extendWrapUp(...all: unknown[]): CommandResult {
    return this.#note('extendWrapUp', all);
  }
  overrideEntry(...all: unknown[]): CommandResult {
    return this.#note('overrideEntry', all);
  }
  hold(...all: unknown[]): CommandResult {
    return this.#note('hold', all);
  }
  resume(...all: unknown[]): CommandResult {
    return this.#note('resume', all);
  }
  hangup(...all: unknown[]): CommandResult {
    return this.#note('hangup', all);
  }
  /** The leg that the next invitation calls. */
  added: LegId = newId() as LegId;
  readonly control: CallControl = {
    transfer: (...all) => this.#add('transfer', all),
    consult: (...all) => this.#note('consult', all),
    invite: (...all) => this.#add('invite', all),
    change: (...all) => this.#note('change', all),
    lock: (...all) => this.#note('lock', all),
    leave: (...all) => this.#note('leave', all),
    sendDigits: (...all) => this.#note('sendDigits', all),
    pauseRecording: (...all) => this.#note('pauseRecording', all),
    supervise: (...all) => this.#add('supervise', all),
    changeSupervision: (...all) => this.#note('changeSupervision', all),
  };
  #add(command: string, all: unknown[]): ReturnType<CallControl['transfer']> {
    const result = this.#note(command, all);
    return result.ok ? { ok: true, callId: this.added } : result;
  }
  /** The answer to the next call by command. */
  dialled: DialResult = { ok: false, code: 'no-route', detail: 'No trunk takes calls there.' };
  async dial(...all: unknown[]): Promise<DialResult> {
    this.#note('dial', all);
    return this.dialled;
  }
  /** The answer to the next callback. */
  callback: CallbackResult = { ok: false, reason: 'duplicate' };
  async scheduleCallback(...all: unknown[]): Promise<CallbackResult> {
    this.#note('scheduleCallback', all);
    return this.callback;
  }
  async commandCallback(...all: unknown[]): Promise<CallbackResult> {
    this.#note('commandCallback', all);
    return this.callback;
  }
  listen(listener: (change: LiveChange, at: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  /** Lets something happen. */
  emit(change: LiveChange, at = Date.now()): void {
    for (const listener of this.#listeners) listener(change, at);
  }
  #note(command: string, all: unknown[]): CommandResult {
    this.commands.push({ command, arguments: all });
    return this.answer;
  }
}

export function agentLive(id: AgentId, more: Partial<AgentLive> = {}): AgentLive {
  return {
    id,
    username: 'agent',
    name: 'Agent',
    status: 'available',
    reasonCode: null,
    nextStatus: null,
    activity: 'idle',
    activitySince: '2026-11-21T08:00:00.000Z',
    readiness: { ready: true, reason: 'ready', until: null },
    contacts: [],
    wrapUpUntil: null,
    missedInRow: 0,
    devices: [],
    queueIds: [],
    today: { answered: 0, handleSecondsMean: null, occupancy: null },
    ...more,
  };
}

export function queueStats(queueId: QueueId, more: Partial<QueueStats> = {}): QueueStats {
  return {
    queueId,
    offered: 0,
    answered: 0,
    abandoned: 0,
    overflowed: 0,
    callbacks: 0,
    waiting: 0,
    deflected: 0,
    shortAbandons: 0,
    answeredWithin: 0,
    abandonedWithin: 0,
    serviceLevel: null,
    serviceLevelSeconds: 20,
    serviceLevelTarget: 0.8,
    longestWaitSince: null,
    averageSpeedOfAnswerSeconds: null,
    averageHandleSeconds: null,
    averageTalkSeconds: null,
    abandonRate: null,
    agentsReady: 0,
    agentsStaffed: 0,
    agentsWorking: 0,
    estimatedWaitSeconds: null,
    estimateErrorSecondsMedian: null,
    open: true,
    openUntil: null,
    staffing: null,
    since: '2026-11-21T00:00:00.000Z',
    depth: [],
    ...more,
  };
}

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  // The tests look into answers of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export interface RequestOptions {
  body?: unknown;
  headers?: Record<string, string>;
}

/** Sends requests as somebody. */
export interface Caller {
  readonly userId: string;
  readonly headers: Record<string, string>;
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  get(path: string): Promise<Answer>;
}

/** A server with a database and a centre of its own; call `close` in `afterAll`. */
export interface TestApi {
  readonly app: Api;
  readonly centre: FakeCentre;
  readonly defence: LineDefence;
  readonly alerts: AlertService;
  readonly notifications: NotificationService;
  readonly prediction: PredictionService;
  readonly agentSums: AgentSums;
  /** Names with which browsers are registered. */
  readonly registered: Set<string>;
  readonly database: TestDatabase['database'];
  readonly settings: Settings;
  /** Moves the server's clock. */
  readonly clock: { nowMs: number };
  readonly anonymous: Caller;
  /** A user of the role, with an API key that has every scope. */
  readonly as: Readonly<Record<FixedRole, Caller>>;
  /** Another user, optionally of another tenant. */
  addCaller(user: {
    username: string;
    role: FixedRole;
    tenantId?: string;
    scopes?: Permission[];
  }): Promise<Caller>;
  addTenant(name: string): Promise<string>;
  close(): Promise<void>;
}

export const TEST_PASSWORD = 'a-password-for-tests';

export async function createTestApi(
  options: { consoleDir?: string; flags?: Record<string, string> } = {},
): Promise<TestApi> {
  const testDatabase = await createTestDatabase();
  const { database } = testDatabase;
  const dataDir = mkdtempSync(join(tmpdir(), 'crosspoint-test-api-'));
  const { settings } = loadSettings({ flags: { ...options.flags, dataDir }, env: {}, cwd: dataDir });
  const centre = new FakeCentre();
  const clock = { nowMs: Date.now() };
  const now = () => clock.nowMs;
  const log = pino({ level: 'silent' });
  const context: ApiContext = {
    settings,
    database,
    log,
    now,
    centreOf: (tenantId) => (tenantId === centre.tenantId ? centre : undefined),
  };
  const healthy = { healthy: true, detail: '' };
  const probe = async () => ({
    ready: true,
    parts: { database: healthy, media: healthy, sip: healthy, storage: healthy },
  });
  const defence = createDefence(database, now);
  await defence.open();
  const registered = new Set<string>();
  const browsers = new BrowserAccounts({
    accounts: new SipAccounts(),
    realm: 'crosspoint',
    now,
    isRegistered: (username) => registered.has(username),
    disconnect: (username) => void registered.delete(username),
  });
  const { authenticate, stream, alerts, notifications, prediction, agentSums, routes } = createFeatures(
    context,
    {
      probe,
      defence,
      browsers,
      parts: () => ({
        version: '0.0.0',
        startedAt: clock.nowMs,
        sip: { host: '127.0.0.1', transports: [{ transport: 'udp', port: 5060 }] },
        media: { packets: 'dgram', processes: [] },
        facts: { waitingRows: 0, spooledBytes: 0 },
      }),
    },
  );
  stream.open(centre.tenantId);
  const app = await buildHttpServer({
    log,
    version: '0.0.0',
    now,
    authenticate,
    probe,
    consoleDir: options.consoleDir ?? join(dataDir, 'no-console'),
    features: routes,
    // The machine that runs tests may be busy with others.
    eventLoopDelayMaxMs: 0,
  });
  await app.ready();
  const passwordHash = await hashPassword(TEST_PASSWORD);

  const addCaller: TestApi['addCaller'] = async (user) => {
    const tenantId = user.tenantId ?? DEFAULT_TENANT_ID;
    const userId = newId();
    const { secret, hash, shown } = newApiKey();
    await database.inTenant(tenantId, async (transaction) => {
      await transaction
        .insertInto('users')
        .values({
          id: userId,
          tenant_id: tenantId,
          username: user.username,
          name: `${user.username} by name`,
          role: user.role,
          password_hash: passwordHash,
        })
        .execute();
      if (user.role === 'agent') {
        await transaction
          .insertInto('agents')
          .values({ user_id: userId, tenant_id: tenantId, sip_username: user.username })
          .execute();
      }
      await insertApiKey(transaction, {
        id: newId(),
        tenantId: tenantId as TenantId,
        userId: userId as never,
        name: 'test',
        prefix: shown,
        hash,
        scopes: user.scopes ?? [...Permission.options],
        createdAt: new Date(),
        expiresAt: null,
      });
    });
    return callerOf(app, userId, { authorization: `Bearer ${secret}` });
  };

  const roles = ['admin', 'supervisor', 'agent', 'analyst'] as const;
  const callers = await Promise.all(roles.map((role) => addCaller({ username: `the-${role}`, role })));
  return {
    app,
    centre,
    defence,
    alerts,
    notifications,
    prediction,
    agentSums,
    registered,
    database,
    settings,
    clock,
    anonymous: callerOf(app, '', {}),
    as: Object.fromEntries(roles.map((role, index) => [role, callers[index]])) as TestApi['as'],
    addCaller,
    async addTenant(name) {
      const id = newId();
      await database.asSystem((transaction) =>
        transaction.insertInto('tenants').values({ id, name }).execute(),
      );
      return id;
    },
    async close() {
      await app.close();
      browsers.close();
      await defence.close();
      await testDatabase.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function createDefence(database: Database, now: () => number): LineDefence {
  return new LineDefence({
    database,
    tenantId: DEFAULT_TENANT_ID as TenantId,
    now,
    log: silentLog,
    audit: async () => undefined,
    cutCall: () => undefined,
    isCallUp: () => true,
  });
}

/** Sends requests below `/api/v1`, or to an absolute path that starts with `//`. */
export function callerOf(app: Api, userId: string, headers: Record<string, string>): Caller {
  const send: Caller['send'] = async (method, path, options = {}) => {
    const response = await app.inject({
      method: method as 'GET',
      url: path.startsWith('//') ? path.slice(1) : `/api/v1${path}`,
      headers: { ...headers, ...options.headers },
      ...(options.body === undefined ? {} : { payload: options.body as object }),
    });
    const isJson = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text: response.payload,
      body: isJson && response.payload !== '' ? JSON.parse(response.payload) : undefined,
    };
  };
  return { userId, headers, send, get: (path) => send('GET', path) };
}
