import type { ContactFact, ContactFactBody, ContactId, LegParty } from '@crosspoint/contracts';
import type { OpenContact } from './state.ts';

/** What was begun and not ended when the facts of a contact break off. */
interface Unfinished {
  legs: Map<string, LegParty>;
  entry: Extract<ContactFact, { type: 'queue.entered' }> | undefined;
  offers: Map<string, Extract<ContactFact, { type: 'offer.made' }>>;
  segment: Extract<ContactFact, { type: 'segment.started' }> | undefined;
  holdSince: number | undefined;
  holdMs: number;
  holdBy: LegParty;
  recordings: Map<string, number>;
  wrapUps: Extract<ContactFact, { type: 'wrapup.started' }>[];
  everQueued: boolean;
  everAnswered: boolean;
  ended: boolean;
}

function unfinished(facts: readonly ContactFact[]): Unfinished {
  const open: Unfinished = {
    legs: new Map(),
    entry: undefined,
    offers: new Map(),
    segment: undefined,
    holdSince: undefined,
    holdMs: 0,
    holdBy: 'agent',
    recordings: new Map(),
    wrapUps: [],
    everQueued: false,
    everAnswered: false,
    ended: false,
  };
  for (const fact of facts) note(open, fact);
  return open;
}

function note(open: Unfinished, fact: ContactFact): void {
  switch (fact.type) {
    case 'contact.started':
      open.legs.set(fact.data.legId, 'customer');
      return;
    case 'leg.added':
      open.legs.set(fact.data.legId, fact.data.party);
      return;
    case 'leg.ended':
      open.legs.delete(fact.data.legId);
      return;
    case 'queue.entered':
      open.entry = fact;
      open.everQueued = true;
      return;
    case 'queue.left':
      open.entry = undefined;
      return;
    case 'offer.made':
      open.offers.set(fact.data.offerId, fact);
      return;
    case 'offer.ended':
      open.offers.delete(fact.data.offerId);
      return;
    case 'segment.started':
      open.segment = fact;
      open.everAnswered = true;
      open.holdSince = undefined;
      open.holdMs = 0;
      return;
    case 'segment.ended':
      open.segment = undefined;
      return;
    case 'hold.started':
      open.holdSince ??= fact.at;
      open.holdBy = fact.data.by;
      return;
    case 'hold.ended':
      if (open.holdSince !== undefined) open.holdMs += fact.at - open.holdSince;
      open.holdSince = undefined;
      return;
    case 'recording.started':
      open.recordings.set(fact.data.recordingId, fact.data.segment);
      return;
    case 'recording.ended':
      open.recordings.delete(fact.data.recordingId);
      return;
    case 'wrapup.started':
      open.wrapUps.push(fact);
      return;
    case 'wrapup.ended':
      open.wrapUps = open.wrapUps.filter(({ data }) => data.agentId !== fact.data.agentId);
      return;
    case 'contact.ended':
      open.ended = true;
      return;
    default:
      return;
  }
}

/**
 * The facts that properly close a contact whose process died or stopped in the middle of it, so that every count stays true
 * (rule 17). What lasted until then is counted up to the last known fact, because nobody saw more.
 *
 * @param recordedMs length of each recording as found on disk, by id.
 * @param reason why the process is gone; stands in every fact.
 */
export function closingFacts(
  facts: readonly ContactFact[],
  recordedMs: ReadonlyMap<string, number>,
  now: number,
  reason: 'server-lost' | 'server-stopped' | 'internal-error' = 'server-lost',
): ContactFact[] {
  const last = facts.at(-1);
  if (last === undefined || last.type === 'contact.closed') return [];
  const seen = last.at;
  const open = unfinished(facts);
  const bodies: ContactFactBody[] = [];
  for (const { data } of open.offers.values()) {
    const { offerId, queueId, agentId } = data;
    bodies.push({
      type: 'offer.ended',
      data: { offerId, queueId, agentId, result: 'cancelled', reason, ringMs: 0 },
    });
  }
  if (open.entry !== undefined) {
    const { entryId, queueId } = open.entry.data;
    const waitMs = Math.max(0, seen - open.entry.at);
    bodies.push({ type: 'queue.left', data: { entryId, queueId, result: 'abandoned', reason, waitMs } });
  }
  if (open.segment !== undefined) bodies.push(...closeSegment(open, open.segment, seen, reason));
  for (const [recordingId, segment] of open.recordings) {
    const durationMs = recordedMs.get(recordingId) ?? 0;
    const result = durationMs > 0 ? 'complete' : 'failed';
    bodies.push({
      type: 'recording.ended',
      data: { recordingId: recordingId as never, segment, durationMs, result, reason },
    });
  }
  for (const [legId, party] of open.legs) {
    const verdict = { result: 'lost' as const, reason };
    bodies.push({ type: 'leg.ended', data: { legId: legId as never, party, by: 'local', verdict } });
  }
  if (!open.ended) {
    const outcome = open.everAnswered ? 'answered' : open.everQueued ? 'abandoned' : 'failed';
    bodies.push({ type: 'contact.ended', data: { outcome, reason } });
  }
  for (const { data, at } of open.wrapUps) {
    const { agentId, queueId } = data;
    const durationMs = Math.max(0, seen - at);
    bodies.push({ type: 'wrapup.ended', data: { agentId, queueId, durationMs, by: 'system' } });
  }
  bodies.push({ type: 'contact.closed', data: {} });
  const at = Math.max(now, seen);
  return bodies.map((body, index) => numbered(body, last.contactId, last.seq + index + 1, at));
}

function closeSegment(
  open: Unfinished,
  { data, at }: Extract<ContactFact, { type: 'segment.started' }>,
  seen: number,
  reason: string,
): ContactFactBody[] {
  const { segment } = data;
  const agent = data.agentId === undefined ? {} : { agentId: data.agentId };
  const bodies: ContactFactBody[] = [];
  let { holdMs } = open;
  if (open.holdSince !== undefined) {
    holdMs += seen - open.holdSince;
    bodies.push({ type: 'hold.ended', data: { by: open.holdBy, ...agent } });
  }
  const talkMs = Math.max(0, seen - at - holdMs);
  bodies.push({ type: 'segment.ended', data: { segment, ...agent, talkMs, holdMs, reason } });
  return bodies;
}

function numbered(body: ContactFactBody, contactId: ContactId, seq: number, at: number): ContactFact {
  return { contactId, seq, at, ...body };
}

/** Closes the books of an open contact without its machine; returns the facts that were missing. */
export function closeBooks(
  { facts, recordings, reducer }: OpenContact,
  now: number,
  reason: 'server-stopped' | 'internal-error',
): ContactFact[] {
  const recordedMs = new Map(
    [...recordings].map(([id, { durationSeconds }]) => [id, Math.round(durationSeconds * 1000)]),
  );
  const closing = closingFacts(facts, recordedMs, now, reason);
  for (const fact of closing) reducer.apply(fact);
  return closing;
}

/** Its legs and recordings are over, and nothing but the wrap-up of an agent keeps it open. */
export function isOnlyWrappedUp({ machine, recordings }: OpenContact): boolean {
  const { state, legs } = machine.view();
  if (state !== 'wrap-up' || legs.length > 0) return false;
  return [...recordings.values()].every(({ status }) => status !== 'recording');
}
