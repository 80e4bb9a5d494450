import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MediaClient, MediaError } from './client.ts';
import { Liveness } from './liveness.ts';
import type { PacketPathChoice } from './process/open-packets.ts';
import { type MediaSettings, settingsToArguments } from './process/settings.ts';
import type { HelloResult } from './protocol.ts';
import { SpareProcess, startMediaProcess } from './spare-process.ts';

export interface MediaSupervisorOptions {
  /** Media processes to keep running, 1–64; one per core that calls may use. */
  processCount: number;
  /** Sockets and logs of the processes lie in `<dataDirectory>/media`, which is created with mode 0700. */
  dataDirectory: string;
  /** IPv4 address that legs are bound to unless `leg.allocate` names another. */
  bindAddress: string;
  /** `CROSSPOINT_RTP_PORT_MIN` and `_MAX`; divided evenly among the processes. */
  rtpPortMin: number;
  rtpPortMax: number;
  packets?: PacketPathChoice;
  rtpTimeoutSeconds?: number;
  soundTimeoutSeconds?: number;
  orphanExitSeconds?: number;
  orphanLegSilenceSeconds?: number;
  /** How often each process is asked whether it runs; one that misses four times is killed. Default 1,000 ms. */
  askEveryMs?: number;
  /** Events of the processes wait until each client's `deliver()`. */
  holdEvents?: boolean;
  log?: (message: string) => void;
}

/** One media process as the control process sees it. */
export interface MediaNode {
  readonly index: number;
  readonly client: MediaClient;
}

export interface MediaSupervisorEvents {
  /** A process was found running (`adopted`: its legs and recordings are in `hello`) or was started. */
  up: (node: MediaNode, hello: HelloResult, adopted: boolean) => void;
  /** A process died: every leg of it is gone. A new one is being started. */
  down: (node: MediaNode, reason: string) => void;
}

/** A process that ends is noticed at once; this one hangs, or its machine is very busy. */
const startTimeoutMs = 60_000;
const startPollMs = 40;
/** The first replacement starts at once: people wait for their sound. */
const restartMinMs = 0;
/** Where another process takes the calls over, that has the processor first: a start keeps a core busy for a second. */
const restartBesideOthersMs = 500;
const restartStepMs = 100;
const restartMaxMs = 10_000;
/** A process that lived so long has its back-off forgiven. */
const stableMs = 30_000;
const stopTimeoutMs = 5_000;
const endPollMs = 20;
/**
 * Keeps the media processes running. They are detached: when the control process dies they go on, and the next
 * one finds them by their sockets and adopts them. A process that dies is replaced after a growing pause.
 */
export class MediaSupervisor {
  readonly nodes: readonly MediaNode[];
  readonly #options: MediaSupervisorOptions;
  readonly #directory: string;
  readonly #events: MediaSupervisorEvents;
  readonly #keepers: NodeKeeper[];
  readonly #spare: SpareProcess;

  /** @param events `down` and `up` are called for each process; after `start()` also for every restart */
  constructor(options: MediaSupervisorOptions, events: Partial<MediaSupervisorEvents> = {}) {
    const { processCount } = options;
    if (!Number.isInteger(processCount) || processCount < 1 || processCount > 64) {
      throw new RangeError(`processCount: a whole number of 1–64 is wanted, not ${processCount}`);
    }
    this.#options = options;
    this.#directory = join(options.dataDirectory, 'media');
    this.#spare = new SpareProcess(this.#directory);
    this.#events = { up: () => undefined, down: () => undefined, ...events };
    this.#keepers = Array.from({ length: processCount }, (_, index) => this.#keeper(index));
    this.nodes = this.#keepers.map((keeper) => keeper.node);
  }

