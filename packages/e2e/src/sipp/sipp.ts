import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { within } from '@crosspoint/sim/phones';
import { freeUdpPort } from '../ports.ts';
import { nudgeMethod } from './scenarios.ts';

export type SippOptions = {
  scenario: string;
  server: { address: string; port: number };
  /** Number or user that is called or registered. */
  service: string;
  /** How many calls in all; 1 by default. */
  calls?: number;
  /** New calls per second; all at once by default. */
  callsPerSecond?: number;
  /** Length of each pause of the scenario; 1,000 by default. */
  pauseMs?: number;
  /** Its own SIP port; without it sipp takes 5060 when that is free. */
  port: number;
  transport?: 'udp' | 'tcp';
  /** Sends back the sound that it gets; else it sends none. */
  isEcho?: boolean;
  timeoutMs?: number;
};

export type SippResult = { successful: number; failed: number; errors: string };

/** By number of the call and process. */
const callId = '%u-%p@sipp.test';

/** One run of sipp: the standard load generator, a user agent that was not written here. */
export class Sipp {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #result: Promise<SippResult>;
  readonly #timeoutMs: number;
  readonly #port: number;
  #nudges = 0;

  /** Starts it on a free port, unless one is named. */
  static async start(options: Omit<SippOptions, 'port'> & { port?: number }): Promise<Sipp> {
    return new Sipp({ ...options, port: options.port ?? (await freeUdpPort()) });
  }

  private constructor(options: SippOptions) {
    const { server, calls = 1, callsPerSecond = calls, pauseMs = 1_000, timeoutMs = 60_000 } = options;
    this.#timeoutMs = timeoutMs;
    this.#port = options.port;
    this.#folder = mkdtempSync(join(tmpdir(), 'crosspoint-sipp-'));
    const file = (name: string): string => join(this.#folder, name);
    writeFileSync(file('scenario.xml'), options.scenario);
    const args = [
      ...[`${server.address}:${server.port}`, '-sf', file('scenario.xml'), '-s', options.service],
      ...['-i', '127.0.0.1', '-mi', '127.0.0.1', '-t', options.transport === 'tcp' ? 't1' : 'u1'],
      ...['-m', String(calls), '-l', String(calls), '-r', String(callsPerSecond), '-d', String(pauseMs)],
      ...['-trace_err', '-error_file', file('errors'), '-trace_stat', '-stf', file('statistics'), '-fd', '1'],
      ...['-nostdin', '-timeout', `${Math.ceil(timeoutMs / 1000)}s`, '-timeout_error'],
      ...['-p', String(options.port), '-cid_str', callId],
      ...(options.isEcho === true ? ['-rtp_echo'] : []),
    ];
    // It draws a screen that nobody looks at.
    this.#child = spawn('sipp', args, {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, TERM: 'dumb' },
    });
    this.#result = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', () => resolve(this.#read()));
    });
    // Whoever does not wait for the result learns of a failure by what the product did not do.
    this.#result.catch(() => undefined);
  }

  /** Waits until all calls are over. */
  async finished(): Promise<SippResult> {
    try {
      return await within('sipp to finish', this.#timeoutMs + 5_000, this.#result);
    } finally {
      this.#cleanUp();
    }
  }

  /** Makes its first call go on with what its scenario does next: a request of that call, which the product has no part in. */
  async nudge(): Promise<void> {
    this.#nudges += 1;
    const request = [
      `${nudgeMethod} sip:127.0.0.1:${this.#port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKnudge${this.#nudges}`,
      'From: <sip:test@127.0.0.1>;tag=1',
      'To: <sip:sipp@127.0.0.1>',
      `Call-ID: ${callId.replace('%u', '1').replace('%p', String(this.pid))}`,
      `CSeq: ${this.#nudges} ${nudgeMethod}`,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n');
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.send(request, this.#port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    }).finally(() => socket.close());
  }

  /** Ends it at once, whatever its calls are doing: a phone that vanishes. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
    await within('sipp to be gone', 10_000, this.#result);
    this.#cleanUp();
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('sipp could not be started.');
    return this.#child.pid;
  }

  #read(): SippResult {
    const text = (name: string): string => {
      try {
        return readFileSync(join(this.#folder, name), 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
        throw error;
      }
    };
    const lines = text('statistics').trim().split('\n');
    const names = (lines[0] ?? '').split(';');
    const values = (lines.at(-1) ?? '').split(';');
    const count = (name: string): number => Number(values[names.indexOf(name)] ?? 0);
    return {
      successful: count('SuccessfulCall(C)'),
      failed: count('FailedCall(C)'),
      errors: text('errors').slice(0, 4_000),
    };
  }

  #cleanUp(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
