import { z } from 'zod';
import { AgentId } from './ids.ts';
import { Instant } from './instants.ts';
import { oneOrMore, pageOf, PageQuery, SearchText } from './pages.ts';

/** An IP address or a network in CIDR notation; the server checks the form in full. */
export const Network = z
  .string()
  .trim()
  .max(49)
  .regex(/^[0-9A-Fa-f.:]+(\/\d{1,3})?$/, 'is not an address or a network such as 192.0.2.0/24');

/** The first digits of a number in international form, such as `+4290`. */
const NumberPrefix = z
  .string()
  .trim()
  .regex(/^\+?\d{1,15}$/, 'is not the beginning of a number such as +420');
const Prefixes = z.array(NumberPrefix).max(1_000);
const count = (max: number) => z.number().int().min(0).max(max).nullable().default(null);

/** Limits of outgoing calls within one scope; null is no limit, 0 is no call at all. */
export const TollLimits = z.strictObject({
  concurrentCallsMax: count(100_000),
  /** Calls begun within any 60 minutes, answered or not. */
  callsPerHourMax: count(1_000_000),
  /** Minutes of answered calls within any 24 hours. */
  minutesPerDayMax: count(10_000_000),
});
export type TollLimits = z.infer<typeof TollLimits>;

export const TollScope = z.enum(['tenant', 'trunk', 'agent']);
export type TollScope = z.infer<typeof TollScope>;

/** Where calls may go and how many: what a stolen password or a hijacked phone can cost at most. */
export const TollFraudSettings = z.strictObject({
  /** Of everybody together. */
  tenant: TollLimits.prefault({ concurrentCallsMax: 200, callsPerHourMax: 5_000 }),
  /** Of each trunk, unless `trunks` names it. */
  trunk: TollLimits.prefault({}),
  /** Of each agent, unless `agents` names it. */
  agent: TollLimits.prefault({ concurrentCallsMax: 4, callsPerHourMax: 120, minutesPerDayMax: 720 }),
  trunks: z
    .array(z.strictObject({ trunkId: z.uuid(), limits: TollLimits }))
    .max(1_000)
    .default([]),
  agents: z
    .array(z.strictObject({ agentId: AgentId, limits: TollLimits }))
    .max(10_000)
    .default([]),
  /** ISO 3166 codes of the countries that may be called; null is all. */
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'is not a country such as CZ'))
    .max(300)
    .nullable()
    .default(null),
  /** Whether premium-rate numbers may be called. */
  premium: z.boolean().default(false),
  /** When not empty, only numbers that begin so may be called. The longest prefix that fits decides. */
  allowedPrefixes: Prefixes.default([]),
  /** By default satellite telephones, international networks and international premium rate. */
  deniedPrefixes: Prefixes.default(['+870', '+878', '+881', '+882', '+883', '+888', '+979']),
  /** These may always be called, whatever the limits say. */
  emergencyNumbers: z
    .array(z.string().regex(/^\d{2,8}$/, 'is not a number such as 112'))
    .max(50)
    .default(['112', '911', '999']),
});
export type TollFraudSettings = z.infer<typeof TollFraudSettings>;

/** Why an outgoing call was refused. */
export const TollRefusalReason = z.enum([
  'prefix-denied',
  'prefix-not-allowed',
  'country-not-allowed',
  'country-unknown',
  'premium-number',
  'concurrent-calls',
  'calls-per-hour',
  'minutes-per-day',
]);
export type TollRefusalReason = z.infer<typeof TollRefusalReason>;

/** When a source that fails to authenticate is not answered any more. */
export const BanSettings = z.strictObject({
  /** Failures of one user from one source within the window, which ban that user there. */
  failuresMax: z.number().int().min(3).max(100).default(10),
  /** Different users that fail from one source without any phone registered there, which ban the source. */
  usersMax: z.number().int().min(2).max(100).default(10),
  windowSeconds: z.number().int().min(10).max(86_400).default(600),
  /** Doubles with each further ban until `banSecondsMax`. */
  firstBanSeconds: z.number().int().min(1).max(86_400).default(300),
  banSecondsMax: z.number().int().min(1).max(2_592_000).default(86_400),
});
export type BanSettings = z.infer<typeof BanSettings>;

const rate = (fallback: number) => z.number().min(0.1).max(100_000).default(fallback);
const burst = (fallback: number) => z.number().int().min(1).max(1_000_000).default(fallback);
/** Token buckets of one source; registered phones and allowed networks have `knownFactor` times as much. */
export const RateSettings = z.strictObject({
  requestsPerSecond: rate(200),
  requestsBurst: burst(1_000),
  callsPerSecond: rate(50),
  callsBurst: burst(200),
  /** Of all sources together that are neither registered nor allowed. */
  unknownRequestsPerSecond: rate(4_000),
  knownFactor: z.number().int().min(1).max(1_000).default(20),
  /** New calls of one agent's devices. */
  agentCallsPerSecond: rate(2),
  agentCallsBurst: burst(10),
  /** Stream connections of one source. */
  connectionsPerSource: z.number().int().min(1).max(10_000).default(200),
});
export type RateSettings = z.infer<typeof RateSettings>;

