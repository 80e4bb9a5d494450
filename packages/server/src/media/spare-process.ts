import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spareOption } from './process/settings.ts';

/**
 * The packet path makes next to no garbage: a small young generation and one helper thread are enough. How soon it is compiled is
 * said by `compiler.ts`.
 */
export const mediaNodeOptions = ['--max-semi-space-size=2', '--v8-pool-size=1'];
const mainPath = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Starts a media process that outlives this one. What it prints goes to that file. */
export function startMediaProcess(
  args: readonly string[],
  { directory, logPath, input }: { directory: string; logPath: string; input: 'ignore' | 'pipe' },
): ChildProcess {
  const output = openSync(logPath, 'a', 0o600);
  const child = spawn(process.execPath, [...mediaNodeOptions, mainPath, ...args], {
    detached: true,
    stdio: [input, output, output],
    // Compiled code is kept, so that a start need not load the type stripper: 34 MB and half a second less.
    env: { NODE_COMPILE_CACHE: join(directory, 'code-cache'), ...process.env },
  });
  closeSync(output);
  // The process lives on its own; it must not keep the control process from ending.
  child.unref();
  return child;
}

/** A media process with the program loaded that waits to take the place of one that dies, which saves most of a start. */
export class SpareProcess {
  readonly #directory: string;
  readonly #logPath: string;
  #child: ChildProcess | undefined;

  /** @param directory where sockets and logs of media processes are */
  constructor(directory: string) {
    this.#directory = directory;
    this.#logPath = join(directory, 'media-spare.log');
  }

  get isThere(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts one where there is none. */
  keep(): void {
    if (this.isThere) return;
    const child = this.#start();
    if (child === undefined) return;
    // One that could not be started, or ended, is not there; whoever needs it starts another one.
    child.on('error', () => this.#forget(child));
    child.stdin?.on('error', () => this.#forget(child));
    (child.stdin as { unref?: () => void } | null)?.unref?.();
    this.#child = child;
  }

  /** Lets it begin as a media process with these options, and gives it away; undefined when there is none. */
  take(args: readonly string[]): ChildProcess | undefined {
    const child = this.isThere ? this.#child : undefined;
    this.#child = undefined;
    child?.stdin?.end(args.join('\n'));
    return child;
  }

  /** Ends it: it waits for nothing any more. */
  end(): void {
    this.#child?.stdin?.destroy();
    this.#child = undefined;
  }

  #start(): ChildProcess | undefined {
    try {
      const options = { directory: this.#directory, logPath: this.#logPath, input: 'pipe' } as const;
      return startMediaProcess([spareOption], options);
    } catch {
      // A full disk has no room for its log, for instance. Without one, a process that dies is followed by one that has to be loaded.
      return undefined;
    }
  }

  #forget(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
  }
}
