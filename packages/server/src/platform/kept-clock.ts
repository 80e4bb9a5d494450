import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { CentreClock } from './clock.ts';

const Kept = z.object({ boot: z.string().min(1), offsetMs: z.number() });
const fileName = 'clock.json';
const privately = { mode: 0o600 };

/** Tells one start of the machine from another: the time that has passed is counted from there. Empty where nobody tells. */
function bootName(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Milliseconds since the machine was started, which every process sees alike. */
const sinceBootMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/**
 * While the clock of the calls differs from that of the machine, a file tells by how much: a process that takes up the calls of
 * another one goes on in the same time.
 */
export class KeptClock {
  readonly #path: string;
  readonly #clock: CentreClock;
  #isKept = false;

  constructor(dataDir: string, clock: CentreClock) {
    this.#path = join(dataDir, fileName);
    this.#clock = clock;
  }

  /** Before the first call is taken up. What an older start of the machine left says nothing. */
  resume(): void {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      return;
    }
    this.#isKept = true;
    const kept = Kept.safeParse(parsed(text));
    if (kept.success && kept.data.boot === bootName()) this.#clock.resume(kept.data.offsetMs + sinceBootMs());
  }

  keep(isAnother: boolean): void {
    const boot = isAnother ? bootName() : '';
    if (boot === '' && !this.#isKept) return;
    try {
      if (boot === '') rmSync(this.#path, { force: true });
      else
        writeFileSync(
          this.#path,
          JSON.stringify({ boot, offsetMs: this.#clock.now() - sinceBootMs() }),
          privately,
        );
    } catch {
      // A full disk is told elsewhere. Without the file the next process goes by the machine's clock.
    }
    this.#isKept = boot !== '';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
