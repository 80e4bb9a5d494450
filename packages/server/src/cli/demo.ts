import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Permission } from '@crosspoint/contracts';
import {
  type Database,
  INSTALLATION_DIR,
  type Log,
  lowerPriority,
  PlatformError,
  type RunningServer,
  type Settings,
} from '../platform/index.ts';
import { issueTemporaryKey } from './temporary-key.ts';

/**
 * What the demo company does over the API: found itself, see which of its callers an agent has taken, and keep its books: shifts,
 * promised calls, judged conversations.
 */
const scopes: Permission[] = [
  'configuration.read',
  'configuration.write',
  'reason-codes.read',
  'contacts.read',
  'stream.subscribe',
  'agents.read',
  'queues.read',
  'schedules.read',
  'schedules.write',
  'callbacks.write',
  'scorecards.read',
  'evaluations.write',
];
/** A little longer than the company is open, in case that a crash leaves the key behind. */
const keyLifetimeMs = 10 * 3_600_000;
const keyName = 'Demo company';
const stopTimeoutMs = 5_000;
/** Of the simulator, a room that the server never imports: it is another program. */
const programFile = join(INSTALLATION_DIR, 'packages/sim/src/demo/main.ts');

export interface DemoContext {
  settings: Settings;
  log: Log;
  database: Database;
  server: RunningServer;
}

/**
 * Runs the demo company beside the server, as a process of its own that ends with the pipe between them, also when
 * this process is killed. Its API key goes through that pipe and is deleted when it stops.
 *
 * @returns the function that stops it.
 * @throws {PlatformError} when the simulator is not part of this installation.
 */
export async function openDemo({
  settings,
  log,
  database,
  server,
}: DemoContext): Promise<() => Promise<void>> {
  if (!existsSync(programFile)) {
    throw new PlatformError(
      'command-unavailable',
      `The demo company is not part of this installation: ${programFile} does not exist.`,
      'Start without --demo, or from a complete checkout.',
    );
  }
  const key = await issueTemporaryKey(database, { name: keyName, scopes, lifetimeMs: keyLifetimeMs });
  const child = spawn(process.execPath, [programFile], {
    // Of the environment only what Node itself uses: settings and secrets of the server are no business of the demo.
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C in the terminal is for the server alone, which then stops the demo in order.
    detached: true,
  });
  lowerPriority(child);
  let isClosing = false;
  const exited = new Promise<void>((resolve) => {
    const settle = (): void => {
      if (!isClosing) log.warn('the demo company has ended; the server goes on without it');
      resolve();
    };
    child.once('exit', settle);
    child.once('error', (error) => {
      log.error({ err: error }, 'the demo company could not be started');
      settle();
    });
  });
  // It may end at any time; then there is nobody to write to.
  child.stdin.on('error', () => undefined);
  forwardReports(child, log);
  const { console: consoleUrl, sip } = server.addresses;
  const handover = {
    baseUrl: localUrl(consoleUrl),
    sip: localSip(sip),
    apiKey: key.secret,
    stateDir: join(settings.dataDir, 'demo'),
  };
  child.stdin.write(`${JSON.stringify(handover)}\n`);
  return async () => {
    isClosing = true;
    child.stdin.end();
    const impatience = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exited;
    clearTimeout(impatience);
    await key.remove();
  };
}

/** What the demo has to say, one line of JSON each, goes to the log of the server. */
function forwardReports(child: ChildProcess, log: Log): void {
  if (child.stdout === null) return;
  const levels = ['debug', 'info', 'warn', 'error'] as const;
  createInterface({ input: child.stdout }).on('line', (line) => {
    try {
      const report = JSON.parse(line) as { level: unknown; message: unknown };
      const level = levels.find((known) => known === report.level) ?? 'info';
      log[level](String(report.message));
    } catch {
      log.info({ line }, 'the demo company said something else');
    }
  });
}

/** The address of this machine itself where the server listens on every interface. */
function localHost(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}

function localUrl(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = localHost(hostname.replace(/^\[|\]$/g, ''));
  return `${protocol}//${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function localSip(hostAndPort: string): { address: string; port: number } {
  const colon = hostAndPort.lastIndexOf(':');
  const host = hostAndPort.slice(0, colon).replace(/^\[|\]$/g, '');
  return { address: localHost(host), port: Number(hostAndPort.slice(colon + 1)) };
}
