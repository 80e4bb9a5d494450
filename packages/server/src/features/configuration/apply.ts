import type {
  ConfiguredNumberTarget,
  ConfiguredQueueSettings,
  ReasonCode,
  TenantId,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import { type DatabaseTransaction, newId, type SecretBox } from '../../platform/index.ts';
import { insertReasonCode, sipCredentials, updateReasonCode } from '../agents/index.ts';
import { givePins } from '../conferences/index.ts';
import { replaceEndpoints } from '../endpoints/index.ts';
import { type AuditActor, recordAudit } from '../audit/index.ts';
import { insertFlow, publishDraft, updateDraft, updateTests } from '../flows/index.ts';
import { insertNamed, updateNamed } from '../named/index.ts';
import { storedTarget } from '../numbers/index.ts';
import { keepVersion } from '../scorecards/index.ts';
import { writeSignOn } from '../single-sign-on/index.ts';
import { writeCentre } from '../system/index.ts';
import { type CurrentConfiguration, type CurrentQueueAgent, keyOf } from './current.ts';
import { NAMED_KINDS, type NamedList, type NamedSubject, withTeamIds } from './named-kinds.ts';
import { withIds } from './queue-names.ts';
import { putRules } from './rules.ts';
import { storedSignOn } from './sign-on.ts';
import type { Step, WantedAgent, WantedUser } from './plan.ts';

type NamedStep = Extract<Step, { subject: NamedSubject }>;

/** Stands for whoever works at the command line, and is no user. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Carries the steps of a plan out, in the transaction that the plan was made in. */
export class PlanExecutor {
  readonly #transaction: DatabaseTransaction;
  readonly #tenantId: TenantId;
  readonly #actor: AuditActor;
  readonly #box: SecretBox;
  readonly #now: Date;
  /** Hashes made beforehand, by the key of the username: they take time that a transaction should not last. */
  readonly #passwordHashes: ReadonlyMap<string, string>;
  readonly #roleIds: Map<string, string>;
  readonly #userIds: Map<string, string>;
  readonly #agentIds: Set<string>;
  readonly #teamIds: Map<string, string>;
  readonly #queueIds: Map<string, string>;
  readonly #flowIds: Map<string, string>;

  constructor(options: {
    transaction: DatabaseTransaction;
    tenantId: TenantId;
    actor: AuditActor;
    box: SecretBox;
    current: CurrentConfiguration;
    passwordHashes: ReadonlyMap<string, string>;
  }) {
    this.#transaction = options.transaction;
    this.#tenantId = options.tenantId;
    this.#actor = options.actor;
    this.#box = options.box;
    this.#now = new Date();
    this.#passwordHashes = options.passwordHashes;
    const { roles, users, agents, teams, queues, flows } = options.current;
    this.#roleIds = new Map([...roles].map(([name, role]) => [name, role.id]));
    this.#flowIds = new Map([...flows].map(([name, flow]) => [name, flow.id]));
    this.#userIds = new Map([...users].map(([key, user]) => [key, user.id]));
    this.#agentIds = new Set([...agents.values()].map((agent) => agent.id));
    this.#teamIds = new Map([...teams].map(([name, team]) => [name, team.id]));
    this.#queueIds = new Map([...queues].map(([name, queue]) => [name, queue.id]));
  }

  async execute(steps: readonly Step[], current: CurrentConfiguration): Promise<void> {
    await this.#freeExtensions(steps);
    // A team may name as its parent one that comes after it.
    for (const step of steps) {
      if (step.subject === 'team' && !this.#teamIds.has(step.name)) await this.#insertTeam(step.name);
      // Likewise a queue may send contacts on to one that comes after it.
      else if (step.subject === 'queue' && step.change.action === 'create') {
        this.#queueIds.set(step.settings.name, newId());
      }
    }
    for (const step of steps) await this.#audit(step, await this.#carryOut(step, current));
  }

  async #carryOut(step: Step, current: CurrentConfiguration): Promise<string | null> {
    switch (step.subject) {
      case 'user':
        return this.#putUser(step.user);
      case 'agent':
        return this.#putAgent(step.user, step.agent);
      case 'team':
        return this.#putTeam(step);
      case 'queue':
        return this.#putQueue(step.settings, step.agents, step.change.action === 'create');
      case 'number':
        return this.#putNumber(step.number, step.target);
      case 'flow':
        return this.#putFlow(step);
      case 'rules':
        await putRules(this.#transaction, this.#tenantId, step.rules);
        return null;
      case 'role':
        return this.#putRole(step, current);
      case 'calendar':
        return this.#putNamed('calendars', step, current);
      case 'segment':
        return this.#putNamed('segments', step, current);
      case 'voicemail-box':
        return this.#putNamed('voicemailBoxes', step, current);
      case 'conference':
        return this.#putConference(step, current);
      case 'scorecard':
        return this.#putScorecard(step, current);
      case 'alert-rule': {
        const settings = withTeamIds(step.settings, (team) => this.#teamId(team));
        return this.#putNamed('alertRules', { ...step, settings }, current);
      }
      case 'single-sign-on':
        await writeSignOn(this.#transaction, this.#tenantId, storedSignOn(step, this.#roleIds));
        return null;
      case 'centre':
        await writeCentre(this.#transaction, this.#tenantId, step.settings);
        return null;
      case 'reason-code':
        return this.#putReasonCode(step.reason, step.change.action === 'create');
      case 'trunk':
        return this.#putTrunk(step.name, step.settings, current);
    }
  }

  /** Two agents may exchange their extensions, which must never be the same on the way. */
  async #freeExtensions(steps: readonly Step[]): Promise<void> {
    const ids = steps.flatMap((step) =>
      step.subject === 'agent' && step.change.fields.some((field) => field.path === 'extension')
        ? (this.#userIds.get(keyOf(step.user.username)) ?? [])
        : [],
    );
    if (ids.length === 0) return;
    await this.#transaction
      .updateTable('agents')
      .set({ extension: null })
      .where('user_id', 'in', ids)
      .execute();
  }

  async #putUser(user: WantedUser): Promise<string> {
    const { username, name, role, customRole } = user;
    const hash = user.password === null ? undefined : this.#passwordHashes.get(keyOf(username));
    const columns = {
      name,
      role,
      custom_role_id: customRole === null ? null : this.#roleIds.get(customRole),
      language: user.language,
      time_zone: user.timeZone,
      ...(hash === undefined ? {} : { password_hash: hash }),
    };
    const known = this.#userIds.get(keyOf(username));
    if (known !== undefined) {
      await this.#transaction.updateTable('users').set(columns).where('id', '=', known).execute();
      // Whoever knew the old password signs in again.
      if (hash !== undefined) {
        await this.#transaction.deleteFrom('sessions').where('user_id', '=', known).execute();
      }
      return known;
    }
    const id = newId();
    await this.#transaction
      .insertInto('users')
      .values({ id, tenant_id: this.#tenantId, username, ...columns })
      .execute();
    this.#userIds.set(keyOf(username), id);
    return id;
  }

  async #putAgent(user: WantedUser, agent: WantedAgent): Promise<string> {
    const id = await this.#putUser(user);
    const sip = agent.sipPassword === null ? undefined : sipCredentials(user.username, agent.sipPassword);
    const columns = {
      extension: agent.extension,
      skills: JSON.stringify(agent.skills),
      languages: agent.languages,
      capacity: agent.capacity,
      ring_mode: agent.ringMode,
      ...(sip === undefined
        ? {}
        : { sip_username: sip.username, sip_ha1_md5: sip.ha1Md5, sip_ha1_sha256: sip.ha1Sha256 }),
    };
    if (this.#agentIds.has(id)) {
      await this.#transaction.updateTable('agents').set(columns).where('user_id', '=', id).execute();
    } else {
      await this.#transaction
        .insertInto('agents')
        .values({ user_id: id, tenant_id: this.#tenantId, sip_username: user.username, ...columns })
        .execute();
      this.#agentIds.add(id);
    }
    await replaceEndpoints(this.#transaction, id, this.#tenantId, agent.endpoints);
    return id;
  }

  async #insertTeam(name: string): Promise<void> {
    const id = newId();
    await this.#transaction.insertInto('teams').values({ id, tenant_id: this.#tenantId, name }).execute();
    this.#teamIds.set(name, id);
  }

  async #putTeam(step: Extract<Step, { subject: 'team' }>): Promise<string> {
    const id = this.#teamId(step.name);
    const parentId = step.parent === null ? null : this.#teamId(step.parent);
    await this.#transaction.updateTable('teams').set({ parent_id: parentId }).where('id', '=', id).execute();
    await this.#transaction.deleteFrom('team_members').where('team_id', '=', id).execute();
    const rows = step.members.map((member) => ({
      tenant_id: this.#tenantId,
      team_id: id,
      user_id: this.#userId(member),
    }));
    if (rows.length > 0) await this.#transaction.insertInto('team_members').values(rows).execute();
    return id;
  }

  async #putQueue(
    settings: ConfiguredQueueSettings,
    agents: readonly CurrentQueueAgent[],
    isNew: boolean,
  ): Promise<string> {
    const agentId = (username: string) => this.#userIds.get(keyOf(username));
    const { name, ...rest } = withIds(settings, {
      agentId,
      queues: this.#queueIds,
      teams: this.#teamIds,
    });
    const stored = JSON.stringify(rest);
    const id = required(this.#queueIds.get(name), `queue ${name}`);
    if (isNew) {
      await this.#transaction
        .insertInto('queues')
        .values({ id, tenant_id: this.#tenantId, name, settings: stored })
        .execute();
    } else {
      await this.#transaction
        .updateTable('queues')
        .set({ settings: stored, version: sql`version + 1` })
        .where('id', '=', id)
        .execute();
      await this.#transaction.deleteFrom('queue_agents').where('queue_id', '=', id).execute();
    }
    const rows = agents.map((agent) => ({
      tenant_id: this.#tenantId,
      queue_id: id,
      agent_id: this.#userId(agent.username),
      priority: agent.priority,
      delay_seconds: agent.delaySeconds,
      weight: agent.weight,
    }));
    if (rows.length > 0) await this.#transaction.insertInto('queue_agents').values(rows).execute();
    return id;
  }

  /** A flow of a document is published as it stands; where its tests alone are others, no version is made and a draft stays. */
  async #putFlow({ document, tests, isPublished }: Extract<Step, { subject: 'flow' }>): Promise<string> {
    const { name } = document;
    const known = this.#flowIds.get(name);
    const id = known ?? newId();
    if (known === undefined) await insertFlow(this.#transaction, id, this.#tenantId, document);
    else if (isPublished) await updateDraft(this.#transaction, id, document);
    if (isPublished) await publishDraft(this.#transaction, id, this.#tenantId, document);
    if (tests !== undefined) await updateTests(this.#transaction, id, { tests });
    this.#flowIds.set(name, id);
    return id;
  }

  #targetOf(to: ConfiguredNumberTarget): Parameters<typeof storedTarget>[0] {
    if ('rules' in to) return 'rules';
    if ('conferences' in to) return { kind: 'conferences', language: to.conferences };
    if ('voicemailMenu' in to) return { kind: 'voicemail-menu', language: to.voicemailMenu };
    if ('promptMenu' in to) return { kind: 'prompt-menu', language: to.promptMenu };
    return 'queue' in to
      ? { queueId: required(this.#queueIds.get(to.queue), `queue ${to.queue}`) }
      : { flowId: required(this.#flowIds.get(to.flow), `flow ${to.flow}`) };
  }

  async #putNumber(number: string, to: ConfiguredNumberTarget): Promise<string> {
    const id = newId();
    const target = storedTarget(this.#targetOf(to));
    const row = await this.#transaction
      .insertInto('numbers')
      .values({ id, tenant_id: this.#tenantId, number, target })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'number']).doUpdateSet({ target }))
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  }

  async #putRole(step: NamedStep, current: CurrentConfiguration): Promise<string> {
    const id = await this.#putNamed('roles', step, current);
    this.#roleIds.set(step.name, id);
    return id;
  }

  async #putConference(step: NamedStep, current: CurrentConfiguration): Promise<string> {
    const id = await this.#putNamed('conferences', step, current);
    await givePins(this.#transaction, this.#tenantId, id, this.#box);
    return id;
  }

  async #putScorecard(step: NamedStep, current: CurrentConfiguration): Promise<string> {
    const id = await this.#putNamed('scorecards', step, current);
    const { name, settings } = step;
    const by = { tenantId: this.#tenantId, userId: this.#actor.userId ?? NOBODY, at: this.#now };
    await keepVersion(this.#transaction, { id, name, settings }, by);
    return id;
  }

  async #putReasonCode(reason: ReasonCode, isNew: boolean): Promise<null> {
    if (isNew) await insertReasonCode(this.#transaction, this.#tenantId, reason);
    else await updateReasonCode(this.#transaction, reason);
    return null;
  }

  async #putNamed(
    list: NamedList,
    { subject, name, settings }: NamedStep,
    current: CurrentConfiguration,
  ): Promise<string> {
    const { table } = NAMED_KINDS[list];
    const known = current[list].get(name)?.id;
    const row = { id: known ?? newId(), name, settings };
    if (known === undefined) await insertNamed(this.#transaction, table, this.#tenantId, row, subject);
    else await updateNamed(this.#transaction, table, row, subject);
    return row.id;
  }

  async #putTrunk(name: string, settings: object, current: CurrentConfiguration): Promise<string> {
    const stored = JSON.stringify(settings);
    const known = current.trunks.get(name)?.id;
    if (known !== undefined) {
      await this.#transaction
        .updateTable('trunks')
        .set({ settings: stored })
        .where('id', '=', known)
        .execute();
      return known;
    }
    const id = newId();
    await this.#transaction
      .insertInto('trunks')
      .values({ id, tenant_id: this.#tenantId, name, settings: stored })
      .execute();
    return id;
  }

  #userId(username: string): string {
    return required(this.#userIds.get(keyOf(username)), `user ${username}`);
  }
  #teamId(name: string): string {
    return required(this.#teamIds.get(name), `team ${name}`);
  }

  async #audit(step: Step, subjectId: string | null): Promise<void> {
    const { action, subject, name, fields } = step.change;
    const side = (which: 'before' | 'after') =>
      Object.fromEntries(fields.map((field) => [field.path, field[which]]));
    await recordAudit(this.#transaction, {
      tenantId: this.#tenantId,
      actor: this.#actor,
      action: `${subject}.${action === 'create' ? 'created' : 'updated'}`,
      subjectType: subject,
      subjectId,
      before: action === 'create' ? undefined : { name, ...side('before') },
      after: { name, ...side('after') },
    });
  }
}

/** The document was checked: whatever it names exists by now. */
function required(id: string | undefined, what: string): string {
  if (id === undefined) throw new Error(`The plan names the ${what}, which is not there.`);
  return id;
}
