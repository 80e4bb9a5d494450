import type { NamedThing } from '@crosspoint/core';
import { HttpProblem } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { readUses, type Use, type User } from './uses.ts';

export { readUses, type Use, type User } from './uses.ts';

/** Who names this thing, each once; what names itself does not count. */
export function usersIn(uses: readonly Use[], thing: NamedThing): User[] {
  const users = uses
    .filter(({ kind, name }) => kind === thing.kind && name === thing.name)
    .map(({ user }) => user)
    .filter((user) => user.kind !== thing.kind || user.name !== thing.name);
  return [...new Map(users.map((user) => [`${user.kind} ${user.name}`, user])).values()];
}

/** Who names this thing, in words; undefined when nobody does. */
export function usersWords(users: readonly User[]): string | undefined {
  if (users.length === 0) return undefined;
  return users.map(({ kind, name }) => `the ${kind} "${name}"`).join(', ');
}

/**
 * Refuses to take away what others name, or with `renamed` to give another name to what they know by its name.
 * @throws {HttpProblem} `in-use`, with who names it.
 */
export async function requireUnused(
  transaction: DatabaseTransaction,
  thing: NamedThing,
  { renamed }: { renamed: boolean } = { renamed: false },
): Promise<void> {
  const uses = (await readUses(transaction)).filter(({ byId }) => !renamed || !byId);
  const words = usersWords(usersIn(uses, thing));
  if (words === undefined) return;
  const detail = `The ${thing.kind} "${thing.name}" is used by ${words}. Change that first.`;
  throw new HttpProblem('in-use', detail);
}
