import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

const FIXED_ROLES = sql`('admin', 'supervisor', 'agent', 'analyst')`;

/** Roles that a tenant makes itself: a name for a set of permissions. A role that somebody has cannot be deleted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table roles (
      id uuid primary key,
      tenant_id uuid not null references tenants (id) on delete cascade,
      name text not null check (length(name) between 1 and 100),
      settings jsonb not null,
      unique (tenant_id, id),
      unique (tenant_id, name)
    )
  `.execute(db);
  await isolateTenants(db, 'roles');
  await sql`alter table users drop constraint users_role_check`.execute(db);
  await sql`
    alter table users
      add column custom_role_id uuid,
      add constraint users_role_check check (role in ${FIXED_ROLES} or role = 'custom'),
      add constraint users_custom_role_check check ((role = 'custom') = (custom_role_id is not null)),
      add foreign key (tenant_id, custom_role_id) references roles (tenant_id, id)
  `.execute(db);
  await sql`create index users_custom_role_idx on users (custom_role_id) where custom_role_id is not null`.execute(
    db,
  );
}

/** Who has such a role becomes an agent without an agent's profile, who may do least. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`select set_config('crosspoint.system', 'on', true)`.execute(db);
  await sql`alter table users drop constraint users_custom_role_check`.execute(db);
  await sql`update users set role = 'agent' where role = 'custom'`.execute(db);
  await sql`alter table users drop column custom_role_id, drop constraint users_role_check`.execute(db);
  await sql`alter table users add constraint users_role_check check (role in ${FIXED_ROLES})`.execute(db);
  await sql`drop table roles`.execute(db);
}
