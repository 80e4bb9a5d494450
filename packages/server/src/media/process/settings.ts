import { parseArgs } from 'node:util';
import { isAddress } from './addresses.ts';
import type { PacketPathChoice } from './open-packets.ts';

/** Everything that a media process is told at its start; it reads no environment and no configuration file. */
export interface MediaSettings {
  socketPath: string;
  /** Address that legs are bound to and announced with, unless `leg.allocate` names another. */
  bindAddress: string;
  rtpPortMin: number;
  rtpPortMax: number;
  /** The first port to be given out; the lowest without it. */
  rtpPortFirst?: number;
  packets: PacketPathChoice;
  /** Silence after which a leg raises `rtp-timeout`. */
  rtpTimeoutSeconds: number;
  /** Neither sound nor reports for this time: the leg raises `sound-lost`. */
  soundTimeoutSeconds: number;
  /** Without a control connection and without legs the process ends by itself after this time. */
  orphanExitSeconds: number;
  /** Without a control connection a leg that was silent for this time is released. */
  orphanLegSilenceSeconds: number;
}

/** Alone on the command line: the settings follow on the standard input. */
export const spareOption = '--spare';

const options = {
  socket: { type: 'string' },
  bind: { type: 'string', default: '127.0.0.1' },
  'rtp-port-min': { type: 'string', default: '20000' },
  'rtp-port-max': { type: 'string', default: '29999' },
  'rtp-port-first': { type: 'string' },
  packets: { type: 'string', default: 'auto' },
  'rtp-timeout-seconds': { type: 'string', default: '10' },
  'sound-timeout-seconds': { type: 'string', default: '60' },
  'orphan-exit-seconds': { type: 'string', default: '60' },
  'orphan-leg-silence-seconds': { type: 'string', default: '600' },
} as const;

/** Command line of a process with these settings. */
export function settingsToArguments(settings: MediaSettings): string[] {
  return [
    ['socket', settings.socketPath],
    ['bind', settings.bindAddress],
    ['rtp-port-min', String(settings.rtpPortMin)],
    ['rtp-port-max', String(settings.rtpPortMax)],
    ...(settings.rtpPortFirst === undefined ? [] : [['rtp-port-first', String(settings.rtpPortFirst)]]),
    ['packets', settings.packets],
    ['rtp-timeout-seconds', String(settings.rtpTimeoutSeconds)],
    ['sound-timeout-seconds', String(settings.soundTimeoutSeconds)],
    ['orphan-exit-seconds', String(settings.orphanExitSeconds)],
    ['orphan-leg-silence-seconds', String(settings.orphanLegSilenceSeconds)],
  ].map(([name, value]) => `--${name}=${value}`);
}

/** Reads the command line; throws an Error that names option, value and remedy. */
export function settingsFromArguments(args: string[]): MediaSettings {
  const { values } = parseArgs({ args, options, strict: true });
  if (values.socket === undefined || values.socket === '')
    throw new Error('--socket: the path of the control socket is missing');
  if (!isAddress(values.bind)) throw new Error(`--bind: an IP address is wanted, not ${values.bind}`);
  const packets = values.packets;
  if (packets !== 'auto' && packets !== 'koffi' && packets !== 'epoll' && packets !== 'dgram') {
    throw new Error(`--packets: auto, koffi, epoll or dgram is wanted, not ${packets}`);
  }
  const settings: MediaSettings = {
    socketPath: values.socket,
    bindAddress: values.bind,
    rtpPortMin: number('rtp-port-min', values['rtp-port-min'], 1024, 65_534),
    rtpPortMax: number('rtp-port-max', values['rtp-port-max'], 1025, 65_535),
    packets,
    rtpTimeoutSeconds: number('rtp-timeout-seconds', values['rtp-timeout-seconds'], 1, 3_600),
    soundTimeoutSeconds: number('sound-timeout-seconds', values['sound-timeout-seconds'], 1, 86_400),
    orphanExitSeconds: number('orphan-exit-seconds', values['orphan-exit-seconds'], 1, 86_400),
    orphanLegSilenceSeconds: number(
      'orphan-leg-silence-seconds',
      values['orphan-leg-silence-seconds'],
      1,
      86_400,
    ),
  };
  const first = values['rtp-port-first'];
  if (first !== undefined) settings.rtpPortFirst = number('rtp-port-first', first, 1024, 65_535);
  if (settings.rtpPortMax <= settings.rtpPortMin) {
    throw new Error(
      `--rtp-port-max: ${settings.rtpPortMax} must be above --rtp-port-min ${settings.rtpPortMin}`,
    );
  }
  return settings;
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max)) {
    throw new Error(`--${name}: a number of ${min}–${max} is wanted, not ${text}`);
  }
  return value;
}
