import { z } from 'zod';
import { TrunkId } from './ids.ts';
import { Instant } from './instants.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';
import { SrtpUse } from './srtp.ts';

/** A host name or an IP address. */
const Host = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9.:_-]+$/, 'is not a host name or IP address');
/** An IP address or a network in CIDR notation; the server checks the form in full. */
const NetworkMatch = z
  .string()
  .trim()
  .regex(/^[0-9A-Fa-f.:]+(\/\d{1,3})?$/, 'is not an address or a network such as 192.0.2.0/24');
const Prefix = z
  .string()
  .trim()
  .regex(/^\+?[0-9*#]{1,20}$/, 'is not the beginning of a number such as +420');

/** `auto`: what the provider's DNS says (RFC 3263), UDP without it. */
export const TrunkTransport = z.enum(['auto', 'udp', 'tcp', 'tls']);
export type TrunkTransport = z.infer<typeof TrunkTransport>;

const server = {
  host: Host,
  /** Absent: found by DNS (SRV), else 5060, or 5061 for TLS. */
  port: z.number().int().min(1).max(65_535).optional(),
  transport: TrunkTransport.default('udp'),
};
/** One place where a provider can be reached. */
export const TrunkServer = z.strictObject(server);
export type TrunkServer = z.infer<typeof TrunkServer>;

const account = {
  username: z.string().trim().min(1).max(64),
  /** Never returned, and stored encrypted. Absent: an existing one stays. */
  password: z.string().min(1).max(256).optional(),
};
const registration = {
  ...account,
  /** The provider's domain in the address of record; absent: the trunk's host. */
  domain: Host.optional(),
  expirySeconds: z.number().int().min(60).max(86_400).default(3600),
};

/** `NAME` of `NAME.pem` in the folder of the setting `CROSSPOINT_SIP_TLS_DIR`. */
const CertificateName = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/,
    'is not the name of a file, without .pem, in the folder of certificates',
  )
  .nullable()
  .default(null);

const open = {
  /** A trunk that is off neither registers nor takes or makes calls. */
  enabled: z.boolean().default(true),
  ...server,
  /** Tried in this order when the one before does not answer. */
  alternates: z.array(TrunkServer).max(8).default([]),
  /** Calls from these addresses belong to this trunk. */
  match: z.array(NetworkMatch).max(100).default([]),
  /** How often an OPTIONS asks whether the provider is there; 0: never. */
  keepAliveSeconds: z
    .number()
    .int()
    .min(0)
    .max(3600)
    .refine((seconds) => seconds === 0 || seconds >= 5, 'is less than 5, or 0 for never')
    .default(30),
  /** Calls in both directions at the same time; null: as many as there come. */
  concurrentCallsMax: z.number().int().min(1).max(10_000).nullable().default(null),
  /** New calls from the provider within a second; null: as many as there come. */
  callsPerSecondMax: z.number().int().min(1).max(1000).nullable().default(null),
  /** Of connections by TLS. */
  tls: z
    .strictObject({
      /** What proves us there; null: the certificate of the server. */
      certificate: CertificateName,
      /** Who must vouch for the provider's certificate; null: a public authority. */
      authority: CertificateName,
      /** Calls come in only on connections that prove by a certificate of `authority` to be the trunk's host. */
      requireCertificate: z.boolean().default(false),
    })
    .prefault({}),
  /** Encryption of the sound. */
  srtp: SrtpUse.default('off'),
  /** How the provider writes numbers, so that inside every number is E.164. */
  numbering: z
    .strictObject({
      /** Country of national numbers (ISO 3166-1 alpha-2); null: numbers are taken as they come. */
      country: z
        .string()
        .regex(/^[A-Z]{2}$/, 'is not a country code such as CZ')
        .nullable()
        .default(null),
      /** Removed from the front of every number that the provider sends. */
      stripPrefix: z
        .string()
        .regex(/^\+?[0-9*#]{0,20}$/, 'may hold only digits, * and #')
        .default(''),
      /** How we write the numbers that we dial. */
      send: z.enum(['e164', 'e164-without-plus', 'international', 'national']).default('e164'),
      /** Put in front of every number that we dial, after the above. */
      sendPrefix: z
        .string()
        .regex(/^\+?[0-9*#]{0,20}$/, 'may hold only digits, * and #')
        .default(''),
    })
    .prefault({}),
  identity: z
    .strictObject({
      /** P-Asserted-Identity, Diversion and History-Info of the provider are believed (RFC 3325 §6). */
      trusted: z.boolean().default(false),
      /** What callers who hide their number may do. */
      anonymous: z.enum(['accept', 'reject']).default('accept'),
      /** The number that our calls show; null: none is known. */
      callerId: z
        .string()
        .trim()
        .regex(/^\+?[0-9*#]{1,32}$/, 'is not a number')
        .nullable()
        .default(null),
      /** The header that carries it beside From. */
      send: z
        .enum(['none', 'p-asserted-identity', 'p-preferred-identity', 'remote-party-id'])
        .default('p-asserted-identity'),
      /** The header that says which number of ours passed a caller on to the one that is called. */
      diversion: z.enum(['none', 'diversion', 'history-info']).default('none'),
    })
    .prefault({}),
  /** Which outgoing calls take this trunk: the longest prefix first, then the lower order. */
  outgoing: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Beginnings of numbers in E.164; none: every number. */
      prefixes: z.array(Prefix).max(200).default([]),
      order: z.number().int().min(1).max(999).default(100),
    })
    .prefault({}),
};

/** Everything an administrator sets on a trunk; the configuration document and the API take the same fields. */
export const TrunkSettings = z.strictObject({
  ...open,
  register: z.strictObject(registration).optional(),
  /** For the challenges to our calls, when they are not those of the registration. */
  authentication: z.strictObject(account).optional(),
});
export type TrunkSettings = z.infer<typeof TrunkSettings>;
export type TrunkSettingsInput = z.input<typeof TrunkSettings>;

/**
 * `off` · `registering` · `registered` · `refused`: the provider refuses the registration · `reachable` · `unreachable` ·
 * `unchecked`: it neither registers nor is asked, so nothing is known.
 */
export const TrunkState = z.enum([
  'off',
  'registering',
  'registered',
  'refused',
  'reachable',
  'unreachable',
  'unchecked',
]);
export type TrunkState = z.infer<typeof TrunkState>;

/** What is true of a trunk this moment. */
export const TrunkLive = z
  .object({
    id: TrunkId,
    state: TrunkState,
    since: Instant,
    /** The last SIP status that was not a success; null when there was none since the last success. */
    code: z.number().int().nullable(),
    /** In words for the log and the console, such as `403 Forbidden` or `host sip.example.com has no address`. */
    reason: z.string(),
    /** Where it is reached now: `192.0.2.10:5060/udp`; empty before the first answer. */
    server: z.string(),
    /** Of the registration. */
    expiresAt: Instant.nullable(),
    nextAttemptAt: Instant.nullable(),
    /** Of the last OPTIONS. */
    roundTripMs: z.number().nullable(),
    calls: z.object({ incoming: z.number().int(), outgoing: z.number().int() }),
  })
  .meta({ id: 'TrunkLive' });
export type TrunkLive = z.infer<typeof TrunkLive>;

const shownAccount = { username: z.string(), hasPassword: z.boolean() };
/** A trunk as the API shows it: without secrets, with its state. */
export const Trunk = z
  .object({
    id: TrunkId,
    name: z.string(),
    ...open,
    register: z
      .object({ ...shownAccount, domain: z.string().nullable(), expirySeconds: z.number().int() })
      .nullable(),
    authentication: z.object(shownAccount).nullable(),
    /** Null until the contact centre has taken the trunk up. */
    live: TrunkLive.nullable(),
  })
  .meta({ id: 'Trunk' });
export type Trunk = z.infer<typeof Trunk>;
export const TrunkPage = pageOf(Trunk);

export const TrunkQuery = PageQuery.extend({
  search: SearchText.optional(),
  sort: z.enum(['name', '-name']).default('name'),
});

/** For POST and PUT: absent settings take their defaults, an absent password stays as it is. */
export const TrunkInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  ...TrunkSettings.shape,
});
export type TrunkInput = z.input<typeof TrunkInput>;

/** `POST /trunks/{id}/test`: one OPTIONS to the provider and back. */
export const TrunkTest = z
  .object({
    reachable: z.boolean(),
    /** Of the answer; 408 or 503 when there was none. */
    status: z.number().int(),
    reason: z.string(),
    server: z.string(),
    roundTripMs: z.number().nullable(),
  })
  .meta({ id: 'TrunkTest' });
export type TrunkTest = z.infer<typeof TrunkTest>;
