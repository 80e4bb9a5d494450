import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Alerts are about agents too, by rules; as with queues, history outlives agent and rule, whose names are kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table alert_rules (
      id uuid primary key,
      tenant_id uuid not null references tenants (id) on delete cascade,
      name text not null check (length(name) between 1 and 100),
      settings jsonb not null,
      unique (tenant_id, name)
    )
  `.execute(db);
  await isolateTenants(db, 'alert_rules');
  await sql`
    alter table alerts
      alter column queue_id drop not null,
      alter column queue_name drop not null,
      add column agent_id uuid,
      add column agent_name text,
      add column rule_id uuid,
      add column rule_name text,
      drop constraint alerts_kind_check,
      add constraint alerts_kind_check check (
        case when queue_id is null then
          kind in ('status-time', 'talk-time', 'wrap-up-time', 'missed-offers', 'not-adherent')
        else kind in ('longest-wait', 'waiting', 'service-level', 'no-agents') end
      ),
      add constraint alerts_subject_check check (
        num_nulls(queue_id, queue_name) = 0 and num_nonnulls(agent_id, agent_name, rule_id, rule_name) = 0
        or num_nonnulls(queue_id, queue_name) = 0 and num_nulls(agent_id, agent_name, rule_id, rule_name) = 0
      )
  `.execute(db);
  await sql`
    create unique index alerts_open_agent_key on alerts (tenant_id, agent_id, rule_id) where cleared_at is null
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`delete from alerts where queue_id is null`.execute(db);
  await sql`drop index alerts_open_agent_key`.execute(db);
  await sql`
    alter table alerts
      drop constraint alerts_subject_check,
      drop constraint alerts_kind_check,
      drop column agent_id,
      drop column agent_name,
      drop column rule_id,
      drop column rule_name,
      alter column queue_id set not null,
      alter column queue_name set not null,
      add constraint alerts_kind_check check (kind in ('longest-wait', 'waiting', 'service-level', 'no-agents'))
  `.execute(db);
  await sql`drop table alert_rules`.execute(db);
}
