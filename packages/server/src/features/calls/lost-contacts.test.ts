import type { ContactFact, ContactFactBody, ContactId } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { closingFacts } from './lost-contacts.ts';

const contactId = 'c1' as ContactId;

/** Facts one second apart, from the given bodies. */
function history(...bodies: ContactFactBody[]): ContactFact[] {
  return bodies.map((body, index) => ({ contactId, seq: index + 1, at: 1_000 * (index + 1), ...body }));
}

const ids = { legId: 'l1', queueId: 'q1', agentId: 'a1', entryId: 'c1/q1', offerId: 'c1/o1' } as never as {
  legId: never;
  queueId: never;
  agentId: never;
  entryId: never;
  offerId: never;
};
const started: ContactFactBody = {
  type: 'contact.started',
  data: {
    direction: 'inbound',
    number: '700',
    callerPhone: '1',
    callerName: '',
    carrier: 'sip',
    legId: ids.legId,
  },
};
const entered: ContactFactBody = {
  type: 'queue.entered',
  data: { entryId: ids.entryId, queueId: ids.queueId, priority: 0, position: 1 },
};
const answered: ContactFactBody = {
  type: 'queue.left',
  data: {
    entryId: ids.entryId,
    queueId: ids.queueId,
    result: 'answered',
    reason: '',
    waitMs: 1_000,
    agentId: ids.agentId,
  },
};
const talking: ContactFactBody = {
  type: 'segment.started',
  data: { segment: 1, agentId: ids.agentId, queueId: ids.queueId, legId: 'l2' as never },
};
const holding: ContactFactBody = { type: 'hold.started', data: { by: 'agent', agentId: ids.agentId } };
const recording: ContactFactBody = {
  type: 'recording.started',
  data: { recordingId: 'r1' as never, segment: 1 },
};

describe('contacts left open by a crash', () => {
  test('[QUE-12] a waiting contact becomes abandoned, so that rule 17 stays true', () => {
    const closing = closingFacts(history(started, entered), new Map(), 60_000);
    expect(closing.map(({ type }) => type)).toEqual([
      'queue.left',
      'leg.ended',
      'contact.ended',
      'contact.closed',
    ]);
    expect(closing[0]?.data).toMatchObject({ result: 'abandoned', reason: 'server-lost', waitMs: 0 });
    expect(closing[2]?.data).toEqual({ outcome: 'abandoned', reason: 'server-lost' });
    expect(closing.map(({ seq }) => seq)).toEqual([3, 4, 5, 6]);
  });

  test('[REC-01] a conversation stays answered, and its recording gets the length found on disk', () => {
    const facts = history(started, entered, answered, talking, recording, holding);
    const closing = closingFacts(facts, new Map([['r1', 2_500]]), 60_000);
    expect(closing.map(({ type }) => type)).toEqual([
      'hold.ended',
      'segment.ended',
      'recording.ended',
      'leg.ended',
      'contact.ended',
      'contact.closed',
    ]);
    // Talk began at 4 s, hold at 6 s, and 6 s is the last that is known.
    expect(closing[1]?.data).toMatchObject({ talkMs: 2_000, holdMs: 0 });
    expect(closing[2]?.data).toMatchObject({ durationMs: 2_500, result: 'complete' });
    expect(closing[4]?.data).toEqual({ outcome: 'answered', reason: 'server-lost' });
  });

  test('[AVL-05] a contact that is closed needs nothing, and closing twice adds nothing', () => {
    const facts = history(started, entered);
    const closing = closingFacts(facts, new Map(), 60_000);
    expect(closingFacts([...facts, ...closing], new Map(), 70_000)).toEqual([]);
    expect(closingFacts([], new Map(), 70_000)).toEqual([]);
  });

  test('[OPS-03] the closing facts never stand before what they close', () => {
    const closing = closingFacts(history(started, entered), new Map(), 0);
    expect(closing.every(({ at }) => at === 2_000)).toBe(true);
  });
});
