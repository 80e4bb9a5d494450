import {
  type AgentEndpoint,
  type CentreSettings,
  type ConfiguredNumberTarget,
  type ConfiguredQueueSettings,
  type FlowDocument,
  FlowTests,
  type KeptFlowTest,
  type Language,
  NumberTarget,
  type QueueId,
  QueueSettings,
  type ReasonCode,
  type RingMode,
  type Role,
  type RoutingRule,
  type TenantId,
} from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { listReasonCodes } from '../agents/index.ts';
import { endpointOf } from '../endpoints/index.ts';
import { readPublished } from '../flows/index.ts';
import { readPublishedRules } from '../routing/index.ts';
import { readStoredTrunk, type StoredTrunkSettings } from '../trunks/index.ts';
import { readCentre } from '../system/index.ts';
import { type CurrentNamed, readNamed } from './named-kinds.ts';
import { withNames } from './queue-names.ts';
import { readSignOn } from '../single-sign-on/index.ts';
import { type CurrentSignOn, shownSignOn } from './sign-on.ts';

export interface CurrentUser {
  id: string;
  username: string;
  name: string;
  role: Role;
  /** The name of the role `custom`. */
  customRole: string | null;
  language: Language;
  timeZone: string;
  passwordHash: string | null;
}
export interface CurrentAgent {
  id: string;
  username: string;
  extension: string | null;
  skills: Record<string, number>;
  languages: string[];
  capacity: number;
  endpoints: AgentEndpoint[];
  ringMode: RingMode;
  sip: { username: string; ha1Md5: string | null; ha1Sha256: string | null };
}
export interface CurrentTeam {
  id: string;
  name: string;
  parent: string | null;
  /** Usernames in order. */
  members: string[];
}
export interface CurrentQueueAgent {
  username: string;
  priority: number;
  delaySeconds: number;
  weight: number;
}
export interface CurrentQueue {
  id: QueueId;
  settings: ConfiguredQueueSettings;
  agents: CurrentQueueAgent[];
}
export interface CurrentFlow {
  id: string;
  published: FlowDocument | null;
  tests: KeptFlowTest[];
}
/** Everything a configuration document can speak of, as it is; each map by the name in the form of {@link keyOf}. */
export interface CurrentConfiguration extends CurrentNamed {
  users: Map<string, CurrentUser>;
  agents: Map<string, CurrentAgent>;
  teams: Map<string, CurrentTeam>;
  queues: Map<string, CurrentQueue>;
  flows: Map<string, CurrentFlow>;
  reasonCodes: Map<string, ReasonCode>;
  /** As published; undefined before the first time. */
  rules: RoutingRule[] | undefined;
  /** Number → name of its queue or flow. */
  numbers: Map<string, { id: string; target: ConfiguredNumberTarget | null }>;
  trunks: Map<string, { id: string; settings: StoredTrunkSettings }>;
  /** Undefined where people sign in by password alone. */
  signOn: CurrentSignOn | undefined;
  centre: CentreSettings;
}

/** Usernames differ not only by case; all other names are compared exactly. */
export const keyOf = (username: string): string => username.toLowerCase();

/** Reads the whole configuration of the transaction's tenant. */
export async function readCurrent(
  transaction: DatabaseTransaction,
  tenantId: TenantId,
): Promise<CurrentConfiguration> {
  const users = await transaction
    .selectFrom('users as u')
    .leftJoin('roles as r', 'r.id', 'u.custom_role_id')
    .select(['u.id', 'u.username', 'u.name', 'u.role', 'u.language', 'u.time_zone', 'u.password_hash'])
    .select('r.name as custom_role')
    .execute();
  const usernames = new Map(users.map((user) => [user.id, user.username]));
  const teams = await readTeams(transaction, usernames);
  const teamNames = new Map([...teams.values()].map(({ id, name }) => [id, name]));
  const named = await readNamed(transaction, teamNames);
  const roleNames = new Map([...named.roles.values()].map(({ id, name }) => [id, name]));
  return {
    users: new Map(
      users.map((row) => [
        keyOf(row.username),
        {
          id: row.id,
          username: row.username,
          name: row.name,
          role: row.role as Role,
          customRole: row.custom_role,
          language: row.language as Language,
          timeZone: row.time_zone,
          passwordHash: row.password_hash,
        },
      ]),
    ),
    agents: await readAgents(transaction, usernames),
    teams,
    ...named,
    signOn: shownSignOn(await readSignOn(transaction), roleNames),
    centre: await readCentre(transaction, tenantId),
    reasonCodes: new Map((await listReasonCodes(transaction)).map((reason) => [reason.code, reason])),
    rules: (await readPublishedRules(transaction))?.rules,
    ...(await readRouting(transaction, usernames, teamNames)),
  };
}

type Usernames = ReadonlyMap<string, string>;

