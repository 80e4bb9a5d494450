import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { clientConfig, type ConnectionOptions } from '../database/index.ts';
import { APPLICATION_DATABASE, APPLICATION_ROLE, SOCKET_PORT, SUPERUSER } from './config.ts';
import type { ClusterLayout } from './layout.ts';

/** How the application reaches its database in the own PostgreSQL. */
export function applicationConnection(layout: ClusterLayout): ConnectionOptions {
  return {
    host: layout.socketDir,
    port: SOCKET_PORT,
    user: APPLICATION_ROLE,
    database: APPLICATION_DATABASE,
    ssl: false,
  };
}

/** How the supervisor itself reaches the own PostgreSQL, to create databases and to inspect it. */
export function superuserConnection(layout: ClusterLayout): ConnectionOptions {
  return { ...applicationConnection(layout), user: SUPERUSER, database: 'postgres' };
}

async function asSuperuser<T>(layout: ClusterLayout, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const config = { ...clientConfig(superuserConnection(layout)), application_name: 'crosspoint supervisor' };
  const client = new pg.Client(config);
  client.on('error', () => undefined); // A connection that breaks shows in the query that waits on it.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes the application's role and database where they are missing. */
export async function provision(layout: ClusterLayout): Promise<void> {
  await asSuperuser(layout, async (client) => {
    const roles = await client.query('select from pg_roles where rolname = $1', [APPLICATION_ROLE]);
    if (roles.rowCount === 0) {
      await client.query(
        `create role ${APPLICATION_ROLE} login nosuperuser nocreatedb nocreaterole nobypassrls`,
      );
    }
    const databases = await client.query('select from pg_database where datname = $1', [
      APPLICATION_DATABASE,
    ]);
    if (databases.rowCount === 0) {
      await client.query(`create database ${APPLICATION_DATABASE} owner ${APPLICATION_ROLE}`);
    }
  });
}

/** The identifier that initdb gave the cluster, from the first eight bytes of its control file. */
function systemIdentifierOnDisk(clusterDir: string): bigint {
  const file = openSync(join(clusterDir, 'global', 'pg_control'), 'r');
  try {
    const buffer = Buffer.alloc(8);
    readSync(file, buffer, 0, buffer.length, 0);
    return buffer.readBigUInt64LE();
  } finally {
    closeSync(file);
  }
}

/**
 * Asks a running PostgreSQL whether it is the one of this cluster and of this version, and ends the sessions that a
 * killed server left in it: nobody else may use this data directory now.
 */
export async function isOurServer(layout: ClusterLayout, serverVersion: string): Promise<boolean> {
  return asSuperuser(layout, async (client) => {
    const answer = await client.query<{ id: string; version: string }>(
      "select system_identifier::text as id, current_setting('server_version') as version from pg_control_system()",
    );
    const row = answer.rows[0];
    if (row === undefined || BigInt(row.id) !== systemIdentifierOnDisk(layout.clusterDir)) return false;
    if (row.version !== serverVersion) return false;
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('crosspoint', 'crosspoint facts')",
    );
    return true;
  });
}
