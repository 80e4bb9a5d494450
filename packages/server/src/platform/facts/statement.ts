import type { PendingFacts } from './pending.ts';
import type { ContactRow, RecordingRow, VoicemailRow } from './types.ts';

/**
 * One statement, so one round trip and one implicit transaction, for everything in a batch. Each parameter is the JSON
 * text of an array of rows; a row's instants are Unix milliseconds.
 */
export const WRITE_BATCH = `
with new_contact_events as (
  insert into contact_events (tenant_id, contact_id, seq, at, type, data)
  select tenant_id, contact_id, seq, to_timestamp(at / 1000.0), type, data
  from jsonb_to_recordset($1::jsonb)
    as row(tenant_id uuid, contact_id uuid, seq integer, at double precision, type text, data jsonb)
  on conflict do nothing
), new_agent_events as (
  insert into agent_events (tenant_id, agent_id, at, id, type, data)
  select tenant_id, agent_id, to_timestamp(at / 1000.0), id, type, data
  from jsonb_to_recordset($2::jsonb)
    as row(tenant_id uuid, agent_id uuid, at double precision, id uuid, type text, data jsonb)
  on conflict do nothing
), new_contacts as (
  insert into contacts as stored (
    id, tenant_id, number, direction, caller_phone, caller_name, queue_id, agent_id, outcome, reason,
    started_at, queued_at, answered_at, ended_at, closed_at, state, segments, last_seq
  )
  select
    id, tenant_id, number, direction, caller_phone, caller_name, queue_id, agent_id, outcome, reason,
    to_timestamp(started_at / 1000.0), to_timestamp(queued_at / 1000.0), to_timestamp(answered_at / 1000.0),
    to_timestamp(ended_at / 1000.0), to_timestamp(closed_at / 1000.0), state, segments, last_seq
  from jsonb_to_recordset($3::jsonb) as row(
    id uuid, tenant_id uuid, number text, direction text, caller_phone text, caller_name text, queue_id uuid,
    agent_id uuid, outcome text, reason text, started_at double precision, queued_at double precision,
    answered_at double precision, ended_at double precision, closed_at double precision, state text, segments jsonb,
    last_seq integer
  )
  on conflict (id) do update set
    number = excluded.number, direction = excluded.direction, caller_phone = excluded.caller_phone,
    caller_name = excluded.caller_name, queue_id = excluded.queue_id, agent_id = excluded.agent_id,
    outcome = excluded.outcome, reason = excluded.reason, started_at = excluded.started_at,
    queued_at = excluded.queued_at, answered_at = excluded.answered_at, ended_at = excluded.ended_at,
    closed_at = excluded.closed_at, state = excluded.state, segments = excluded.segments,
    last_seq = excluded.last_seq
  where excluded.last_seq >= stored.last_seq and excluded.tenant_id = stored.tenant_id
), chosen_statuses as (
  update agents
  set chosen_status = row.status, reason_code = row.reason_code, status_since = to_timestamp(row.at / 1000.0)
  from jsonb_to_recordset($5::jsonb)
    as row(tenant_id uuid, agent_id uuid, at double precision, status text, reason_code text)
  where agents.user_id = row.agent_id and agents.tenant_id = row.tenant_id
    and agents.status_since <= to_timestamp(row.at / 1000.0)
), new_voicemails as (
  insert into voicemails (
    id, tenant_id, box_id, contact_id, recording_id, number, caller_phone, caller_name, left_at, duration_ms
  )
  select
    row.id, row.tenant_id, box.id, row.contact_id, row.recording_id, row.number, row.caller_phone, row.caller_name,
    to_timestamp(row.left_at / 1000.0), row.duration_ms
  from jsonb_to_recordset($6::jsonb) as row(
    id uuid, tenant_id uuid, box text, contact_id uuid, recording_id uuid, number text, caller_phone text,
    caller_name text, left_at double precision, duration_ms integer
  )
  join voicemail_boxes as box on box.tenant_id = row.tenant_id and box.name = row.box
  on conflict do nothing
)
insert into recordings as stored (
  id, tenant_id, contact_id, segment_id, queue_id, agent_id, path, format, channels, sample_rate, duration_seconds,
  size_bytes, status, started_at, ended_at, deleted_at
)
select
  id, tenant_id, contact_id, segment_id, queue_id, agent_id, path, format, channels, sample_rate, duration_seconds,
  size_bytes, status, to_timestamp(started_at / 1000.0), to_timestamp(ended_at / 1000.0),
  to_timestamp(deleted_at / 1000.0)
from jsonb_to_recordset($4::jsonb) as row(
  id uuid, tenant_id uuid, contact_id uuid, segment_id text, queue_id uuid, agent_id uuid, path text, format text,
  channels integer, sample_rate integer, duration_seconds double precision, size_bytes bigint, status text,
  started_at double precision, ended_at double precision, deleted_at double precision
)
on conflict (id) do update set
  segment_id = excluded.segment_id, queue_id = excluded.queue_id, agent_id = excluded.agent_id, path = excluded.path,
  format = excluded.format, channels = excluded.channels, sample_rate = excluded.sample_rate,
  duration_seconds = excluded.duration_seconds, size_bytes = excluded.size_bytes, status = excluded.status,
  ended_at = excluded.ended_at, deleted_at = excluded.deleted_at
where excluded.tenant_id = stored.tenant_id and (stored.ended_at is null or excluded.ended_at is not null)
`;

