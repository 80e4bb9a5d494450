/**
 * The API and the stream in use: with 50 calls up and others coming and going, 100 clients ask for what the console asks for
 * while 200 follow the stream. `npm run bench -- api [--clients 100] [--streams 200] [--seconds 20]`
 */
import { parseArgs } from 'node:util';
import { ApiClient, Sipp, sippScenarios, StreamClient, until } from '@crosspoint/e2e';
import { startCompany } from './company.ts';
import { percentile, printFigure } from './figures.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '100' },
    streams: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
  },
});
const standingCalls = 50;
const comingAndGoing = 10;
const callsPerSecond = 2;
const talkMs = 1_000;
const seconds = Number(values.seconds);
/** What a page of the console asks for when it is opened, and then now and again. */
const paths = [
  '/calls',
  '/agents/live-status',
  '/queues',
  '/contacts?limit=50',
  '/dashboard/stats',
  '/teams',
];
/** A page asks for something about so often. */
const clientPauseMs = 1_000;

/** One user may have so many streams: the tabs of several screens. */
const streamsPerUser = 25;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const company = await startCompany({
  agentCount: standingCalls + comingAndGoing,
  recording: 'never',
  available: () => true,
  onCall: (call) => call.answer(),
  sendSilence: true,
});
const { api, product } = company;
const streams: StreamClient[] = [];
const callers: Sipp[] = [];
try {
  const call = async (scenario: string, calls: number, rate: number): Promise<void> => {
    const options = { scenario, server: product.sip, service: company.number, calls, pauseMs: talkMs };
    callers.push(
      await Sipp.start({ ...options, callsPerSecond: rate, timeoutMs: (calls / rate + 120) * 1_000 }),
    );
  };
  await call(sippScenarios.callerStays, standingCalls, 10);
  await until(
    'the calls to stand',
    async () => (await api.calls()).filter(({ state }) => state === 'talking').length >= standingCalls * 2,
    { timeoutMs: 60_000 },
  );
  const usernames = Array.from(
    { length: Math.ceil(Number(values.streams) / streamsPerUser) },
    (_, index) => `watcher-${index + 1}`,
  );
  const passwordOf = (username: string): string => `the password of ${username}`;
  await api.apply({
    users: usernames.map((username) => ({ username, password: passwordOf(username), role: 'supervisor' })),
  });
  for (const username of usernames) {
    const watcher = await ApiClient.login(api.baseUrl, username, passwordOf(username));
    for (let count = 0; count < streamsPerUser && streams.length < Number(values.streams); count++) {
      streams.push(await StreamClient.open(watcher, ['queues', 'agents', 'contacts']));
    }
  }
  await call(sippScenarios.callerHangsUp, callsPerSecond * (seconds + 5), callsPerSecond);

  const askedMs: number[] = [];
  const askedMsOf = new Map(paths.map((path) => [path, [] as number[]]));
  const began = Date.now();
  const isOver = () => Date.now() - began > seconds * 1_000;
  const client = async (index: number): Promise<void> => {
    // They do not all ask in the same instant.
    await wait((index * clientPauseMs) / Number(values.clients));
    const own = new ApiClient(api.baseUrl, api.cookie);
    for (let turn = index; !isOver(); turn++) {
      const asked = performance.now();
      const path = paths[turn % paths.length] ?? '/calls';
      await own.request('GET', path);
      const tookMs = performance.now() - asked;
      askedMs.push(tookMs);
      askedMsOf.get(path)?.push(tookMs);
      await wait(clientPauseMs);
    }
  };
  await Promise.all(Array.from({ length: Number(values.clients) }, (_, index) => client(index)));

  const events = streams.map(({ messages }) =>
    messages.filter(({ type, at }) => type !== 'snapshot' && type !== 'subscribed' && Date.parse(at) > began),
  );
  const delaysMs = events.flat().map(({ at, receivedAtMs }) => receivedAtMs - Date.parse(at));
  const most = Math.max(...events.map(({ length }) => length));
  console.log(
    `${askedMs.length} requests of ${values.clients} clients, ${delaysMs.length} messages to ${streams.length} streams`,
  );
  printFigure('answer of the API, p50', percentile(askedMs, 0.5), 'ms');
  printFigure('answer of the API, p95', percentile(askedMs, 0.95), 'ms', 'wanted: under 50');
  for (const [path, tookMs] of askedMsOf) printFigure(`  ${path}, p95`, percentile(tookMs, 0.95), 'ms');
  printFigure('from event to its message at a client, p50', percentile(delaysMs, 0.5), 'ms');
  printFigure(
    'from event to its message at a client, p99',
    percentile(delaysMs, 0.99),
    'ms',
    'wanted: under 100',
  );
  // The last messages may be on their way to some of them.
  printFigure(
    'streams that fell behind',
    events.filter(({ length }) => length < most - 20).length,
    '',
    'wanted: 0',
  );
} finally {
  for (const stream of streams) stream.close();
  for (const caller of callers) await caller.kill();
  await company.close();
}
