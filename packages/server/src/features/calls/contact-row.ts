import type { ContactHistory } from '@crosspoint/core';
import type { ContactRow } from '../../platform/index.ts';

/** The stored row of a contact: its history without the sums, which follow from the segments. */
export function contactRow(history: ContactHistory): ContactRow {
  const { id, number, direction, callerPhone, callerName, queueId, agentId, outcome, reason } = history;
  const { startedAt, queuedAt, answeredAt, endedAt, closedAt, state, segments, lastSeq } = history;
  return {
    id,
    number,
    direction,
    callerPhone,
    callerName,
    queueId,
    agentId,
    outcome,
    reason,
    startedAt,
    queuedAt,
    answeredAt,
    endedAt,
    closedAt,
    state,
    segments: segments.map((segment) => ({ ...segment })),
    lastSeq,
  };
}
