import { describe, expect, test } from 'vitest';
import { Story } from '../../test/facts-kit.ts';
import { contactHistory, createContactReducer } from './index.ts';

function answered(): Story {
  const story = new Story('c1')
    .started(1_000)
    .at(1_000, 'leg.added', { legId: 'L1', party: 'customer', address: 'x' });
  story.entered(1_000).at(1_000, 'offer.made', { offerId: 'c1/o1', agentId: 'ann' });
  story.at(4_000, 'offer.ended', { offerId: 'c1/o1', result: 'accepted' }).left(4_000, 'answered', 3_000);
  story.at(4_000, 'segment.started', { segment: 1, agentId: 'ann', queueId: 'q', legId: 'L2' });
  story.at(4_000, 'recording.started', { recordingId: 'R1', segment: 1 });
  const end = { segment: 1, agentId: 'ann', talkMs: 5_000, holdMs: 1_000, reason: 'customer-hung-up' };
  story.at(10_000, 'segment.ended', end).at(10_000, 'contact.ended', { outcome: 'answered', reason: 'bye' });
  return story.wrapUp(10_000, 12_000).at(12_000, 'contact.closed', {});
}

describe('history', () => {
  test('[HIS-2 HIS-3 HIS-4] an answered contact has a stay and a conversation, with all its times', () => {
    const history = contactHistory(answered().facts);
    expect(history).toMatchObject({
      id: 'c1',
      state: 'closed',
      queueId: 'q',
      agentId: 'ann',
      outcome: 'answered',
      reason: 'bye',
      startedAt: 1_000,
      queuedAt: 1_000,
      answeredAt: 4_000,
      endedAt: 10_000,
      closedAt: 12_000,
      waitMs: 3_000,
      talkMs: 5_000,
      holdMs: 1_000,
      wrapUpMs: 2_000,
      recordingIds: ['R1'],
      openLegIds: ['L1'],
      lastSeq: 13,
    });
    expect(history?.segments).toMatchObject([
      { number: 1, kind: 'queue', result: 'answered', agentId: 'ann', waitMs: 3_000, talkMs: null },
      {
        number: 2,
        kind: 'conversation',
        talkMs: 5_000,
        holdMs: 1_000,
        wrapUpMs: 2_000,
        recordingIds: ['R1'],
      },
    ]);
  });

  test('[HIS-5] the state at each moment', () => {
    const reducer = createContactReducer();
    const states = answered().facts.map((fact) => {
      reducer.apply(fact);
      return `${fact.type} ${reducer.history()?.state}`;
    });
    expect(states).toEqual([
      'contact.started arriving',
      'leg.added arriving',
      'queue.entered waiting',
      'offer.made offered',
      'offer.ended waiting',
      'queue.left waiting',
      'segment.started connected',
      'recording.started connected',
      'segment.ended connected',
      'contact.ended ended',
      'wrapup.started wrap-up',
      'wrapup.ended ended',
      'contact.closed closed',
    ]);
  });

  test('[HIS-6] a conversation names each of its recordings, in their order', () => {
    const story = new Story('c1')
      .started(0)
      .at(0, 'segment.started', { segment: 1, agentId: 'ann', legId: 'L2' });
    for (const recordingId of ['R1', 'R2']) {
      story.at(1_000, 'recording.started', { recordingId, segment: 1 });
      story.at(2_000, 'recording.commanded', { recordingId, recording: false, byUserId: null });
    }
    const history = contactHistory(story.facts);
    expect(history?.segments).toMatchObject([{ kind: 'conversation', recordingIds: ['R1', 'R2'] }]);
    expect(history?.recordingIds).toEqual(['R1', 'R2']);
  });

  test('[HIS-1] facts that come twice change nothing, and without a beginning there is no contact', () => {
    const { facts } = answered();
    expect(contactHistory([...facts, ...facts])).toEqual(contactHistory(facts));
    expect(contactHistory(facts.slice(1))).toBeUndefined();
    expect(contactHistory([])).toBeUndefined();
  });

  test('[HIS-2] a refused contact has no segment but knows the queue that refused it', () => {
    const story = new Story('c1').started(0);
    story.at(0, 'contact.deflected', { reason: 'queue-full', queueId: 'q' }).ended(0, 'deflected');
    expect(contactHistory(story.facts)).toMatchObject({ queueId: 'q', outcome: 'deflected', segments: [] });
  });
});
