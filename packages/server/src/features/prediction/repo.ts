import {
  type AgentId,
  type ChosenBy,
  PredictiveRouting,
  type PromptLanguage,
  type QueueId,
} from '@crosspoint/contracts';
import type { Outcomes } from '@crosspoint/core';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../platform/index.ts';

/** How far back contacts count, and for how long after each one a further call of the same caller is a repeat. */
export const PREDICTION_DAYS = 28;
const repeatDays = 7;
/** The newest contacts of a tenant that are looked at; and no longer than this. */
const contactsMax = 200_000;
const timeoutMs = 30_000;
/** A contact that took longer was forgotten by its agent; its time would decide alone about him. */
const handleSecondsMax = 7_200;

/** The queues that route by prediction. */
export async function predictiveQueues(
  transaction: DatabaseTransaction,
): Promise<Map<QueueId, PredictiveRouting>> {
  const rows = await transaction
    .selectFrom('queues')
    .select(['id', sql<unknown>`settings -> 'predictive'`.as('predictive')])
    .where(sql<boolean>`jsonb_typeof(settings -> 'predictive') = 'object'`)
    .execute();
  return new Map(rows.map((row) => [row.id as QueueId, PredictiveRouting.parse(row.predictive)]));
}

export interface MeasuredOutcomes {
  queueId: QueueId;
  agentId: AgentId;
  language: PromptLanguage | null;
  by: ChosenBy | null;
  outcomes: Outcomes;
}

/**
 * What came of the contacts that these queues gave to agents, in one look at the contacts of the period. A contact counts for the first
 * stay in each queue at whose end somebody answered, with all that agents did for it from then on, whoever they were.
 */
export async function measureOutcomes(
  transaction: DatabaseTransaction,
  queues: ReadonlyMap<QueueId, PredictiveRouting>,
  now: number,
): Promise<MeasuredOutcomes[]> {
  if (queues.size === 0) return [];
  const since = new Date(now - PREDICTION_DAYS * 86_400_000);
  const followedUntil = new Date(now - repeatDays * 86_400_000);
  const good = JSON.stringify(
    Object.fromEntries([...queues].map(([id, { goodDispositions }]) => [id, goodDispositions])),
  );
  const judging = [...queues].flatMap(([id, { goodDispositions }]) =>
    goodDispositions.length > 0 ? [id] : [],
  );
  await sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`.execute(transaction);
  const { rows } = await sql<Row>`
    with recent as (
      select id, caller_phone, ended_at, segments from contacts
      where started_at >= ${since} and direction = 'inbound' and closed_at is not null and answered_at is not null
      order by started_at desc, id desc limit ${contactsMax}
    ), stays as (
      select distinct on (r.id, s."queueId") r.id, r.caller_phone, r.ended_at, r.segments,
        s."queueId" as queue_id, s."agentId" as agent_id, s.language, s.by, s.number
      from recent r
      cross join lateral jsonb_to_recordset(r.segments) as s
        (number int, kind text, "queueId" uuid, "agentId" uuid, result text, language text, by text)
      where s.kind = 'queue' and s.result = 'answered' and s."queueId" = any(${[...queues.keys()]}::uuid[])
        and s."agentId" is not null
      order by r.id, s."queueId", s.number
    ), measured as (
      select y.queue_id, y.agent_id, y.language, y.by, least(h.seconds, ${handleSecondsMax}) as seconds,
        y.caller_phone <> '' and y.ended_at <= ${followedUntil} as is_followed,
        exists (
          select from contacts a where a.caller_phone = y.caller_phone and a.direction = 'inbound'
            and a.started_at > y.ended_at and a.started_at <= y.ended_at + make_interval(days => ${repeatDays})
        ) as is_repeated,
        ${good}::jsonb -> y.queue_id::text ? d.code as is_good
      from stays y
      cross join lateral (
        select coalesce(sum(coalesce(t."talkMs", 0) + coalesce(t."holdMs", 0) + coalesce(t."wrapUpMs", 0)), 0) / 1000
          as seconds
        from jsonb_to_recordset(y.segments) as t
          (number int, kind text, "talkMs" float8, "holdMs" float8, "wrapUpMs" float8)
        where t.kind = 'conversation' and t.number > y.number
      ) h
      left join lateral (
        select e.data ->> 'code' as code from contact_events e
        where y.queue_id = any(${judging}::uuid[]) and e.contact_id = y.id and e.at >= ${since}
          and e.type = 'disposition.set'
        order by e.seq desc limit 1
      ) d on true
    )
    select queue_id, agent_id, language, by, count(*)::int as contacts,
      sum(seconds) as handle_seconds, sum(seconds * seconds) as handle_seconds_squared,
      (count(*) filter (where is_followed))::int as followed,
      (count(*) filter (where is_followed and is_repeated))::int as repeated,
      count(is_good)::int as judged, (count(*) filter (where not is_good))::int as unsuccessful
    from measured group by queue_id, agent_id, language, by
  `.execute(transaction);
  return rows.map((row) => ({
    queueId: row.queue_id as QueueId,
    agentId: row.agent_id as AgentId,
    language: row.language,
    by: row.by,
    outcomes: {
      contacts: row.contacts,
      handleSeconds: row.handle_seconds,
      handleSecondsSquared: row.handle_seconds_squared,
      ...{ followed: row.followed, repeated: row.repeated },
      ...{ judged: row.judged, unsuccessful: row.unsuccessful },
    },
  }));
}

interface Row {
  queue_id: string;
  agent_id: string;
  language: PromptLanguage | null;
  by: ChosenBy | null;
  contacts: number;
  handle_seconds: number;
  handle_seconds_squared: number;
  followed: number;
  repeated: number;
  judged: number;
  unsuccessful: number;
}
