import { flushCompileCache } from 'node:module';
import { Command } from 'commander';
import { startServer } from '../../app.ts';
import { addFirstNumbers } from '../../features/numbers/index.ts';
import {
  createLog,
  DEFAULT_TENANT_ID,
  ensureAdmin,
  ensurePartitions,
  type Log,
  migrateUp,
  type RunningServer,
  type Settings,
} from '../../platform/index.ts';
import { compileSoonWhenBusy } from '../compile-soon.ts';
import { print, printError } from '../output.ts';
import { Announcement } from '../running-server.ts';
import { addSettingsOptions, settingsOf } from '../settings-options.ts';
import { openServerStorage } from '../storage.ts';
import { askForSpare } from '../spare.ts';
import { Closers, failedStartCode, handOverOnSignal, listenForStop, unless } from '../lifecycle.ts';

const SERVER_STOP_TIMEOUT_MS = 20_000;
const DEMO_STOP_TIMEOUT_MS = 7_000;
const STORAGE_STOP_TIMEOUT_MS = 40_000;
const PARTITION_INTERVAL_MS = 6 * 3_600_000;

export function startCommand(): Command {
  const command = new Command('start')
    .description('Run the server until Ctrl-C.')
    .option('--demo', 'bring a demo company to life: simulated callers and agents on real SIP and RTP')
    .helpOption('-h, --help', 'show help');
  return addSettingsOptions(command).action(async () => {
    try {
      const { settings, warnings } = settingsOf(command);
      const log = createLog({ level: settings.logLevel });
      for (const warning of warnings) log.warn(warning);
      await run(settings, log, command.opts<{ demo?: boolean }>().demo === true);
    } catch (error) {
      printError(error);
      // What was opened is closed; calls that wait for the next attempt leave the line open, which ends with the process.
      process.exit(failedStartCode());
    }
  });
}

async function run(settings: Settings, log: Log, isDemo: boolean): Promise<void> {
  const startedAt = performance.now();
  const stop = listenForStop(log);
  const closers = new Closers(log);
  let firstPassword: string | undefined;
  try {
    const storage = await openServerStorage(settings, log);
    closers.add('database', STORAGE_STOP_TIMEOUT_MS, () => storage.close());
    if (storage.postgres?.layout.isOutside === true) {
      log.info(
        { path: storage.postgres.layout.baseDir },
        `the database lives outside the data directory, which the account ${storage.postgres.accountName} cannot enter`,
      );
    }
    unless(stop);
    const { database } = storage;
    const migrated = await migrateUp(database);
    if (migrated.length > 0)
      log.info({ migrations: migrated.length, to: migrated.at(-1) }, 'the database was migrated');
    await ensurePartitions(database, new Date());
    const partitions = setInterval(() => {
      ensurePartitions(database, new Date()).catch((error: unknown) => {
        log.error(
          { err: error },
          'the partitions of the next months could not be made; the default one serves',
        );
      });
    }, PARTITION_INTERVAL_MS);
    closers.add('partitions', 0, async () => clearInterval(partitions));
    unless(stop);
    await addFirstNumbers(database, DEFAULT_TENANT_ID);
    firstPassword = await ensureAdmin(database, settings.adminPassword);
    let countCalls = () => 0;
    const server = await startServer({
      ...{ settings, log, database },
      takesCalls: (openCalls) => {
        const stopLooking = askForSpare(openCalls);
        closers.add('spare', 0, async () => stopLooking());
        countCalls = openCalls;
      },
    });
    const stopTimeoutMs = SERVER_STOP_TIMEOUT_MS + settings.calls.drainSeconds * 1000;
    closers.add('server', stopTimeoutMs, () => server.stop(stop.hurried));
    // Without anybody who hears it, the signal of a command that has read the announcement would end the process.
    const announcement = new Announcement(settings.dataDir, server);
    const ignoreHandOver = handOverOnSignal(
      log,
      () => server.handOver(),
      (reason) => announcement.refuse(reason),
    );
    closers.add('hand-over', 0, async () => ignoreHandOver());
    unless(stop);
    announcement.publish();
    closers.add('announcement', 0, async () => announcement.withdraw());
    printReady(server, settings, firstPassword, performance.now() - startedAt);
    firstPassword = undefined;
    // Otherwise it is kept at the end of the process, and a process that is killed has no end: the next start would be slow.
    flushCompileCache();
    const stopWaiting = compileSoonWhenBusy(() => countCalls());
    closers.add('compiler', 0, async () => stopWaiting());
    if (isDemo) {
      const { openDemo } = await import('../demo.ts');
      const closeDemo = await openDemo({ settings, log, database, server });
      closers.add('demo company', DEMO_STOP_TIMEOUT_MS, closeDemo);
    }
    const signal = await stop.requested;
    log.info({ signal }, 'stopping');
  } catch (error) {
    if (!stop.isRequested) throw error;
    log.info('stopping before the start was complete');
  } finally {
    if (firstPassword !== undefined) print(`The user admin was made, with the password ${firstPassword}`);
    const isClean = await closers.close();
    stop.dispose();
    if (!isClean) process.exitCode = 1;
    if (stop.isRequested) log.info('stopped');
  }
  // Whatever a library may have left open must not keep a stopped server alive.
  if (stop.isRequested) process.exit();
}

function printReady(
  server: RunningServer,
  settings: Settings,
  firstPassword: string | undefined,
  durationMs: number,
): void {
  const { addresses } = server;
  print(
    [
      '',
      `Crosspoint is ready (${(durationMs / 1000).toFixed(1)} s)`,
      '',
      `  Console   ${addresses.console}`,
      `  SIP       sip:${addresses.sip} (UDP and TCP)`,
      ...(addresses.sipTls === undefined ? [] : [`  SIP TLS   sips:${addresses.sipTls}`]),
      `  Data      ${settings.dataDir}`,
      ...(firstPassword === undefined
        ? []
        : [
            `  Login     admin, password ${firstPassword}`,
            '            (shown this once; change it after the first login)',
          ]),
      '',
      'Ctrl-C stops it.',
      '',
    ].join('\n'),
  );
}