/** The parameters of {@link WRITE_BATCH}. A row that changes twice in a batch is written once, as it was last. */
export function encodeBatch(batch: readonly PendingFacts[]): string[] {
  const contactEvents: object[] = [];
  const agentEvents: object[] = [];
  const chosen = new Map<string, object>();
  const contacts = new Map<string, { row: ContactRow; tenantId: string }>();
  const recordings = new Map<string, { row: RecordingRow; tenantId: string }>();
  const voicemails: object[] = [];
  for (const { facts, agentEventIds } of batch) {
    const { tenantId } = facts;
    for (const { contactId, seq, at, type, data } of facts.contactEvents ?? []) {
      contactEvents.push({ tenant_id: tenantId, contact_id: contactId, seq, at, type, data });
    }
    facts.agentEvents?.forEach(({ agentId, at, type, data }, index) => {
      agentEvents.push({ tenant_id: tenantId, agent_id: agentId, at, id: agentEventIds[index], type, data });
      // What the system decided for a moment is not what the agent chose.
      if (type !== 'status.chosen' || data.by === 'system') return;
      const { status, reasonCode } = data;
      chosen.set(agentId, { tenant_id: tenantId, agent_id: agentId, at, status, reason_code: reasonCode });
    });
    for (const row of facts.contacts ?? []) {
      const known = contacts.get(row.id);
      if (known === undefined || row.lastSeq >= known.row.lastSeq) contacts.set(row.id, { row, tenantId });
    }
    for (const row of facts.recordings ?? []) recordings.set(row.id, { row, tenantId });
    for (const row of facts.voicemails ?? []) voicemails.push(voicemailParameters(row, tenantId));
  }
  return [
    toJsonText(contactEvents),
    toJsonText(agentEvents),
    toJsonText([...contacts.values()].map(contactParameters)),
    toJsonText([...recordings.values()].map(recordingParameters)),
    toJsonText([...chosen.values()]),
    toJsonText(voicemails),
  ];
}

const REPLACEMENT_CHARACTER = '\uFFFD';

/** JSON that PostgreSQL accepts: it stores neither NUL nor lone surrogates, which a malformed SIP header may bring. */
function toJsonText(rows: readonly object[]): string {
  const text = JSON.stringify(rows);
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return text;
  return JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', REPLACEMENT_CHARACTER).toWellFormed() : value,
  );
}

function contactParameters({ row, tenantId }: { row: ContactRow; tenantId: string }): object {
  return {
    id: row.id,
    tenant_id: tenantId,
    number: row.number,
    direction: row.direction,
    caller_phone: row.callerPhone,
    caller_name: row.callerName,
    queue_id: row.queueId,
    agent_id: row.agentId,
    outcome: row.outcome,
    reason: row.reason,
    started_at: row.startedAt,
    queued_at: row.queuedAt,
    answered_at: row.answeredAt,
    ended_at: row.endedAt,
    closed_at: row.closedAt,
    state: row.state,
    segments: row.segments,
    last_seq: row.lastSeq,
  };
}

function recordingParameters({ row, tenantId }: { row: RecordingRow; tenantId: string }): object {
  return {
    id: row.id,
    tenant_id: tenantId,
    contact_id: row.contactId,
    segment_id: row.segmentId,
    queue_id: row.queueId,
    agent_id: row.agentId,
    path: row.path,
    format: row.format,
    channels: row.channels,
    sample_rate: row.sampleRate,
    duration_seconds: row.durationSeconds,
    size_bytes: row.sizeBytes,
    status: row.status,
    started_at: row.startedAt,
    ended_at: row.endedAt,
    deleted_at: row.deletedAt,
  };
}

function voicemailParameters(row: VoicemailRow, tenantId: string): object {
  return {
    id: row.id,
    tenant_id: tenantId,
    box: row.box,
    contact_id: row.contactId,
    recording_id: row.recordingId,
    number: row.number,
    caller_phone: row.callerPhone,
    caller_name: row.callerName,
    left_at: row.leftAt,
    duration_ms: Math.round(row.durationMs),
  };
}
