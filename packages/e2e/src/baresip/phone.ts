import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { decodeAudio, soundings, writeToneFile } from '../audio/index.ts';
import type { NatNetwork } from '../nat.ts';
import { freeTcpPort } from '../ports.ts';
import type { SocketAddress } from '../product/product.ts';
import { within } from '@crosspoint/sim/phones';
import { until } from '../wait.ts';
import { BaresipControl, type BaresipEvent } from './control.ts';

const modulePath = '/usr/lib/baresip/modules';
const toneSeconds = 120;
const wavHeaderBytes = 44;
const sampleRateHz = 8_000;
const windowMs = 20;

export type BaresipOptions = {
  username: string;
  password: string;
  /** Where the product listens for SIP. */
  server: SocketAddress;
  /** What the person at this phone "says". */
  toneHz: number;
  codec?: 'PCMU' | 'PCMA';
  transport?: 'udp' | 'tcp' | 'tls';
  /** SRTP by SDES: offered and taken where it can be, or demanded (RTP/SAVP); by DTLS without ICE; none by default. */
  srtp?: 'offered' | 'required' | 'dtls';
  /** False for a caller from outside. */
  register?: boolean;
  /** In a network of its own; on the loopback interface of this one by default. */
  home?: NatNetwork;
};

/**
 * A softphone that was not written here: Debian's baresip without sound card, speaking a tone and recording what it
 * hears. Its traffic stays on the loopback interface, or in a network made for it.
 */
