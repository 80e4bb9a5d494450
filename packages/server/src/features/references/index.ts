import type { NamedThing } from '@crosspoint/core';
import { sql } from 'kysely';
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

/** Why a thing is not taken away: a sentence that names who names it, and the same to be shown in other words. */
export interface InUse {
  readonly detail: string;
  /** Empty where they are no things of these kinds. */
  readonly usedBy: User[];
}

/** @param sentence of who names the thing. @returns undefined when nobody does. */
export function inUse(users: readonly User[], sentence: (users: string) => string): InUse | undefined {
  if (users.length === 0) return undefined;
  const words = users.map(({ kind, name }) => `the ${kind} "${name}"`).join(', ');
  return { detail: sentence(words), usedBy: [...users] };
}

/**
 * Until the transaction ends, nobody else takes away what is named, nor publishes what names it: of two who do both at once the second one sees
 * what the first one did. Rows are locked before, never after it, so that no two wait for each other.
 */
export async function holdNames(transaction: DatabaseTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('references'))`.execute(transaction);
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
  await holdNames(transaction);
  const uses = (await readUses(transaction)).filter(({ byId }) => !renamed || !byId);
  const used = inUse(
    usersIn(uses, thing),
    (users) => `The ${thing.kind} "${thing.name}" is used by ${users}. Change that first.`,
  );
  if (used !== undefined) throw new HttpProblem('in-use', used.detail, { usedBy: used.usedBy });
}