async function readAgents(transaction: DatabaseTransaction, usernames: Usernames) {
  const rows = await transaction.selectFrom('agents').selectAll().execute();
  const endpoints = await transaction.selectFrom('endpoints').selectAll().orderBy('position').execute();
  const endpointsOf = Map.groupBy(endpoints, (row) => row.agent_id);
  return new Map<string, CurrentAgent>(
    rows.map((row) => {
      const username = usernames.get(row.user_id) ?? '';
      return [
        keyOf(username),
        {
          id: row.user_id,
          username,
          extension: row.extension,
          skills: row.skills as Record<string, number>,
          languages: row.languages,
          capacity: row.capacity,
          endpoints: (endpointsOf.get(row.user_id) ?? []).map(endpointOf),
          ringMode: row.ring_mode as RingMode,
          sip: {
            username: row.sip_username ?? username,
            ha1Md5: row.sip_ha1_md5,
            ha1Sha256: row.sip_ha1_sha256,
          },
        },
      ];
    }),
  );
}

async function readTeams(transaction: DatabaseTransaction, usernames: Usernames) {
  const rows = await transaction.selectFrom('teams').select(['id', 'name', 'parent_id']).execute();
  const names = new Map(rows.map((row) => [row.id, row.name]));
  const members = await transaction.selectFrom('team_members').select(['team_id', 'user_id']).execute();
  const byTeam = Map.groupBy(members, (row) => row.team_id);
  return new Map<string, CurrentTeam>(
    rows.map((row) => [
      row.name,
      {
        id: row.id,
        name: row.name,
        parent: row.parent_id === null ? null : (names.get(row.parent_id) ?? null),
        members: (byTeam.get(row.id) ?? []).map((member) => usernames.get(member.user_id) ?? '').toSorted(),
      },
    ]),
  );
}

async function readRouting(
  transaction: DatabaseTransaction,
  usernames: Usernames,
  teams: ReadonlyMap<string, string>,
) {
  const queueRows = await transaction.selectFrom('queues').select(['id', 'name', 'settings']).execute();
  const names = new Map(queueRows.map((row) => [row.id, row.name]));
  const places = await transaction
    .selectFrom('queue_agents')
    .select(['queue_id', 'agent_id', 'priority', 'delay_seconds', 'weight'])
    .execute();
  const byQueue = Map.groupBy(places, (row) => row.queue_id);
  const agentsOf = (queueId: string): CurrentQueueAgent[] =>
    (byQueue.get(queueId) ?? [])
      .map((row) => ({
        username: usernames.get(row.agent_id) ?? '',
        priority: row.priority,
        delaySeconds: row.delay_seconds,
        weight: row.weight,
      }))
      .toSorted((a, b) => (a.username < b.username ? -1 : 1));
  const numbers = await transaction.selectFrom('numbers').select(['id', 'number', 'target']).execute();
  const flowRows = await transaction.selectFrom('flows').select(['id', 'name', 'tests']).execute();
  const flowNames = new Map<string, string>(flowRows.map((row) => [row.id, row.name]));
  const published = await readPublished(transaction);
  const trunks = await transaction.selectFrom('trunks').select(['id', 'name', 'settings']).execute();
  return {
    queues: new Map<string, CurrentQueue>(
      queueRows.map((row) => [
        row.name,
        {
          id: row.id as QueueId,
          settings: withNames(QueueSettings.parse({ ...(row.settings as object), name: row.name }), {
            agents: usernames,
            queues: names,
            teams,
          }),
          agents: agentsOf(row.id),
        },
      ]),
    ),
    flows: new Map<string, CurrentFlow>(
      flowRows.map(({ id, name, tests }) => [
        name,
        { id, published: published.get(name)?.document ?? null, ...FlowTests.parse({ tests }) },
      ]),
    ),
    numbers: new Map(
      numbers.map((row) => {
        const target = NumberTarget.parse(row.target);
        const queue = target.kind === 'queue' ? names.get(target.queueId) : undefined;
        const flow = target.kind === 'flow' ? flowNames.get(target.flowId) : undefined;
        const named = queue === undefined ? (flow === undefined ? null : { flow }) : { queue };
        const byRules = target.kind === 'rules' ? ({ rules: true } as const) : null;
        const asked = 'language' in target ? spokenTarget(target) : byRules;
        return [row.number, { id: row.id, target: named ?? asked }];
      }),
    ),
    trunks: new Map(trunks.map((row) => [row.name, { id: row.id, settings: readStoredTrunk(row.settings) }])),
  };
}

/** A target that asks its callers something in a language, as the document names it. */
function spokenTarget({
  kind,
  language,
}: Extract<NumberTarget, { language: unknown }>): ConfiguredNumberTarget {
  switch (kind) {
    case 'conferences':
      return { conferences: language };
    case 'voicemail-menu':
      return { voicemailMenu: language };
    case 'prompt-menu':
      return { promptMenu: language };
  }
}