/** How the SIP line defends itself. One document; what is left out has its default. */
export const SecuritySettings = z
  .strictObject({
    /** What happens to sources that no rule, trunk or registration knows. */
    unknownSources: z.enum(['allow', 'deny']).default('allow'),
    /** Whether known scanners are dropped, and further words by which they are known. */
    dropScanners: z.boolean().default(true),
    scannerSignatures: z.array(z.string().trim().min(4).max(60)).max(100).default([]),
    /**
     * By what telephones prove their password (RFC 8760): `md5` is known to all of them, and some that know nothing else fail
     * when they are asked for both.
     */
    digest: z.enum(['md5', 'sha-256-or-md5', 'sha-256']).default('md5'),
    bans: BanSettings.prefault({}),
    rates: RateSettings.prefault({}),
    outgoing: TollFraudSettings.prefault({}),
  })
  .meta({ id: 'SecuritySettings' });
export type SecuritySettings = z.infer<typeof SecuritySettings>;

/** Lets a network in, and exempts it from bans, or keeps it out. The longest prefix that fits decides. */
export const AccessRule = z
  .object({
    id: z.uuid(),
    action: z.enum(['allow', 'deny']),
    network: z.string(),
    note: z.string(),
    createdAt: Instant,
  })
  .meta({ id: 'AccessRule' });
export type AccessRule = z.infer<typeof AccessRule>;
export const AccessRulePage = pageOf(AccessRule);
export const AccessRuleInput = z.strictObject({
  action: z.enum(['allow', 'deny']),
  network: Network,
  note: z.string().trim().max(200).default(''),
});
export type AccessRuleInput = z.infer<typeof AccessRuleInput>;
export const AccessRuleQuery = PageQuery.extend({ search: SearchText.optional() });

/** Why a source is banned. */
export const BanReason = z.enum([
  'wrong-password',
  'many-users',
  'number-scan',
  'scanner',
  'malformed',
  'manual',
]);
export type BanReason = z.infer<typeof BanReason>;

/** A source that is not answered, or one user of it. */
export const Ban = z
  .object({
    id: z.uuid(),
    /** An address; of IPv6 the network of 64 bits, which is one customer. */
    source: z.string(),
    /** Only this SIP user name from there; null is everything. */
    username: z.string().nullable(),
    reason: BanReason,
    note: z.string(),
    createdAt: Instant,
    /** Null: until it is lifted. */
    until: Instant.nullable(),
    /** How often this source was banned within a day. */
    offences: z.number().int(),
    /** What was dropped since the server started. */
    dropped: z.number().int(),
  })
  .meta({ id: 'Ban' });
export type Ban = z.infer<typeof Ban>;
export const BanPage = pageOf(Ban);
export const BanInput = z.strictObject({
  source: Network,
  username: z.string().trim().min(1).max(64).nullable().default(null),
  /** Null: until it is lifted. */
  seconds: z.number().int().min(1).max(31_536_000).nullable().default(null),
  note: z.string().trim().max(200).default(''),
});
export type BanInput = z.infer<typeof BanInput>;
export const BanQuery = PageQuery.extend({
  search: SearchText.optional(),
  reason: oneOrMore(BanReason).optional(),
});

/** Why the line turned something away. */
export const RefusalReason = z.enum([
  'denied',
  'banned',
  'scanner',
  'request-rate',
  'call-rate',
  'agent-call-rate',
  'trunk-call-rate',
  'amplification',
  'wrong-password',
  'unknown-number',
  'malformed',
  'registration-size',
  'connections',
  ...TollRefusalReason.options,
]);
export type RefusalReason = z.infer<typeof RefusalReason>;

/** What was turned away lately; the same of one source is counted in one line. Kept in memory only. */
export const Refusal = z
  .object({
    id: z.string(),
    at: Instant,
    firstAt: Instant,
    source: z.string(),
    reason: RefusalReason,
    /** The user, number or signature that it was about. */
    detail: z.string(),
    count: z.number().int(),
  })
  .meta({ id: 'Refusal' });
export type Refusal = z.infer<typeof Refusal>;
export const RefusalPage = pageOf(Refusal);
export const RefusalQuery = PageQuery.extend({
  search: SearchText.optional(),
  reason: oneOrMore(RefusalReason).optional(),
});

/** Outgoing calls of one scope, against its limits. */
export const TollUsage = z
  .object({
    scope: TollScope,
    /** Of a trunk or an agent. */
    id: z.uuid().nullable(),
    name: z.string().nullable(),
    concurrentCalls: z.number().int(),
    callsLastHour: z.number().int(),
    minutesLastDay: z.number(),
    limits: TollLimits,
  })
  .meta({ id: 'TollUsage' });
export type TollUsage = z.infer<typeof TollUsage>;
export const TollUsagePage = pageOf(TollUsage);

export const SecurityOverview = z
  .object({
    bans: z.number().int(),
    sources: z.number().int(),
    /** Turned away since the server started. */
    refused: z.number().int(),
    certificates: z.array(
      z.object({
        /** Whom it names, or the trunk that it is used towards. */
        name: z.string(),
        file: z.string(),
        expiresAt: Instant.nullable(),
        /** What is wrong and what to do; empty when nothing is. */
        problem: z.string(),
      }),
    ),
  })
  .meta({ id: 'SecurityOverview' });
export type SecurityOverview = z.infer<typeof SecurityOverview>;
