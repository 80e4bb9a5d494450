import { Command, CommanderError } from 'commander';
import { startCommand } from './commands/start.ts';
import { printError } from './output.ts';

/** Runs the command line to its end and sets the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = new Command('crosspoint')
    .description('A complete contact centre: SIP, queues, routing, recording and a live console.')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .showHelpAfterError('(add --help for the possible arguments)');
  for (const command of await commandsFor(argv)) program.addCommand(command);
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

/** A server that is started again after a crash has no time for what other commands need. */
async function commandsFor(argv: readonly string[]): Promise<Command[]> {
  const others = argv[2] === 'start' ? [] : (await import('./commands/others.ts')).otherCommands();
  return [startCommand(), ...others];
}

/** Commander otherwise ends the process itself, also that of a test. */
function exitByException(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByException(child);
}
