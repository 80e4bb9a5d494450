import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { z } from 'zod';

/** Everything a person can set about one server process, validated and with paths made absolute. */
export interface Settings {
  /** The YAML file that was read, if any. */
  configFile: string | undefined;
  /** Absolute path of the folder that holds everything the server writes. */
  dataDir: string;
  http: { host: string; port: number };
  /** `tlsPort` is undefined when SIP over TLS is off; certificate and key are files in PEM, both or neither. */
  sip: {
    host: string;
    port: number;
    tlsPort: number | undefined;
    tlsCert: string | undefined;
    tlsKey: string | undefined;
    /** Folder of further certificates and authorities. */
    tlsDir: string | undefined;
    /** Registered telephones are asked whether they are there after so much silence; 0: never. */
    qualifySeconds: number;
  };
  /** Inclusive UDP port range of RTP. */
  rtp: { portMin: number; portMax: number };
  /** The address that phones and trunks reach us at, when it differs from the bound one (NAT). */
  publicAddress: string | undefined;
  media: { processes: number; packets: 'auto' | 'koffi' | 'dgram'; soundTimeoutSeconds: number };
  /** How long calls that are up may go on when the server is asked to stop. */
  calls: { drainSeconds: number };
  /** Networks of the house that flows may ask for data, besides the public internet. */
  flows: { lookupNetworks: string[] };
  /** Undefined: the server runs its own PostgreSQL in the data directory. */
  databaseUrl: string | undefined;
  /** Password of the user `admin`, read at the first start only. */
  adminPassword: string | undefined;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

/** One setting: its names in the three places that can set it, and what it accepts. */
export interface SettingDefinition {
  /** Path in {@link Settings} and in the YAML file, such as `http.port`. */
  readonly path: string;
  readonly environment: string;
  readonly flag: string;
  readonly placeholder: string;
  readonly help: string;
  readonly schema: z.ZodType;
  /** Undefined: the setting is optional. A function: the value depends on the machine. */
  readonly fallback?: unknown;
  /** What the help shows as default when it is not the plain value. */
  readonly fallbackText?: string;
  readonly secret?: boolean;
  /** Relative values are resolved against the working directory, or the folder of the YAML file. */
  readonly isPath?: boolean;
  /** What a person should write instead; ends the error message. */
  readonly remedy: string;
}

/** A whole number, also as the text of a flag or variable. */
function wholeNumber(min: number, max: number): z.ZodType {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
    z.int('is not a whole number').min(min, `is below ${min}`).max(max, `is above ${max}`),
  );
}

const anyPort = wholeNumber(0, 65_535);
const rtpPort = wholeNumber(1024, 65_535);
const text = z.string().trim().min(1, 'is empty');
const address = text.regex(/^[0-9A-Za-z.:_-]+$/, 'is not an IP address or host name');

const databaseUrl = text.refine((value) => {
  if (!URL.canParse(value)) return false;
  return ['postgres:', 'postgresql:'].includes(new URL(value).protocol);
}, 'is not a PostgreSQL connection URL');

/** Written with commas, or as a list in the file. */
const networks = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((each) => each.trim())
          .filter((each) => each !== '')
      : value,
  z.array(
    text.refine(isNetwork, 'names what is neither an address nor a network'),
    'is not a list of networks',
  ),
);

function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

const PORT_REMEDY = 'Use a port between 1 and 65535, or 0 for any free port.';
const ADDRESS_REMEDY = 'Use an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.';

