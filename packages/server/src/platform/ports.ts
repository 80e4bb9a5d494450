import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { PlatformError, systemErrorCode } from './errors.ts';
import { commandLineOf } from './processes.ts';

export interface PortUse {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** The setting that chooses the port, such as `CROSSPOINT_HTTP_PORT`, and the one of the address. */
  readonly setting: string;
  readonly hostSetting?: string;
  /** What needs the port, such as `console and API`. */
  readonly purpose: string;
}

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

const TCP_LISTEN = '0A';
const COLUMN_LOCAL_ADDRESS = 1;
const COLUMN_STATE = 3;
const COLUMN_INODE = 9;
const COMMAND_LENGTH_MAX = 120;

/**
 * The process that holds a local port, from /proc. Undefined where there is no /proc, where the socket belongs to
 * another user (whose files we may not see), or when nobody holds it.
 */
export function findPortHolder(port: number, protocol: 'tcp' | 'udp'): PortHolder | undefined {
  const inodes = new Set(
    [`/proc/net/${protocol}`, `/proc/net/${protocol}6`].flatMap((path) => inodesOn(path, port)),
  );
  if (inodes.size === 0) return undefined;
  for (const name of list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    for (const descriptor of list(`/proc/${name}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${name}/fd/${descriptor}`) ?? '')?.[1];
      if (inode === undefined || !inodes.has(inode)) continue;
      const pid = Number(name);
      return { pid, command: (commandLineOf(pid) ?? 'unknown').slice(0, COMMAND_LENGTH_MAX) };
    }
  }
  return undefined;
}

function inodesOn(path: string, port: number): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return []; // No /proc, or no IPv6.
  }
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[COLUMN_LOCAL_ADDRESS]?.endsWith(`:${wanted}`) === true)
    .filter((fields) => path.includes('udp') || fields[COLUMN_STATE] === TCP_LISTEN)
    .flatMap((fields) => fields[COLUMN_INODE] ?? []);
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // The process has ended or belongs to another user.
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // The descriptor was closed meanwhile.
  }
}

/**
 * Turns the error of a failed `listen` or `bind` into one that names the port, who holds it, and the setting. Errors
 * of another kind come back unchanged.
 */
export function explainPortError(error: unknown, use: PortUse): unknown {
  const where = `${use.protocol.toUpperCase()} port ${use.port} on ${use.host}`;
  switch (systemErrorCode(error)) {
    case 'EADDRINUSE': {
      const holder = findPortHolder(use.port, use.protocol);
      const by = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.command})`;
      const stop = holder === undefined ? 'Stop that process' : `Stop that process (kill ${holder.pid})`;
      return new PlatformError(
        'port-in-use',
        `${where}, needed for ${use.purpose}, is in use by ${by}.`,
        `${stop}, or choose another port with ${use.setting}; 0 picks a free one.`,
        error,
      );
    }
    case 'EACCES':
      return new PlatformError(
        'port-not-allowed',
        `${where}, needed for ${use.purpose}, may not be opened by this account.`,
        `Choose a port from 1024 on with ${use.setting}, or allow low ports (sysctl net.ipv4.ip_unprivileged_port_start).`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new PlatformError(
        'address-not-available',
        `${use.host}, needed for ${use.purpose}, is not an address of this machine.`,
        `Set ${use.hostSetting ?? use.setting.replace(/_PORT$/, '_HOST')} to one of its addresses, or to 0.0.0.0.`,
        error,
      );
    default:
      return error;
  }
}
