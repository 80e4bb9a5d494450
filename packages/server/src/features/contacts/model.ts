import type {
  AgentId,
  ContactFact,
  ContactSegment,
  ContactState,
  ContactSummary,
  Disposition,
  QueueId,
  TimelineFact,
} from '@crosspoint/contracts';
import { type ContactHistory, contactHistory, type HistorySegment } from '@crosspoint/core';
import { type ContactRow, segmentsOf } from './repo.ts';

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));
const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms) / 1000);

type Names = ReadonlyMap<string, string>;
const nameIn = (names: Names, id: string | null): string | null =>
  id === null ? null : (names.get(id) ?? null);

/** A fact as it travels. */
export function timelineFact(fact: ContactFact): TimelineFact {
  const { seq, at, type, data } = fact;
  return { seq, at: iso(at), type, data } as TimelineFact;
}

type Mentions = {
  agentId?: string | null;
  queueId?: string | null;
  byAgentId?: string;
  userId?: string;
  byUserId?: string | null;
};

/** Which people and queues the rows and their segments mention. */
export function mentioned(rows: readonly ContactRow[], facts: readonly ContactFact[] = []) {
  const agents = new Set<string>();
  const queues = new Set<string>();
  const note = (part: Mentions) => {
    for (const id of [part.agentId, part.byAgentId, part.userId, part.byUserId]) if (id) agents.add(id);
    if (part.queueId) queues.add(part.queueId);
  };
  for (const row of rows) {
    note({ agentId: row.agent_id, queueId: row.queue_id });
    segmentsOf(row).forEach(note);
  }
  for (const fact of facts) {
    note(fact.data as Mentions);
    // Who might have been chosen instead.
    if (fact.type === 'offer.made') fact.data.considered?.forEach(note);
  }
  return { agents, queues };
}

function segmentOf(segment: HistorySegment, names: Names): ContactSegment {
  return {
    number: segment.number,
    kind: segment.kind,
    queueId: segment.queueId,
    queue: nameIn(names, segment.queueId),
    agentId: segment.agentId,
    agent: nameIn(names, segment.agentId),
    startedAt: iso(segment.startedAt),
    endedAt: isoOrNull(segment.endedAt),
    result: segment.result,
    waitSeconds: seconds(segment.waitMs),
    talkSeconds: seconds(segment.talkMs),
    holdSeconds: seconds(segment.holdMs),
    wrapUpSeconds: seconds(segment.wrapUpMs),
    recordingIds: segment.recordingIds,
    recordingId: segment.recordingIds.at(-1) ?? null,
  };
}

/**
 * A contact as lists show it. A contact that is still open is told from its living facts, which are ahead of the row.
 */
export function summaryOf(
  row: ContactRow,
  liveFacts: readonly ContactFact[] | undefined,
  names: Names,
): ContactSummary {
  const history = liveFacts === undefined ? undefined : contactHistory(liveFacts);
  return liveFacts === undefined || history === undefined
    ? summaryOfRow(row, names)
    : summaryOfHistory(history, liveFacts, row.has_recording === true, names);
}

type Chosen = Pick<Disposition, 'code' | 'label'>;
const dispositionOf = ({ code, label }: Chosen): Disposition => ({ code, label });

function latestDisposition(facts: readonly ContactFact[]): Disposition | null {
  const last = facts.findLast((fact) => fact.type === 'disposition.set');
  return last === undefined ? null : dispositionOf(last.data);
}

/** The sum of what the segments know; null while none knows it. */
function total(segments: readonly HistorySegment[], key: 'waitMs' | 'talkMs'): number | null {
  const known = segments.flatMap((segment) => segment[key] ?? []);
  return known.length === 0 ? null : seconds(known.reduce((sum, ms) => sum + ms, 0));
}

function summaryOfRow(row: ContactRow, names: Names): ContactSummary {
  const segments = segmentsOf(row);
  return {
    id: row.id as ContactSummary['id'],
    direction: row.direction as ContactSummary['direction'],
    number: row.number,
    callerPhone: row.caller_phone,
    callerName: row.caller_name,
    queue: nameIn(names, row.queue_id),
    queueId: row.queue_id as QueueId | null,
    agent: row.agent_name,
    agentId: row.agent_id as AgentId | null,
    state: row.state as ContactState,
    outcome: row.outcome as ContactSummary['outcome'],
    reason: row.reason,
    startedAt: row.started_at.toISOString(),
    queuedAt: row.queued_at?.toISOString() ?? null,
    answeredAt: row.answered_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    waitSeconds: total(segments, 'waitMs'),
    talkSeconds: total(segments, 'talkMs'),
    hasRecording: row.has_recording === true,
    disposition: row.disposition === null ? null : dispositionOf(row.disposition as unknown as Chosen),
    segments: segments.map((segment) => segmentOf(segment, names)),
  };
}

/** A contact told by its facts alone. */
function summaryOfHistory(
  history: ContactHistory,
  facts: readonly ContactFact[],
  hasRecording: boolean,
  names: Names,
): ContactSummary {
  const { segments } = history;
  return {
    id: history.id,
    direction: history.direction,
    number: history.number,
    callerPhone: history.callerPhone,
    callerName: history.callerName,
    queue: nameIn(names, history.queueId),
    queueId: history.queueId,
    agent: nameIn(names, history.agentId),
    agentId: history.agentId,
    state: history.state,
    outcome: history.outcome,
    reason: history.reason,
    startedAt: iso(history.startedAt),
    queuedAt: isoOrNull(history.queuedAt),
    answeredAt: isoOrNull(history.answeredAt),
    endedAt: isoOrNull(history.endedAt),
    closedAt: isoOrNull(history.closedAt),
    waitSeconds: total(segments, 'waitMs'),
    talkSeconds: total(segments, 'talkMs'),
    hasRecording: hasRecording || history.recordingIds.length > 0,
    disposition: latestDisposition(facts),
    segments: segments.map((segment) => segmentOf(segment, names)),
  };
}
