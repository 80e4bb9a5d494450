import {
  type AgentId,
  type AgentStatus,
  type BusinessHours,
  type ConferenceId,
  type ConferenceSettings,
  NumberTarget,
  type QueueId,
  QueueMembership,
  QueueSettings,
  type RingMode,
  type Schedule,
  type TenantId,
  type VoicemailBoxSettings,
} from '@crosspoint/contracts';
import { type SegmentBook } from '@crosspoint/core';
import type { ConfiguredEndpoints, SipAccount, SipTrunkConfig } from '../../carriers/sip/index.ts';
import type { Database, DatabaseTransaction, SecretBox } from '../../platform/index.ts';
import { calendarsByName } from '../calendars/index.ts';
import { readSegments } from '../segments/index.ts';
import { conferencesById, type PinTarget, pinTargets } from '../conferences/index.ts';
import { endpointOf } from '../endpoints/index.ts';
import { type PublishedFlow, readPublished } from '../flows/index.ts';
import { EntryPoints } from '../numbers/index.ts';
import { type PublishedRules, readPublishedRules } from '../routing/index.ts';
import { scheduledAgents } from '../schedules/index.ts';
import { allTrunks, openTrunk } from '../trunks/index.ts';
import { boxesByName } from '../voicemails/index.ts';

export interface ConfiguredAgent {
  id: AgentId;
  username: string;
  name: string;
  extension: string | null;
  capacity: number;
  queues: QueueMembership[];
  skills: Record<string, number>;
  languages: string[];
  status: AgentStatus;
  reasonCode: string | null;
  /** Null: nothing is scheduled. */
  schedule: Schedule | null;
}

export interface ConfiguredQueue {
  id: QueueId;
  settings: QueueSettings;
  version: number;
}

/** Everything the living centre of one tenant needs to know, read in one transaction. */
export interface CentreConfiguration {
  timeZone: string;
  queues: Map<QueueId, ConfiguredQueue>;
  agents: Map<AgentId, ConfiguredAgent>;
  numbers: EntryPoints;
  /** Those that may answer, by name. */
  flows: Map<string, PublishedFlow>;
  /** Shared business hours, and boxes for messages, by name. */
  calendars: Map<string, BusinessHours>;
  boxes: Map<string, VoicemailBoxSettings>;
  /** Of customers. */
  segments: SegmentBook;
  /** Scheduled conferences, and what PINs open, by their keys. */
  conferences: Map<ConferenceId, ConferenceSettings>;
  pins: Map<string, PinTarget>;
  /** Undefined: none were published. */
  rules: PublishedRules | undefined;
  accounts: SipAccount[];
  trunks: SipTrunkConfig[];
  endpoints: ConfiguredEndpoints[];
  /** Agents by their extension. */
  extensions: Map<string, AgentId>;
  /** Of breaks, in the order in which `*2n` counts them. */
  reasonCodes: string[];
}

export function agentNamed(
  { agents }: Pick<CentreConfiguration, 'agents'>,
  username: string,
): AgentId | undefined {
  return [...agents.values()].find((agent) => agent.username === username)?.id;
}

/** Reads the configuration of one tenant. The only place of this feature that maps its rows. */
export function loadConfiguration(
  database: Database,
  tenantId: TenantId,
  box: SecretBox,
): Promise<CentreConfiguration> {
  return database.inTenant(tenantId, async (transaction) => {
    const tenant = await transaction
      .selectFrom('tenants')
      .select('time_zone')
      .where('id', '=', tenantId)
      .executeTakeFirstOrThrow();
    const calendars = await calendarsByName(transaction);
    const boxes = await boxesByName(transaction);
    const trunks = await allTrunks(transaction);
    const numbers = await readNumbers(transaction, trunks);
    return {
      timeZone: tenant.time_zone,
      queues: await readQueues(transaction, { calendars, numbers }),
      ...(await readAgents(transaction, tenantId)),
      numbers,
      flows: withGreetings(await readPublished(transaction), boxes),
      ...{ calendars, boxes },
      segments: await readSegments(transaction),
      conferences: await conferencesById(transaction),
      pins: await pinTargets(transaction, box),
      rules: await readPublishedRules(transaction),
      trunks: trunks.map(({ id, name, settings }) => ({
        tenantId,
        id,
        name,
        settings: openTrunk(settings, box),
      })),
      reasonCodes: await readBreakReasons(transaction),
    };
  });
}

async function readNumbers(
  transaction: DatabaseTransaction,
  trunks: Awaited<ReturnType<typeof allTrunks>>,
): Promise<EntryPoints> {
  const rows = await transaction.selectFrom('numbers').select(['number', 'target']).execute();
  return new EntryPoints(
    rows.map((row) => [row.number, NumberTarget.parse(row.target)] as const),
    trunks.map(({ settings }) => settings.numbering.country),
  );
}

async function readQueues(
  transaction: DatabaseTransaction,
  known: { calendars: ReadonlyMap<string, BusinessHours>; numbers: EntryPoints },
): Promise<Map<QueueId, ConfiguredQueue>> {
  const rows = await transaction.selectFrom('queues').select(['id', 'name', 'settings', 'version']).execute();
  return byId(
    rows.map((row) => ({
      id: row.id as QueueId,
      settings: resolved(QueueSettings.parse({ ...(row.settings as object), name: row.name }), known),
      version: row.version,
    })),
  );
}

