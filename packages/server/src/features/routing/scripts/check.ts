import type { RoutingRuleInput } from '@crosspoint/contracts';
import type { ScriptContact } from '@crosspoint/core';
import type { ScriptRunner } from './runner.ts';

/** A contact of paper; a script that cannot decide about it is refused before a caller meets it. */
const sample: ScriptContact = {
  ...{
    caller: '+420555000111',
    callerName: 'Sample',
    dialled: '700',
    trunk: '',
    country: 'CZ',
    language: 'cs',
  },
  ...{ history: null, segments: [], variables: {}, now: Date.UTC(2026, 0, 5, 10), queues: {}, open: {} },
};

/** Runs the script of a rule once. Why it does not run; undefined when it does, and without a script. */
export async function scriptFault(
  { script }: Pick<RoutingRuleInput, 'script'>,
  runner: ScriptRunner,
): Promise<{ path: 'script'; message: string; remedy: string } | undefined> {
  if (script === null) return undefined;
  const run = await runner.run({ source: script, contact: sample });
  if (run.ok) return undefined;
  const remedy =
    'It was tried with a caller +420555000111 without history, variables and queues; correct that line.';
  return { path: 'script', message: run.message, remedy };
}
