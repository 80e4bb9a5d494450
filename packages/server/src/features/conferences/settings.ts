import {
  type ConferenceId,
  ConferenceInput,
  type ConferenceSettings,
  type FieldError,
  type UserId,
} from '@crosspoint/contracts';
import { scheduleFault } from '@crosspoint/core';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { isTimeZone, namesWithin, type TeamScope } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { allNamed, type NamedRow } from '../named/index.ts';

export function conferenceOf({ name, settings }: NamedRow): ConferenceSettings {
  return ConferenceInput.parse({ ...(settings as object), name });
}

/** Every conference of the transaction's tenant. */
export async function conferencesById(
  transaction: DatabaseTransaction,
): Promise<Map<ConferenceId, ConferenceSettings>> {
  const rows = await allNamed(transaction, 'conferences');
  return new Map(rows.map((row) => [row.id as ConferenceId, conferenceOf(row)]));
}

/** Whether a conference names the user among those who lead it, or also among those who take part. */
export function conferenceNames(userId: UserId, as: 'moderator' | 'anybody'): RawBuilder<SqlBool> {
  const username = sql`(select users.username::text from users where users.id = ${userId})`;
  const moderates = sql<SqlBool>`settings -> 'moderators' @> to_jsonb(${username})`;
  if (as === 'moderator') return moderates;
  return sql<SqlBool>`(${moderates} or settings -> 'participants' @> to_jsonb(${username}))`;
}

/** Whether a conference is in scope: it names nobody, or somebody of the teams. */
export const conferenceWithin = (scope: TeamScope): RawBuilder<SqlBool> =>
  namesWithin(
    sql`(coalesce(settings -> 'moderators', '[]') || coalesce(settings -> 'participants', '[]'))`,
    scope,
  );

/** A zone that does not exist, and times that contradict each other. */
export function conferenceFaults({ schedule }: Pick<ConferenceSettings, 'schedule'>): FieldError[] {
  const { timeZone } = schedule;
  if (!isTimeZone(timeZone)) {
    const remedy = 'Use an IANA name such as Europe/Prague.';
    return [{ path: 'schedule.timeZone', value: timeZone, message: 'is not a known time zone', remedy }];
  }
  const fault = scheduleFault(schedule);
  if (fault === undefined) return [];
  const { path, message, remedy } = fault;
  const value = path === 'endsAt' ? schedule.endsAt : (schedule.weekly?.until ?? null);
  return [{ path: `schedule.${path}`, value, message, remedy }];
}
