import { ownAccountName } from './account.ts';
import type { ClusterLayout } from './layout.ts';

/** The superuser of the cluster; used to create the role and database below, and by nothing else. */
export const SUPERUSER = 'postgres';
/** The role of the application: no superuser, owner of its database. Row-level security applies to it. */
export const APPLICATION_ROLE = 'crosspoint';
export const APPLICATION_DATABASE = 'crosspoint';
export const SOCKET_PORT = 5432;

/** Sized for one machine that does other work too: a small cache, few processes, nothing that wakes up when idle. */
const SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ['listen_addresses', "''"],
  ['port', String(SOCKET_PORT)],
  ['unix_socket_permissions', '0700'],
  ['max_connections', '40'],
  ['shared_buffers', "'64MB'"],
  ['work_mem', "'8MB'"],
  ['maintenance_work_mem', "'64MB'"],
  ['huge_pages', 'off'],
  ['max_worker_processes', '4'],
  ['max_parallel_workers', '2'],
  ['max_parallel_workers_per_gather', '1'],
  ['autovacuum_max_workers', '2'],
  ['autovacuum_naptime', "'5min'"],
  ['max_logical_replication_workers', '0'],
  ['max_wal_senders', '0'],
  ['wal_level', 'replica'],
  ['min_wal_size', "'64MB'"],
  ['max_wal_size', "'1GB'"],
  ['checkpoint_timeout', "'15min'"],
  ['bgwriter_delay', "'1s'"],
  ['jit', 'off'],
  ['timezone', "'UTC'"],
  ['log_timezone', "'UTC'"],
  ['log_destination', "'stderr'"],
  ['log_min_messages', 'warning'],
  ['log_checkpoints', 'off'],
  ['log_line_prefix', "'%m [%p] %q%a '"],
  ['shared_preload_libraries', "''"],
  ['dynamic_shared_memory_type', 'posix'],
];

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The whole of postgresql.conf. It is written at each start; changes by hand belong into `local.conf`. */
export function postgresqlConf(layout: ClusterLayout, major: number): string {
  const lines = SETTINGS.map(([name, value]) => `${name} = ${value}`);
  // From 18 on, reads by worker processes are the default: three processes that a small machine does not need.
  if (major >= 18) lines.push('io_method = sync');
  lines.push(`unix_socket_directories = ${quoted(layout.socketDir)}`);
  return [
    '# Written by Crosspoint at each start. Put your own settings into local.conf beside this file.',
    ...lines,
    "include_if_exists 'local.conf'",
    '',
  ].join('\n');
}

/** pg_hba.conf: the socket only, and there only the account of the server, as the kernel reports it. */
export function hbaConf(): string {
  return ['# Written by Crosspoint at each start.', 'local all all peer map=crosspoint', ''].join('\n');
}

/** pg_ident.conf: which system account may use which role. */
export function identConf(): string {
  const name = `"${ownAccountName()}"`;
  return [
    '# Written by Crosspoint at each start.',
    `crosspoint ${name} ${SUPERUSER}`,
    `crosspoint ${name} ${APPLICATION_ROLE}`,
    '',
  ].join('\n');
}