  /** Adopts what runs and starts the rest; resolves when all are ready, rejects when one cannot be started. */
  async start(): Promise<void> {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    await Promise.all(this.#keepers.map((keeper) => keeper.start()));
  }

  /** Lets go of the processes without ending them: calls go on until another control process adopts them. */
  detach(): void {
    this.#spare.end();
    for (const keeper of this.#keepers) keeper.detach();
  }

  /** There is something to lose: the next process that dies is followed at once by one that is loaded already. */
  keepSpare(): void {
    this.#spare.keep();
  }

  /** Ends every process in order: recordings are completed, legs released. */
  async stop(): Promise<void> {
    this.#spare.end();
    await Promise.all(this.#keepers.map((keeper) => keeper.stop()));
  }

  #keeper(index: number): NodeKeeper {
    const { processCount, rtpPortMin, rtpPortMax, ...options } = this.#options;
    // Each share begins with an even port, so that no RTCP port reaches into the next share.
    const share = Math.floor((rtpPortMax - rtpPortMin + 1) / processCount / 2) * 2;
    if (share < 2) {
      const range = `${rtpPortMin}–${rtpPortMax}`;
      throw new RangeError(
        `CROSSPOINT_RTP_PORT_MIN … _MAX: ${range} is too small for ${processCount} media processes`,
      );
    }
    const first = rtpPortMin + (rtpPortMin & 1) + index * share;
    const settings: MediaSettings = {
      socketPath: join(this.#directory, `media-${index}.sock`),
      bindAddress: options.bindAddress,
      rtpPortMin: first,
      rtpPortMax: Math.min(rtpPortMax, first + share - 1),
      packets: options.packets ?? 'auto',
      rtpTimeoutSeconds: options.rtpTimeoutSeconds ?? 10,
      soundTimeoutSeconds: options.soundTimeoutSeconds ?? 60,
      orphanExitSeconds: options.orphanExitSeconds ?? 60,
      orphanLegSilenceSeconds: options.orphanLegSilenceSeconds ?? 600,
    };
    const isAlone = (): boolean => !this.nodes.some(({ client }) => client.isConnected);
    return new NodeKeeper(index, this.#directory, settings, this.#events, {
      ...options,
      isAlone,
      spare: this.#spare,
    });
  }
}

interface KeeperOptions extends Pick<MediaSupervisorOptions, 'log' | 'holdEvents' | 'askEveryMs'> {
  spare: SpareProcess;
  /** No other process is there to take calls over. */
  isAlone: () => boolean;
}

/** Looks after one media process. */
class NodeKeeper {
  readonly node: MediaNode;
  readonly #settings: MediaSettings;
  readonly #directory: string;
  readonly #logPath: string;
  readonly #events: MediaSupervisorEvents;
  readonly #log: (message: string) => void;
  readonly #isAlone: () => boolean;
  readonly #spare: SpareProcess;
  readonly #liveness: Liveness;
  #child: ChildProcess | undefined;
  #processId: number | undefined;
  #upSinceMs = 0;
  #restartDelayMs = restartMinMs;
  #restartTimer: NodeJS.Timeout | undefined;
  #isStopping = false;
  #isStarting = false;

  constructor(
    index: number,
    directory: string,
    settings: MediaSettings,
    events: MediaSupervisorEvents,
    { log = () => undefined, holdEvents = false, askEveryMs, isAlone, spare }: KeeperOptions,
  ) {
    const client = new MediaClient({
      socketPath: join(directory, `media-${index}.sock`),
      holdEvents,
    });
    this.node = { index, client };
    this.#settings = settings;
    this.#directory = directory;
    this.#logPath = join(directory, `media-${index}.log`);
    this.#events = events;
    this.#log = log;
    this.#isAlone = isAlone;
    this.#spare = spare;
    this.#liveness = new Liveness(client, (silentForMs) => this.#hangs(silentForMs), askEveryMs);
    client.on('connected', ({ hello }) => {
      this.#processId = hello.processId;
      this.#upSinceMs = performance.now();
      this.#liveness.watch();
    });
    client.on('disconnected', ({ reason }) => {
      this.#liveness.end();
      this.#lost(reason);
    });
  }

  async start(): Promise<void> {
    this.#isStarting = true;
    try {
      const adopted = await this.#connect();
      const hello = adopted ?? (await this.#spawn());
      this.#log(
        `media process ${this.node.index} ${adopted === undefined ? 'started' : 'adopted'} (${hello.processId})`,
      );
      this.#events.up(this.node, hello, adopted !== undefined);
    } finally {
      this.#isStarting = false;
    }
  }

  detach(): void {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    this.node.client.close();
    this.#child?.unref();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    // A process that another control process has taken over is no longer ours to end.
    const processId = this.node.client.isSuperseded ? undefined : this.#processId;
    try {
      if (this.node.client.isConnected) await this.node.client.shutdown();
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      this.#log(`media process ${this.node.index} did not end in order: ${error.message}`);
    }
    this.node.client.close();
    if (processId !== undefined && !(await this.#ends(processId, stopTimeoutMs))) {
      this.#log(`media process ${this.node.index} is killed: it did not end within ${stopTimeoutMs} ms`);
      kill(processId, 'SIGKILL');
    }
  }

  /** Waits for the end of the process, our own child or an adopted one; false when it goes on. */
  async #ends(processId: number, timeoutMs: number): Promise<boolean> {
    const child = this.#child?.pid === processId ? this.#child : undefined;
    const hasEnded = (): boolean =>
      child === undefined ? !isRunning(processId) : child.exitCode !== null || child.signalCode !== null;
    const deadlineMs = performance.now() + timeoutMs;
    while (!hasEnded() && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, endPollMs));
    }
    return hasEnded();
  }

