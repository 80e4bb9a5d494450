import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MediaClient, MediaError } from '../client.ts';
import { type MediaSettings, settingsToArguments } from '../process/settings.ts';
import type { Codec, Direction, LegRemoteParams } from '../protocol.ts';
import { mediaNodeOptions } from '../spare-process.ts';
import { TestPhone } from './phone.ts';

const mainPath = fileURLToPath(new URL('../main.ts', import.meta.url));
const payloadTypes: Record<Codec, number> = { PCMU: 0, PCMA: 8, G722: 9, opus: 111 };
const startTimeoutMs = 60_000;

/** A media process of its own with a client, telephones and a folder, all gone after `close()`. */
export class MediaWorld {
  readonly directory = mkdtempSync(join(tmpdir(), 'crosspoint-media-'));
  readonly socketPath = join(this.directory, 'media.sock');
  readonly client: MediaClient;
  #child: ChildProcess | undefined;
  #phones: TestPhone[] = [];
  #clients: MediaClient[] = [];
  #ssrc = 0x1000;

  private constructor() {
    this.client = this.newClient();
  }

  static async open(settings: Partial<MediaSettings> & Pick<MediaSettings, 'packets'>): Promise<MediaWorld> {
    const world = new MediaWorld();
    await world.spawn(settings);
    return world;
  }

  get processId(): number {
    return this.#child?.pid as number;
  }

  newClient(): MediaClient {
    const client = new MediaClient({
      socketPath: this.socketPath,
      reconnectMinMs: 10,
      requestTimeoutMs: 60_000,
    });
    this.#clients.push(client);
    return client;
  }

  /** Starts the process and connects as soon as it says that it is ready. */
  async spawn(settings: Partial<MediaSettings> & Pick<MediaSettings, 'packets'>): Promise<void> {
    const args = settingsToArguments({
      socketPath: this.socketPath,
      bindAddress: '127.0.0.1',
      rtpPortMin: 41_000,
      rtpPortMax: 41_999,
      rtpTimeoutSeconds: 10,
      soundTimeoutSeconds: 60,
      orphanExitSeconds: 60,
      orphanLegSilenceSeconds: 600,
      ...settings,
    });
    const child = spawn(process.execPath, [...mediaNodeOptions, mainPath, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const fail = (): void => reject(new Error(`the media process did not become ready: ${output}`));
      const timer = setTimeout(fail, startTimeoutMs);
      child.once('exit', fail);
      child.stderr?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (!output.includes('ready:')) return;
        clearTimeout(timer);
        child.off('exit', fail);
        resolve();
      });
    });
    await this.client.connect();
  }

  /** Kills the process as a crash would, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child as ChildProcess;
    child.kill('SIGKILL');
    await this.exited();
  }

  /** Resolves when the process has ended. */
  async exited(): Promise<void> {
    const child = this.#child as ChildProcess;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  /** A telephone and its leg, ready to talk. */
  async leg(
    legId: string,
    codec: Codec = 'PCMU',
    changes: Partial<LegRemoteParams> = {},
    direction: Direction = 'sendrecv',
    host = '127.0.0.1',
  ): Promise<TestPhone> {
    const phone = await TestPhone.open(codec, ++this.#ssrc, host);
    this.#phones.push(phone);
    const { address, port } = await this.client.allocateLeg({ legId, address: host });
    phone.callTo(address, port);
    await this.client.setRemote({
      legId,
      address: host,
      port: phone.port,
      codec,
      payloadType: payloadTypes[codec],
      direction,
      ptimeMs: 20,
      rtcpMux: false,
      rtcpPort: phone.rtcpPort,
      ...changes,
    });
    return phone;
  }

  /** A telephone without a leg, for instance of somebody who has no business here. */
  async phone(codec: Codec = 'PCMU', ssrc = ++this.#ssrc, host = '127.0.0.1'): Promise<TestPhone> {
    const phone = await TestPhone.open(codec, ssrc, host);
    this.#phones.push(phone);
    return phone;
  }

  /** A telephone on a certain port. */
  async phoneOn(port: number): Promise<TestPhone> {
    const phone = await TestPhone.open('PCMU', ++this.#ssrc, '127.0.0.1', port);
    this.#phones.push(phone);
    return phone;
  }

  async close(): Promise<void> {
    for (const phone of this.#phones) phone.close();
    const child = this.#child;
    const hasEnded = child === undefined || child.exitCode !== null || child.signalCode !== null;
    if (!hasEnded) {
      const ended = once(child, 'exit');
      try {
        await this.client.connect();
        await this.client.shutdown();
      } catch (error) {
        if (!(error instanceof MediaError)) throw error;
        child.kill('SIGKILL');
      }
      await ended;
    }
    for (const client of this.#clients) client.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