/** Every setting of the server. `docs` and `--help` are made from this list too. */
export const SETTING_DEFINITIONS: readonly SettingDefinition[] = [
  {
    path: 'configFile',
    environment: 'CROSSPOINT_CONFIG',
    flag: '--config',
    placeholder: 'FILE',
    help: 'YAML file with settings',
    schema: text,
    isPath: true,
    remedy: 'Name a readable YAML file.',
  },
  {
    path: 'dataDir',
    environment: 'CROSSPOINT_DATA_DIR',
    flag: '--data-dir',
    placeholder: 'DIR',
    help: 'folder for everything the server writes',
    schema: text,
    fallback: 'data',
    fallbackText: './data in the installation folder',
    isPath: true,
    remedy: 'Name a folder that this account may write.',
  },
  {
    path: 'http.host',
    environment: 'CROSSPOINT_HTTP_HOST',
    flag: '--http-host',
    placeholder: 'ADDRESS',
    help: 'address of console and API',
    schema: address,
    fallback: '127.0.0.1',
    remedy: ADDRESS_REMEDY,
  },
  {
    path: 'http.port',
    environment: 'CROSSPOINT_HTTP_PORT',
    flag: '--http-port',
    placeholder: 'PORT',
    help: 'port of console and API; 0 picks a free one',
    schema: anyPort,
    fallback: 8080,
    remedy: PORT_REMEDY,
  },
  {
    path: 'sip.host',
    environment: 'CROSSPOINT_SIP_HOST',
    flag: '--sip-host',
    placeholder: 'ADDRESS',
    help: 'address of SIP (UDP, TCP, TLS) and RTP',
    schema: address,
    fallback: '127.0.0.1',
    remedy: 'Use an address of this machine, 0.0.0.0 for all of IPv4, or :: for IPv6 and IPv4.',
  },
  {
    path: 'sip.port',
    environment: 'CROSSPOINT_SIP_PORT',
    flag: '--sip-port',
    placeholder: 'PORT',
    help: 'port of SIP (UDP and TCP); 0 picks a free one',
    schema: anyPort,
    fallback: 5060,
    remedy: PORT_REMEDY,
  },
  {
    path: 'sip.tlsPort',
    environment: 'CROSSPOINT_SIP_TLS_PORT',
    flag: '--sip-tls-port',
    placeholder: 'PORT',
    help: 'port of SIP over TLS; off when not set, 0 picks a free one',
    schema: anyPort,
    remedy: PORT_REMEDY,
  },
  {
    path: 'sip.tlsCert',
    environment: 'CROSSPOINT_SIP_TLS_CERT',
    flag: '--sip-tls-cert',
    placeholder: 'FILE',
    help: 'certificate of SIP over TLS, PEM, with those between it and the root',
    schema: text,
    fallbackText: 'self-signed, made once in the data directory',
    isPath: true,
    remedy: 'Name a readable PEM file.',
  },
  {
    path: 'sip.tlsKey',
    environment: 'CROSSPOINT_SIP_TLS_KEY',
    flag: '--sip-tls-key',
    placeholder: 'FILE',
    help: 'private key of that certificate, PEM without passphrase',
    schema: text,
    isPath: true,
    remedy: 'Name a readable PEM file.',
  },
  {
    path: 'sip.tlsDir',
    environment: 'CROSSPOINT_SIP_TLS_DIR',
    flag: '--sip-tls-dir',
    placeholder: 'DIR',
    help: 'folder of further certificates with their keys (by the name asked for, or for trunks) and of authorities, NAME.pem',
    schema: text,
    isPath: true,
    remedy: 'Name a folder that this account may read.',
  },
  {
    path: 'sip.qualifySeconds',
    environment: 'CROSSPOINT_SIP_QUALIFY_SECONDS',
    flag: '--sip-qualify',
    placeholder: 'SECONDS',
    help: 'ask a registered telephone by OPTIONS whether it is there when it has said nothing for so long, behind NAT after 25 s; 0: never',
    schema: wholeNumber(0, 3_600),
    fallback: 60,
    remedy: 'Use a number of seconds up to 3600, or 0 for never.',
  },
  {
    path: 'calls.drainSeconds',
    environment: 'CROSSPOINT_DRAIN_SECONDS',
    flag: '--drain',
    placeholder: 'SECONDS',
    help: 'when asked to stop, take no new calls and let those that are up go on for so long at most; 0: end them at once',
    schema: wholeNumber(0, 86_400),
    fallback: 0,
    remedy: 'Use a number of seconds up to 86400, or 0 for none.',
  },
  {
    path: 'rtp.portMin',
    environment: 'CROSSPOINT_RTP_PORT_MIN',
    flag: '--rtp-port-min',
    placeholder: 'PORT',
    help: 'first UDP port of RTP',
    schema: rtpPort,
    fallback: 20_000,
    remedy: 'Use a port between 1024 and 65535, below CROSSPOINT_RTP_PORT_MAX.',
  },
  {
    path: 'rtp.portMax',
    environment: 'CROSSPOINT_RTP_PORT_MAX',
    flag: '--rtp-port-max',
    placeholder: 'PORT',
    help: 'last UDP port of RTP',
    schema: rtpPort,
    fallback: 29_999,
    remedy: 'Use a port between 1024 and 65535, above CROSSPOINT_RTP_PORT_MIN.',
  },
  {
    path: 'publicAddress',
    environment: 'CROSSPOINT_PUBLIC_ADDRESS',
    flag: '--public-address',
    placeholder: 'ADDRESS',
    help: 'address that phones and trunks reach this machine at, when behind NAT',
    schema: address,
    remedy: 'Use the IP address or host name that is visible from outside.',
  },
  {
    path: 'media.processes',
    environment: 'CROSSPOINT_MEDIA_PROCESSES',
    flag: '--media-processes',
    placeholder: 'N',
    help: 'number of media processes',
    schema: wholeNumber(1, 64),
    // With a second one the calls of a process that dies go on in it at once, without waiting for a start.
    fallback: () => Math.min(Math.max(2, availableParallelism()), 64),
    fallbackText: 'one per core, 2 to 64',
    remedy: 'Use a number between 1 and 64; with 1, people hear nothing for a second when the process dies.',
  },
  {
    path: 'media.packets',
    environment: 'CROSSPOINT_MEDIA_PACKETS',
    flag: '--media-packets',
    placeholder: 'PATH',
    help: 'how RTP packets and SIP datagrams are read and sent: auto, koffi or dgram',
    schema: z.enum(['auto', 'koffi', 'dgram'], 'is not one of auto, koffi, dgram'),
    fallback: 'auto',
    remedy: 'Use auto, koffi (Linux system calls, fastest) or dgram (works everywhere).',
  },
  {
    path: 'media.soundTimeoutSeconds',
    environment: 'CROSSPOINT_MEDIA_SOUND_TIMEOUT_SECONDS',
    flag: '--media-sound-timeout',
    placeholder: 'SECONDS',
    help: 'end a leg from which neither sound nor reports came for so long',
    schema: wholeNumber(10, 86_400),
    fallback: 60,
    remedy: 'Use a number of seconds between 10 and 86400.',
  },
  {
    path: 'flows.lookupNetworks',
    environment: 'CROSSPOINT_FLOWS_LOOKUP_NETWORKS',
    flag: '--flows-lookup-networks',
    placeholder: 'NETWORKS',
    help: 'addresses and networks inside the house that look-ups of flows may ask, separated by commas; the public internet always may be asked',
    schema: networks,
    fallback: [],
    fallbackText: 'none',
    remedy: 'Use a list such as 10.1.0.0/16,192.168.7.5.',
  },
  {
    path: 'databaseUrl',
    environment: 'DATABASE_URL',
    flag: '--database-url',
    placeholder: 'URL',
    help: 'PostgreSQL server to use instead of the own one (version 15 or newer)',
    schema: databaseUrl,
    secret: true,
    remedy: 'Use the form postgresql://user:password@host:5432/database.',
  },
  {
    path: 'adminPassword',
    environment: 'CROSSPOINT_ADMIN_PASSWORD',
    flag: '--admin-password',
    placeholder: 'PASSWORD',
    help: 'password of the user admin, at the first start only',
    schema: z.string().min(8, 'is shorter than 8 characters').max(256, 'is longer than 256 characters'),
    fallbackText: 'generated and printed once',
    secret: true,
    remedy: 'Choose 8 to 256 characters.',
  },
  {
    path: 'logLevel',
    environment: 'CROSSPOINT_LOG_LEVEL',
    flag: '--log-level',
    placeholder: 'LEVEL',
    help: 'least severe level that is logged',
    schema: z.enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'is not one of trace, debug, info, warn, error, fatal, silent',
    ),
    fallback: 'info',
    remedy: 'Use trace, debug, info, warn, error, fatal or silent.',
  },
];
