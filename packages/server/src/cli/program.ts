import { Command, CommanderError } from 'commander';
import { backupCommand } from './commands/backup.ts';
import { doctorCommand } from './commands/doctor.ts';
import { replayCommand } from './commands/replay.ts';
import { restartCommand } from './commands/restart.ts';
import { restoreCommand } from './commands/restore.ts';
import { applyCommand } from './commands/apply.ts';
import { exportCommand } from './commands/export.ts';
import { simulateCommand } from './commands/simulate.ts';
import { migrateCommand } from './commands/migrate.ts';
import { testCommand } from './commands/test.ts';
import { startCommand } from './commands/start.ts';
import { userCommand } from './commands/user.ts';
import { printError } from './output.ts';

/** Runs the command line to its end and sets the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = new Command('crosspoint')
    .description('A complete contact centre: SIP, queues, routing, recording and a live console.')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .showHelpAfterError('(add --help for the possible arguments)')
    .addCommand(startCommand())
    .addCommand(restartCommand())
    .addCommand(applyCommand())
    .addCommand(exportCommand())
    .addCommand(migrateCommand())
    .addCommand(doctorCommand())
    .addCommand(userCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(simulateCommand())
    .addCommand(testCommand())
    .addCommand(replayCommand());
  exitByException(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    printError(error);
    process.exitCode = 1;
  }
}

/** Commander otherwise ends the process itself, also that of a test. */
function exitByException(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByException(child);
}
