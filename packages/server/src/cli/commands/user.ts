import { Argument, Command, Option } from 'commander';
import { addUser, changePassword, createLog, USER_ROLES, type UserRole } from '../../platform/index.ts';
import { print } from '../output.ts';
import { readPassword } from '../prompt.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';
import { openMigratedStorage, type Storage } from '../storage.ts';

const GENERATE_HELP = 'make a random password and print it';

interface UserOptions {
  readonly name?: string;
  readonly role: UserRole;
  readonly generate?: boolean;
}

async function withStorage(command: Command, work: (storage: Storage) => Promise<void>): Promise<void> {
  const { settings } = settingsOf(command);
  const storage = await openMigratedStorage(settings, createLog({ level: 'warn' }));
  try {
    await work(storage);
  } finally {
    await storage.close();
  }
}

function printPassword(generated: string | undefined): void {
  if (generated !== undefined) print(`Password: ${generated}`);
}

export function userCommand(): Command {
  const add = new Command('add')
    .description('Add a user. The password is asked for, or read from standard input.')
    .addArgument(new Argument('<username>', 'name to log in with'))
    .option('--name <NAME>', 'full name (default: the user name)')
    .addOption(new Option('--role <ROLE>', 'what the user may do').choices([...USER_ROLES]).default('agent'))
    .option('--generate', GENERATE_HELP)
    .action(async (username: string) => {
      const options = add.opts<UserOptions>();
      const password =
        options.generate === true ? undefined : await readPassword(`Password for ${username}: `);
      await withStorage(add, async ({ database }) => {
        const { role, name = username } = options;
        const generated = await addUser(database, { username, name, role, password });
        print(`The user ${username} was added with the role ${role}.`);
        printPassword(generated);
      });
    });
  const passwd = new Command('passwd')
    .description('Set the password of a user and end all sessions of that user.')
    .addArgument(new Argument('<username>', 'name to log in with'))
    .option('--generate', GENERATE_HELP)
    .action(async (username: string) => {
      const isGenerated = passwd.opts<UserOptions>().generate === true;
      const password = isGenerated ? undefined : await readPassword(`New password for ${username}: `);
      await withStorage(passwd, async ({ database }) => {
        const generated = await changePassword(database, username, password);
        print(`The password of ${username} was changed.`);
        printPassword(generated);
      });
    });
  const command = new Command('user').description('Manage the people who log in.');
  for (const child of [add, passwd]) command.addCommand(addSettingsOptions(child, DATA_SETTINGS));
  return command;
}
