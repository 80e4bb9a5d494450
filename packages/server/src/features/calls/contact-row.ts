import type { ContactFact } from '@crosspoint/contracts';
import type { ContactHistory } from '@crosspoint/core';
import type { ContactRow, VoicemailRow } from '../../platform/index.ts';

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

/** The stored row of a message that the caller has left, as its fact tells; undefined for every other fact. */
export function voicemailRow(
  fact: ContactFact,
  caller: Pick<ContactHistory, 'number' | 'callerPhone' | 'callerName'> | undefined,
): VoicemailRow | undefined {
  if (fact.type !== 'voicemail.left' || caller === undefined) return undefined;
  const { voicemailId: id, box, recordingId, durationMs } = fact.data;
  const { number, callerPhone, callerName } = caller;
  const of = { contactId: fact.contactId, number, callerPhone, callerName };
  return { id, box, recordingId, durationMs, leftAt: fact.at, ...of };
}
