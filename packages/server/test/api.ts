import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FixedRole, Permission, type TenantId } from '@crosspoint/contracts';
import { pino } from 'pino';
import { BrowserAccounts, LineDefence, SipAccounts } from '../src/carriers/sip/index.ts';
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
import { FakeCentre } from './fake-centre.ts';

export { agentLive, FakeCentre, queueStats } from './fake-centre.ts';

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
    wallNow: now,
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
