import type { Command } from 'commander';
import { applyCommand } from './apply.ts';
import { backupCommand } from './backup.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { migrateCommand } from './migrate.ts';
import { replayCommand } from './replay.ts';
import { restartCommand } from './restart.ts';
import { restoreCommand } from './restore.ts';
import { simulateCommand } from './simulate.ts';
import { testCommand } from './test.ts';
import { userCommand } from './user.ts';

/** Every command but the one that runs the server, in the order in which help lists them. */
export function otherCommands(): Command[] {
  return [
    restartCommand(),
    applyCommand(),
    exportCommand(),
    migrateCommand(),
    doctorCommand(),
    userCommand(),
    backupCommand(),
    restoreCommand(),
    simulateCommand(),
    testCommand(),
    replayCommand(),
  ];
}