  /** Hello of a process that answers, or undefined when none does. */
  async #connect(): Promise<HelloResult | undefined> {
    try {
      return await this.node.client.connect();
    } catch (error) {
      if (error instanceof MediaError && error.code === 'disconnected') return undefined;
      throw error;
    }
  }

  async #spawn(): Promise<HelloResult> {
    const args = this.#arguments();
    const options = { directory: this.#directory, logPath: this.#logPath, input: 'ignore' } as const;
    const child = this.#spare.take(args) ?? startMediaProcess(args, options);
    this.#child = child;
    let failure: string | undefined;
    child.once('error', (error) => {
      failure = error.message;
    });
    child.once('exit', (code, signal) => {
      failure = `exit code ${code ?? signal}`;
    });
    const deadlineMs = performance.now() + startTimeoutMs;
    while (failure === undefined && performance.now() < deadlineMs && !this.#isStopping) {
      await new Promise((resolve) => setTimeout(resolve, startPollMs));
      const hello = await this.#connect();
      if (hello !== undefined) return hello;
    }
    kill(child.pid, 'SIGKILL');
    const why = failure ?? `not ready within ${startTimeoutMs} ms`;
    throw new Error(`media process ${this.node.index} cannot be started: ${why}; see ${this.#logPath}`);
  }

  /** Telephones still send to the ports of a process that died: its successor begins with others. */
  #arguments(): string[] {
    const { rtpPortMin, rtpPortMax } = this.#settings;
    if (this.#processId === undefined) return settingsToArguments(this.#settings);
    return settingsToArguments({ ...this.#settings, rtpPortFirst: randomInt(rtpPortMin, rtpPortMax + 1) });
  }

  /** The connection ended: by a hiccup, after which hello works again, or by a dead process, which is replaced. */
  #lost(reason: string): void {
    if (this.#isStopping || this.#isStarting) return;
    if (this.node.client.isSuperseded) {
      this.#log(
        `media process ${this.node.index} was taken over by another control process; it is left alone`,
      );
      return;
    }
    this.#isStarting = true;
    this.#isBack().then(
      (isBack) => {
        this.#isStarting = false;
        if (isBack || this.#isStopping) return;
        this.#events.down(this.node, reason);
        if (performance.now() - this.#upSinceMs > stableMs) this.#restartDelayMs = restartMinMs;
        this.#scheduleRestart();
      },
      (error: unknown) => {
        this.#isStarting = false;
        this.#log(`media process ${this.node.index}: ${String(error)}`);
      },
    );
  }

  /** Its calls are silent and would stay so. One that waits for a disk does not even die: its calls go on elsewhere all the same. */
  #hangs(silentForMs: number): void {
    if (this.#isStopping) return;
    const reason = `it has not answered for ${silentForMs} ms`;
    this.#log(`media process ${this.node.index} is killed: ${reason}`);
    kill(this.#processId, 'SIGKILL');
    this.node.client.abandon(reason);
  }

  async #isBack(): Promise<boolean> {
    try {
      await this.node.client.connect();
      return true;
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      // It accepts but does not answer: it hangs, and calls on it are silent. End it so that it can be replaced.
      if (error.code === 'timeout') kill(this.#processId, 'SIGKILL');
      return false;
    }
  }

  #scheduleRestart(): void {
    const isCheap = this.#spare.isThere || this.#isAlone();
    const delayMs = Math.max(this.#restartDelayMs, isCheap ? 0 : restartBesideOthersMs);
    this.#log(`media process ${this.node.index} is gone; a new one starts in ${delayMs} ms`);
    this.#restartTimer = setTimeout(() => {
      if (this.#isStarting || this.#isStopping) return;
      this.start().catch((error: unknown) => {
        this.#log(error instanceof Error ? error.message : String(error));
        if (!this.#isStopping) this.#scheduleRestart();
      });
    }, delayMs);
    this.#restartDelayMs = Math.min(Math.max(restartStepMs, this.#restartDelayMs * 2), restartMaxMs);
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return process.platform !== 'linux' || !isZombie(processId);
}

/** An adopted process that ended stays in the process table when process 1 of a container does not reap. */
function isZombie(processId: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${processId}/stat`, 'latin1').replace(/^.*\)/s, ' '));
  } catch {
    // The entry is gone: it has just been reaped.
    return true;
  }
}

function kill(processId: number | undefined, signal: NodeJS.Signals): void {
  if (processId === undefined) return;
  try {
    process.kill(processId, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
