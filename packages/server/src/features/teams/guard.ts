import type { Team, TeamInput } from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import {
  agentWithin,
  beyondTeams,
  HttpProblem,
  notFound,
  type Scope,
  teamWithin,
  unknownReference,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** @throws {HttpProblem} `not-found` for a team that is not in scope. */
export function requireTeamWithin(scope: Scope, id: string): void {
  if (!teamWithin(id, scope)) throw notFound('team', id);
}

/**
 * Nobody who answers for some teams makes that more by changing teams: a new team lies within one of them, a team keeps its place
 * unless both places are theirs, and only people who are theirs already become members.
 *
 * @throws {HttpProblem} `reference-unknown`, `validation-failed` or `forbidden`.
 */
export function requireInputWithin(
  scope: Scope,
  before: Team | undefined,
  { parentId, memberIds }: z.output<typeof TeamInput>,
): void {
  if (scope === undefined) return;
  if (before === undefined && parentId === null) {
    const remedy = 'Choose one of your teams as the one above.';
    throw new HttpProblem('validation-failed', 'You can add a team only within one of yours.', {
      errors: [{ path: 'parentId', value: null, message: 'names no team of yours', remedy }],
    });
  }
  if (before === undefined || before.parentId !== parentId) {
    const isMovedOut = parentId === null || (before !== undefined && !isWithin(before.parentId, scope));
    if (isMovedOut)
      throw beyondTeams('This team stays where it is for you: the place above it is not one of your teams.');
    if (!isWithin(parentId, scope)) throw unknownReference('parentId', parentId, 'team');
  }
  const members = new Set<string>(before?.memberIds);
  memberIds.forEach((id, index) => {
    if (!members.has(id) && !agentWithin(id, scope)) throw unknownReference(`memberIds.${index}`, id, 'user');
  });
}

/**
 * Who is in no team reaches all of them. So nobody is left without by who answers only for some.
 *
 * @throws {HttpProblem} `forbidden`.
 */
export async function requireTeamsLeft(
  transaction: DatabaseTransaction,
  scope: Scope,
  userIds: readonly string[],
): Promise<void> {
  if (scope === undefined) return;
  const row = await transaction
    .selectFrom('users as u')
    .select('u.name')
    .where(sql<boolean>`u.id = any(${[...userIds]}::uuid[])`)
    .where(sql<boolean>`not exists (select from team_members as m where m.user_id = u.id)`)
    .executeTakeFirst();
  if (row === undefined) return;
  throw beyondTeams(
    `${row.name} would be in no team any more. Put them into another one of your teams first.`,
  );
}

const isWithin = (id: string | null, scope: Scope): boolean => id !== null && teamWithin(id, scope);
