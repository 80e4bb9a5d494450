import { Command } from 'commander';
import { PlatformError, type Settings } from '../../platform/index.ts';
import { HAND_OVER_SIGNAL } from '../lifecycle.ts';
import { print } from '../output.ts';
import { findServer, type ServerAddresses } from '../running-server.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';

/** A start takes a second or two; on a machine that is busy beyond measure it took a minute, and calls were all there. */
const restartMaxMs = 180_000;
const lookIntervalMs = 100;

export function restartCommand(): Command {
  const command = new Command('restart')
    .description('Start the running server anew without ending a call: after an update, or for new settings.')
    .helpOption('-h, --help', 'show help')
    .action(async () => {
      const { settings } = settingsOf(command);
      const server = findServer(settings);
      if (server === undefined) {
        throw new PlatformError(
          'server-unreachable',
          `No server runs on the data directory ${settings.dataDir}.`,
          'Start it with npm start.',
        );
      }
      // What cannot be loaded is told here, and nothing is ended for it.
      await import('../../features/index.ts');
      const begunAt = performance.now();
      process.kill(server.pid, HAND_OVER_SIGNAL);
      await newServer(settings, server, begunAt + restartMaxMs);
      print(`The server was started anew in ${((performance.now() - begunAt) / 1000).toFixed(1)} s.`);
    });
  return addSettingsOptions(command, DATA_SETTINGS);
}

/**
 * Waits until another process than that one is ready.
 *
 * @throws {PlatformError} `hand-over-refused` when that one says that it goes on.
 */
async function newServer(settings: Settings, former: ServerAddresses, deadlineMs: number): Promise<void> {
  for (;;) {
    const server = serverNow(settings);
    if (server !== undefined && server.pid !== former.pid && (await isReady(server.console))) return;
    if (
      server?.pid === former.pid &&
      server.refusal !== undefined &&
      server.refusal.at !== former.refusal?.at
    ) {
      throw new PlatformError(
        'hand-over-refused',
        server.refusal.reason,
        `The server (process ${former.pid}) goes on as before, with all of its calls; its output tells more.`,
      );
    }
    if (performance.now() > deadlineMs) {
      throw new PlatformError(
        'server-unreachable',
        `No other process than ${former.pid} was ready within ${restartMaxMs / 1000} s.`,
        'Look at the output of the server. A server that was not started by npm start is not started again by itself.',
      );
    }
    await new Promise((resolve) => {
      setTimeout(resolve, lookIntervalMs);
    });
  }
}

/** Where it listens by its settings of now, once it does. */
function serverNow(settings: Settings): ServerAddresses | undefined {
  try {
    return findServer(settings);
  } catch {
    return undefined;
  }
}

async function isReady(console: string): Promise<boolean> {
  try {
    return (await fetch(`${console}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    // It is gone again: the caller asks again until its deadline.
    return false;
  }
}
