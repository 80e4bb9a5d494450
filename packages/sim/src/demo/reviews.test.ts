import { type ContactSegment, EvaluationChange, ScorecardInput } from '@crosspoint/contracts';
import { scoreOf } from '@crosspoint/core';
import { describe, expect, it } from 'vitest';
import { judgedAgent, judgement, timelineScorecard } from './reviews.ts';

const conversation = (agentId: string, talkSeconds: number, holdSeconds: number) =>
  ({ kind: 'conversation', agentId, talkSeconds, holdSeconds }) as unknown as ContactSegment;
const stay = { kind: 'queue', agentId: null, talkSeconds: null, holdSeconds: null } as ContactSegment;

const { groups } = ScorecardInput.parse(timelineScorecard);
const score = (change: unknown): number | null =>
  scoreOf(groups, EvaluationChange.parse(change).answers).score;

describe('what the timeline says of a conversation', () => {
  it('[DEMO-14] is all that it is judged by: the wait, the hold, how many conversations', () => {
    const good = { waitSeconds: 12, segments: [stay, conversation('a', 40, 0)] };
    expect(judgement(good, 20)).toMatchObject({
      finished: true,
      comment: 'Waited 12 s, talked 40 s, held 0 s.',
      answers: [{ value: true }, { value: 100 }, { value: 'one' }],
    });
    expect(score(judgement(good, 20))).toBe(100);
    const worse = { waitSeconds: 25, segments: [stay, conversation('a', 30, 0), conversation('b', 30, 20)] };
    expect(judgement(worse, 20).answers.map(({ value }) => value)).toEqual([false, 75, 'two']);
    expect(score(judgement(worse, 20))).toBeLessThan(50);
    expect(judgedAgent(worse)).toBe('b');
  });

  it('[DEMO-14] leaves out what it does not say', () => {
    const called = { waitSeconds: null, segments: [conversation('a', 10, 0)] };
    expect(judgement(called, 20).answers[0]).toEqual({ questionId: 'in-time', value: null });
    expect(score(judgement(called, undefined))).toBe(100);
    expect(judgedAgent({ waitSeconds: 3, segments: [stay] })).toBeUndefined();
  });
});
