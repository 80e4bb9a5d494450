import { Command } from 'commander';
import { SettingsError } from '../../platform/index.ts';
import { describeError, print } from '../output.ts';
import { addSettingsOptions, settingsOf } from '../settings-options.ts';
import { runChecks, type CheckResult } from '../doctor/index.ts';

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description(
      'Check everything that the server needs on this machine, and say what to do about what is missing.',
    )
    .action(async () => {
      const results = await diagnose(command);
      for (const { state, subject, finding, remedy } of results) {
        print(`${MARKS[state]}${subject.padEnd(16)}${finding}`);
        if (remedy !== undefined) print(`${' '.repeat(24)}${remedy}`);
      }
      const problems = results.filter(({ state }) => state === 'problem').length;
      print(
        problems === 0 ? '\nEverything that the server needs is here.' : `\n${problems} problem(s) to solve.`,
      );
      if (problems > 0) process.exitCode = 1;
    });
  return addSettingsOptions(command);
}

async function diagnose(command: Command): Promise<CheckResult[]> {
  try {
    const { settings, warnings } = settingsOf(command);
    const results = await runChecks(settings);
    return [
      ...warnings.map((finding) => ({ state: 'warning' as const, subject: 'settings', finding })),
      ...results,
    ];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return [{ state: 'problem', subject: 'settings', finding: describeError(error) }];
  }
}
