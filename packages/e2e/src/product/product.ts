import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ApiClient } from '../api/index.ts';
import { patienceMs, within } from '@crosspoint/sim/phones';
import { slowWorldArguments } from '../slow/world.ts';
import { until } from '../wait.ts';
import { allProcesses, processTree, signal, type ProcessInfo } from './processes.ts';

export const checkoutDir = resolve(import.meta.dirname, '../../../..');
export const adminPassword = 'end-to-end-admin-password';
/** As `npm start` runs the server: see `scripts/lib/node24.mjs`. */
const serverNodeOptions = JSON.parse(
  readFileSync(join(checkoutDir, 'packages/server/node-options.json'), 'utf8'),
) as string[];
/** As `npm start` sets it. */
const compileCacheDir = join(checkoutDir, 'node_modules/.crosspoint/compile-cache');
const superviseFile = join(checkoutDir, 'scripts/supervise.sh');
const mainFile = join(checkoutDir, 'packages/server/src/cli/main.ts');
const outputMaxChars = 2_000_000;
/** A second on a machine that is idle; minutes on one that does ten other things, with nothing compiled yet. */
const startTimeoutMs = 540_000;
/** A command takes a second; it reads as many modules as the server does. */
const cliTimeoutMs = 240_000;

export type SocketAddress = { address: string; port: number };

export type ProductOptions = {
  /** Settings as environment variables; they win over those of the harness. */
  env?: Readonly<Record<string, string>>;
  /** Arguments of `crosspoint start`. */
  args?: readonly string[];
  /** An existing folder; it is then left alone by `dispose`. */
  dataDir?: string;
  /** Under `scripts/supervise.sh`, as `npm start` runs it. Its ports are to be given in `env`, or each run has others. */
  isSupervised?: boolean;
  /** The data directory of a product that has ended, to begin with a copy of it. */
  template?: string;
};

/** What a command-line run came to. */
export type CliResult = { code: number; output: string };

/**
 * The product as a person runs it: a child process started from this checkout on free ports of the loopback
 * interface, with a data directory of its own.
 */
export class Product {
  readonly dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #args: readonly string[];
  readonly #ownsDataDir: boolean;
  readonly #isSupervised: boolean;
  #child: ChildProcess | undefined;
  #exited: Promise<number | null> = Promise.resolve(null);
  #output = '';
  #httpPort = 0;
  #sipPort = 0;

  private constructor(options: ProductOptions) {
    this.#ownsDataDir = options.dataDir === undefined;
    this.dataDir = options.dataDir ?? makeDataDir(options.template);
    this.#env = options.env ?? {};
    this.#args = options.args ?? [];
    this.#isSupervised = options.isSupervised ?? false;
  }

  /** Starts a product and waits until it is ready. */
  static async start(options: ProductOptions = {}): Promise<Product> {
    const product = new Product(options);
    try {
      await product.start();
      return product;
    } catch (error) {
      await product.dispose();
      throw error;
    }
  }

