import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from '@crosspoint/sim/phones';
import { freeTcpPort } from '../ports.ts';
import { processTree, signal } from '../product/processes.ts';
import { until } from '../wait.ts';

const debianFolder = '/usr/lib/postgresql';
const password = 'end-to-end';

/**
 * A PostgreSQL server of the system, as an operator would run one beside the product: on TCP, with a password, in a
 * folder of its own that is removed afterwards. PostgreSQL refuses to run as root; then it runs as `postgres`.
 */
export class PostgresServer {
  readonly url: string;
  readonly #folder: string;
  readonly #begin: () => ChildProcess;
  #child: ChildProcess;
  #exited: Promise<void>;

  private constructor(url: string, folder: string, begin: () => ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#begin = begin;
    this.#child = begin();
    this.#exited = closed(this.#child);
  }

  static async start(): Promise<PostgresServer> {
    const binaries = join(newestVersion(), 'bin');
    const account = process.getuid?.() === 0 ? accountOf('postgres') : undefined;
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-postgres-'));
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password);
    if (account !== undefined)
      for (const path of [folder, passwordFile]) chownSync(path, account.uid, account.gid);
    const data = join(folder, 'data');
    const port = await freeTcpPort();
    const options = { cwd: folder, ...account };
    execFileSync(
      join(binaries, 'initdb'),
      [
        '-D',
        data,
        '-U',
        'crosspoint',
        '-A',
        'scram-sha-256',
        `--pwfile=${passwordFile}`,
        '-E',
        'UTF8',
        '--locale=C',
      ],
      { ...options, stdio: 'pipe' },
    );
    const begin = () =>
      spawn(
        join(binaries, 'postgres'),
        ['-D', data, '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-p', String(port), '-c', 'fsync=off'],
        { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
      );
    const url = `postgresql://crosspoint:${password}@127.0.0.1:${port}/postgres`;
    const server = new PostgresServer(url, folder, begin);
    try {
      await server.#accepts();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Runs statements as the superuser, whom no row-level security holds; throws what the server says. */
  run(statements: string): void {
    execFileSync(
      join(newestVersion(), 'bin', 'psql'),
      [this.url, '-q', '-v', 'ON_ERROR_STOP=1', '-c', statements],
      {
        stdio: 'pipe',
      },
    );
  }

  /** The server and everything that it serves falls silent. Returns what lets it go on. */
  pause(): () => void {
    const pids = processTree(this.#child.pid ?? 0).map(({ pid }) => pid);
    for (const pid of pids) signal(pid, 'SIGSTOP');
    return () => {
      for (const pid of pids) signal(pid, 'SIGCONT');
    };
  }

  /** As `pg_ctl restart -m` does it: connections are ended at once, after `immediate` without a checkpoint. */
  async restart(mode: 'fast' | 'immediate'): Promise<void> {
    this.#child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await this.#exited;
    this.#child = this.#begin();
    this.#exited = closed(this.#child);
    await this.#accepts();
  }

  async #accepts(): Promise<void> {
    let log = '';
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-50_000);
    });
    await until('PostgreSQL to accept connections', () => log.includes('ready to accept connections'), {
      seen: () => log,
    });
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    try {
      await within('PostgreSQL to stop', 10_000, this.#exited);
    } finally {
      this.#child.kill('SIGKILL');
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }
}

function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
  });
}

function newestVersion(): string {
  const versions = readdirSync(debianFolder).filter((name) => /^\d+$/.test(name));
  const newest = versions.toSorted((a, b) => Number(a) - Number(b)).at(-1);
  if (newest === undefined) throw new Error(`There is no PostgreSQL in ${debianFolder}.`);
  return join(debianFolder, newest);
}

function accountOf(name: string): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`There is no account "${name}".`);
  return { uid: Number(uid), gid: Number(gid) };
}