export class BaresipPhone {
  readonly control: BaresipControl;
  #windowsWaited = 0;
  readonly #options: BaresipOptions;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  private constructor(
    options: BaresipOptions,
    folder: string,
    child: ChildProcess,
    exited: Promise<void>,
    control: BaresipControl,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#child = child;
    this.#exited = exited;
    this.control = control;
  }

  static async start(options: BaresipOptions): Promise<BaresipPhone> {
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-baresip-'));
    const controlPort = await freeTcpPort();
    writeConfiguration(folder, options, controlPort);
    const { home } = options;
    home?.forward(controlPort);
    const [program, ...before] = [...(home?.within ?? []), 'baresip'];
    const child = spawn(program ?? '', [...before, '-f', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    const keep = (chunk: Buffer): void => {
      log = (log + chunk.toString()).slice(-100_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const exited = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
    });
    try {
      const failed = new Promise<never>((_, reject) => {
        child.once('error', reject);
        child.once('close', () => reject(new Error(`baresip ended at once:\n${log}`)));
      });
      const control = await Promise.race([BaresipControl.open(controlPort, home?.controlAddress), failed]);
      const phone = new BaresipPhone(options, folder, child, exited, control);
      if (options.register ?? true) await phone.#register();
      return phone;
    } catch (error) {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async dial(user: string): Promise<void> {
    const { address, port } = serverOf(this.#options);
    await this.control.command(
      'dial',
      `sip:${user}@${address}:${port};transport=${this.#options.transport ?? 'udp'}`,
    );
  }

  async accept(): Promise<void> {
    await this.control.command('accept');
  }

  async hangUp(): Promise<void> {
    await this.control.command('hangup');
  }

  async hold(): Promise<void> {
    await this.control.command('hold');
  }

  async resume(): Promise<void> {
    await this.control.command('resume');
  }

  /** Sends these keys as telephone events (RFC 4733). */
  async press(keys: string): Promise<void> {
    await this.control.command('sndcode', keys);
  }

  /** Says what is in that file from now on, which must last longer than the call. */
  async say(path: string): Promise<void> {
    await this.control.command('ausrc', `aufile,${path}`);
  }

  /** Waits until it has heard that tone for so long without interruption, behind what was waited for before. */
  async hears(toneHz: number, { forMs = 200 }: { forMs?: number } = {}): Promise<void> {
    const windowsNeeded = Math.ceil(forMs / windowMs);
    await until(`${this.#options.username} to hear ${toneHz} Hz`, () => {
      const windows = soundings(this.heardSoFar(), sampleRateHz, [toneHz]);
      let inRow = 0;
      for (let window = this.#windowsWaited; window < windows.length; window += 1) {
        inRow = windows[window] === toneHz ? inRow + 1 : 0;
        if (inRow < windowsNeeded) continue;
        this.#windowsWaited = window;
        return true;
      }
      return false;
    });
  }

  /** The next `CALL_…` event of that type, counted from the call of `mark`, or from the start. */
  event(type: string, options?: { from?: number; timeoutMs?: number }): Promise<BaresipEvent> {
    return this.control.next(
      `${type} at baresip ${this.#options.username}`,
      (event) => event.type === type,
      options,
    );
  }

  /** A position in the list of events, to be given to `event` as `from`. */
  mark(): number {
    return this.control.events.length;
  }

  /** What it heard in its last call, complete once that call has ended: samples at 8 kHz. */
  async heard(): Promise<Float32Array> {
    const path = this.#recording();
    if (path === undefined) throw new Error('baresip has not recorded anything.');
    const audio = await until('the recording of baresip', async () => decodeAudio(path));
    const [samples] = audio.channels;
    if (samples === undefined) throw new Error(`${path} has no channel.`);
    return samples;
  }

  /** What it has heard so far in a call that goes on, as far as it is in the file, whose header counts it at the end only. */
  heardSoFar(): Float32Array {
    const path = this.#recording();
    const bytes = path === undefined ? Buffer.alloc(0) : readFileSync(path).subarray(wavHeaderBytes);
    return Float32Array.from(
      { length: bytes.length >> 1 },
      (_, index) => bytes.readInt16LE(2 * index) / 0x8000,
    );
  }

  /** The file of its last call. */
  #recording(): string | undefined {
    const recordings = join(this.#folder, 'recordings');
    const names = readdirSync(recordings).filter((name) => name.endsWith('-dec.wav'));
    const newest = names.sort().at(-1);
    return newest === undefined ? undefined : join(recordings, newest);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    try {
      await within('baresip to end', 10_000, this.#exited);
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw error;
    } finally {
      this.control.close();
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  /** It registers while it starts, before anybody can listen to its events: so it is asked. */
  async #register(): Promise<void> {
    const { username } = this.#options;
    let info = '';
    await until(
      `baresip to register as ${username}`,
      async () => {
        info = stripVTControlCharacters(await this.control.command('reginfo'));
        if (/\bERR\b/.test(info)) throw new Error(`baresip could not register as ${username}: ${info}`);
        return /\bOK\b/.test(info);
      },
      { seen: () => info },
    );
  }
}

/** The product as the phone sees it. */
function serverOf({ server, home }: BaresipOptions): SocketAddress {
  return { port: server.port, address: home?.serverAddress ?? server.address };
}

function writeConfiguration(folder: string, options: BaresipOptions, controlPort: number): void {
  const tone = join(folder, 'tone.wav');
  const recordings = join(folder, 'recordings');
  const own = options.home?.insideAddress ?? '127.0.0.1';
  mkdirSync(recordings);
  writeToneFile(tone, options.toneHz, toneSeconds);
  const settings = [
    'poll_method epoll',
    `sip_listen ${own}:0`,
    `net_interface ${own}`,
    'call_local_timeout 120',
    'call_max_calls 4',
    `audio_source aufile,${tone}`,
    // A bridge that nobody listens to: the cheapest of the players that need no sound card.
    'audio_player aubridge,unheard',
    'audio_alert aubridge,unheard-alert',
    'ausrc_srate 8000',
    'auplay_srate 8000',
    'ausrc_channels 1',
    'auplay_channels 1',
    'rtp_ports 30000-34999',
    'statmode_default off',
    `snd_path ${recordings}`,
    `ctrl_tcp_listen ${own}:${controlPort}`,
    `module_path ${modulePath}`,
    ...['g711', 'aufile', 'aubridge', 'sndfile', 'srtp', 'dtls_srtp'].map((name) => `module ${name}.so`),
    ...['uuid', 'account'].map((name) => `module_tmp ${name}.so`),
    ...['ctrl_tcp', 'menu'].map((name) => `module_app ${name}.so`),
  ];
  writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`);
  writeFileSync(join(folder, 'contacts'), '');
  const { address, port } = serverOf(options);
  const account = [
    `<sip:${options.username}@${address}:${port};transport=${options.transport ?? 'udp'}>`,
    `auth_user=${options.username}`,
    `auth_pass=${options.password}`,
    `audio_codecs=${options.codec ?? 'PCMU'}/8000/1`,
    `regint=${(options.register ?? true) ? 300 : 0}`,
    ...(options.srtp === undefined ? [] : [`mediaenc=${encryptions[options.srtp]}`]),
    'answermode=manual',
  ];
  writeFileSync(join(folder, 'accounts'), `${account.join(';')}\n`);
}

/** What baresip calls the kinds of encryption. */
const encryptions = { offered: 'srtp', required: 'srtp-mand', dtls: 'dtls_srtp' } as const;