/** Agents who may sign in, with their accounts, endpoints and extensions. */
async function readAgents(
  transaction: DatabaseTransaction,
  tenantId: TenantId,
): Promise<Pick<CentreConfiguration, 'agents' | 'accounts' | 'endpoints' | 'extensions'>> {
  const rows = await transaction
    .selectFrom('agents')
    .innerJoin('users', 'users.id', 'agents.user_id')
    .select(['users.id', 'users.username', 'users.name', 'agents.capacity', 'agents.chosen_status'])
    .select(['agents.extension', 'agents.ring_mode'])
    .select(['agents.skills', 'agents.languages'])
    .select(['agents.reason_code', 'agents.sip_username', 'agents.sip_ha1_md5', 'agents.sip_ha1_sha256'])
    .where('users.disabled_at', 'is', null)
    .execute();
  const endpointRows = await transaction
    .selectFrom('endpoints')
    .select(['agent_id', 'kind', 'address', 'enabled', 'ring_seconds', 'confirm_key', 'srtp'])
    .orderBy('position')
    .execute();
  const endpointsOf = Map.groupBy(endpointRows, (row) => row.agent_id);
  const memberships = await readMemberships(transaction);
  const scheduled = await scheduledAgents(transaction, { within: undefined });
  const schedules = new Map<string, Schedule>(scheduled.map(({ id, schedule }) => [id, schedule]));
  return {
    agents: byId(
      rows.map((row) => ({
        id: row.id as AgentId,
        username: row.username,
        name: row.name,
        extension: row.extension,
        capacity: row.capacity,
        queues: memberships.get(row.id) ?? [],
        skills: row.skills as Record<string, number>,
        languages: row.languages,
        status: row.chosen_status as AgentStatus,
        reasonCode: row.reason_code,
        schedule: schedules.get(row.id) ?? null,
      })),
    ),
    accounts: rows
      .filter((row) => row.sip_username !== null)
      .map((row) => ({
        tenantId,
        agentId: row.id as AgentId,
        username: row.sip_username ?? row.username,
        ha1Md5: row.sip_ha1_md5,
        ha1Sha256: row.sip_ha1_sha256,
      })),
    endpoints: rows.map((row) => ({
      agentId: row.id as AgentId,
      ringMode: row.ring_mode as RingMode,
      endpoints: (endpointsOf.get(row.id) ?? []).map(endpointOf),
    })),
    extensions: new Map(
      rows.flatMap((row) => (row.extension === null ? [] : [[row.extension, row.id as AgentId]])),
    ),
  };
}

/** The queues of each agent, by the agent's id. */
async function readMemberships(transaction: DatabaseTransaction): Promise<Map<string, QueueMembership[]>> {
  const rows = await transaction
    .selectFrom('queue_agents')
    .select(['queue_id', 'agent_id', 'priority', 'delay_seconds', 'weight'])
    .execute();
  const memberships = new Map<string, QueueMembership[]>();
  for (const row of rows) {
    const membership = QueueMembership.parse({
      queueId: row.queue_id,
      priority: row.priority,
      delaySeconds: row.delay_seconds,
      weight: row.weight,
    });
    const of = memberships.get(row.agent_id);
    if (of === undefined) memberships.set(row.agent_id, [membership]);
    else of.push(membership);
  }
  return memberships;
}

async function readBreakReasons(transaction: DatabaseTransaction): Promise<string[]> {
  const rows = await transaction
    .selectFrom('reason_codes')
    .select('code')
    .where('kind', '=', 'break')
    .orderBy('code')
    .execute();
  return rows.map((row) => row.code);
}

/** What the distributor knows are the hours, wherever they are written, and the queues to which numbers lead. */
function resolved(
  settings: QueueSettings,
  { calendars, numbers }: { calendars: ReadonlyMap<string, BusinessHours>; numbers: EntryPoints },
): QueueSettings {
  const { calendar, overflow } = settings;
  const hours = calendar === null ? settings.hours : (calendars.get(calendar) ?? settings.hours);
  return {
    ...settings,
    hours,
    overflow: overflow.map((rule) => {
      const { target } = rule;
      const entryPoint = target.kind === 'number' ? numbers.find(target.number) : undefined;
      return entryPoint?.kind === 'queue' ? { ...rule, target: entryPoint } : rule;
    }),
  };
}

/** A message without a prompt of its own begins with the greeting of its box. */
function withGreetings(
  flows: Map<string, PublishedFlow>,
  boxes: ReadonlyMap<string, VoicemailBoxSettings>,
): Map<string, PublishedFlow> {
  for (const { document } of flows.values()) {
    for (const node of Object.values(document.nodes)) {
      if (node.kind !== 'voicemail' || node.prompt.length > 0) continue;
      node.prompt = boxes.get(node.box)?.greeting ?? [];
    }
  }
  return flows;
}

function byId<Id, Item extends { id: Id }>(items: Item[]): Map<Id, Item> {
  return new Map(items.map((item) => [item.id, item]));
}