  /** Starts again after `stop` or `kill`, on the same ports, so that phones find it where it was. */
  async start(): Promise<void> {
    this.#output = '';
    const slow = slowWorldArguments(process.env);
    const server = [process.execPath, ...serverNodeOptions, ...slow, mainFile, 'start', ...this.#args];
    const [program = '', ...args] = this.#isSupervised ? [superviseFile, ...server] : server;
    const child = spawn(program, args, {
      cwd: checkoutDir,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-outputMaxChars);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#exited = new Promise((settle) => {
      child.once('close', settle);
    });
    await until(
      'the product to be ready',
      async () => {
        if (!this.isRunning) {
          throw new Error(`The product ended with ${child.exitCode ?? child.signalCode}:\n${this.#output}`);
        }
        return this.#readAddresses() && (await this.isReady());
      },
      { timeoutMs: startTimeoutMs, seen: () => this.#output.slice(-4000) },
    );
  }

  /** The environment in which this product and its commands run. */
  environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !name.startsWith('CROSSPOINT_') && !name.startsWith('VITEST') && name !== 'NODE_ENV',
    );
    return {
      ...Object.fromEntries(inherited),
      NO_COLOR: '1',
      NODE_COMPILE_CACHE: compileCacheDir,
      CROSSPOINT_DATA_DIR: this.dataDir,
      CROSSPOINT_HTTP_PORT: String(this.#httpPort),
      CROSSPOINT_SIP_PORT: String(this.#sipPort),
      CROSSPOINT_MEDIA_PROCESSES: '1',
      CROSSPOINT_ADMIN_PASSWORD: adminPassword,
      ...this.#env,
    };
  }

  /** Everything printed since the last start, newest two million characters. */
  get output(): string {
    return this.#output;
  }

  /** What the media processes printed, newest part of each. */
  get mediaOutput(): string {
    const folder = join(this.dataDir, 'media');
    const logs = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.log')) : [];
    return logs.map((name) => readFileSync(join(folder, name), 'utf8').slice(-10_000)).join('');
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#httpPort}`;
  }

  get sip(): SocketAddress {
    return { address: '127.0.0.1', port: this.#sipPort };
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('The product has not been started.');
    return this.#child.pid;
  }

  /** The server itself, also under a supervisor; undefined while there is none. A spare is younger, and looks like it until it has begun. */
  get serverPid(): number | undefined {
    return processTree(this.pid)
      .filter(({ commandLine }) => commandLine.includes(mainFile) && !commandLine.includes(superviseFile))
      .toSorted((a, b) => a.startedAtMs - b.startedAtMs)
      .at(0)?.pid;
  }

  /** A client that is logged in as `admin`. */
  api(): Promise<ApiClient> {
    return ApiClient.login(this.httpUrl, 'admin', adminPassword);
  }

  /** Runs `crosspoint <args>` against this product to its end. */
  async cli(...args: string[]): Promise<CliResult> {
    const child = spawn(process.execPath, [mainFile, ...args], {
      cwd: checkoutDir,
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-outputMaxChars);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const closed = new Promise<number | null>((settle) => {
      child.once('close', settle);
    });
    try {
      return { code: (await within(`crosspoint ${args.join(' ')}`, cliTimeoutMs, closed)) ?? -1, output };
    } finally {
      child.kill('SIGKILL');
    }
  }

  /** `crosspoint apply` of a document, given as YAML text or as a value (JSON is YAML). */
  async apply(document: string | object, ...flags: string[]): Promise<CliResult> {
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-apply-'));
    try {
      const file = join(folder, 'configuration.yaml');
      writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document, undefined, 2));
      return await this.cli('apply', file, ...flags);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Asks it to stop, as Ctrl-C does, and returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child === undefined) return null;
    signal(this.pid, 'SIGTERM');
    return within('the product to stop', patienceMs, this.#exited);
  }

  /** Kills the control process at once. Its media processes and its database are left behind, as in a crash. */
  async kill(): Promise<void> {
    signal(this.pid, 'SIGKILL');
    await within('the killed product to be gone', patienceMs, this.#exited);
  }

  /** Waits until the process has ended by itself. */
  exited(timeoutMs = patienceMs): Promise<number | null> {
    return within('the product to end', timeoutMs, this.#exited);
  }

  /** The control process, its media processes and its database, whoever their parents are by now. */
  processes(): ProcessInfo[] {
    const child = this.#child?.pid;
    const tree = child === undefined ? [] : processTree(child);
    const known = new Set(tree.map((info) => info.pid));
    // In a folder that is shared with another product nobody can tell whose an orphan is.
    if (!this.#ownsDataDir) return tree;
    const others = allProcesses().filter((info) => !known.has(info.pid) && this.#belongs(info));
    return [...tree, ...others];
  }

  /** Ends whatever is left and removes the data directory. */
  async dispose(): Promise<void> {
    try {
      await this.stop();
    } catch (error) {
      if (this.#child !== undefined) signal(this.pid, 'SIGKILL');
      throw error;
    } finally {
      for (const info of this.processes()) signal(info.pid, 'SIGKILL');
      await until('every process to be gone', () => this.processes().length === 0);
      if (this.#ownsDataDir) rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** A process that outlived its parent is known by its command, its folder, or the log it writes. */
  #belongs(info: ProcessInfo): boolean {
    if (info.pid === process.pid) return false;
    const places = [info.commandLine, linkOf(info.pid, 'cwd'), linkOf(info.pid, 'fd/1')];
    return places.some((place) => place.includes(this.dataDir));
  }

  #readAddresses(): boolean {
    const http = /Console\s+http:\/\/127\.0\.0\.1:(\d+)/.exec(this.#output);
    const sip = /SIP\s+sip:[\d.]+:(\d+)/.exec(this.#output);
    if (http === null || sip === null) return false;
    this.#httpPort = Number(http[1]);
    this.#sipPort = Number(sip[1]);
    return true;
  }

  /** Whether database, media and SIP are up, as `/readyz` tells. */
  async isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.httpUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
      return response.ok;
    } catch (error) {
      // Not listening yet, or not answering yet: the caller asks again until its deadline.
      if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
        return false;
      throw error;
    }
  }
}

/** The database may run under another account, which must be able to pass through, and whose files stay its own. */
function makeDataDir(template: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosspoint-e2e-'));
  if (template !== undefined) execFileSync('cp', ['-a', `${template}/.`, folder]);
  chmodSync(folder, 0o755);
  return folder;
}

/** Where a link below `/proc/<pid>` leads. */
function linkOf(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    // Gone meanwhile, or not ours to look at: either way it is not one of this product's processes.
    return '';
  }
}
