import type { ConfigurationDocumentInput, ContactSummary, EvaluationChange } from '@crosspoint/contracts';

/** Conversations judged by what their timeline says; the voices of the company say no words that could be judged. */

export const timelineScorecard: NonNullable<ConfigurationDocumentInput['scorecards']>[number] = {
  name: 'Service by the timeline',
  note: 'What can be seen without listening: the wait, the hold, how many conversations it took.',
  groups: [
    {
      name: 'Before the conversation',
      weight: 40,
      questions: [
        {
          ...{ kind: 'yes-no', id: 'in-time', notApplicable: true },
          text: 'Was the caller answered within the time that the queue aims at?',
        },
      ],
    },
    {
      name: 'In the conversation',
      weight: 60,
      questions: [
        {
          ...{ kind: 'points', id: 'hold', weight: 40 },
          text: 'How little did the caller wait on hold?',
          help: '100: not at all; a point less for each percent of the conversation.',
        },
        {
          ...{ kind: 'choice', id: 'conversations', weight: 60 },
          text: 'How many conversations did it take?',
          options: [
            { id: 'one', label: 'One', points: 100 },
            { id: 'two', label: 'Two', points: 60 },
            { id: 'more', label: 'More', points: 0 },
          ],
        },
      ],
    },
  ],
};

type Judged = Pick<ContactSummary, 'waitSeconds' | 'segments'>;

/** Who had the last conversation of a contact, which is the one that is judged. */
export function judgedAgent({ segments }: Judged): string | undefined {
  return segments.findLast(({ kind }) => kind === 'conversation')?.agentId ?? undefined;
}

/** @param targetSeconds within which the queue wants to answer; undefined: unknown, which leaves that out of the score */
export function judgement(contact: Judged, targetSeconds: number | undefined): EvaluationChange {
  const talks = contact.segments.filter(({ kind }) => kind === 'conversation');
  const sum = (of: 'talkSeconds' | 'holdSeconds'): number =>
    talks.reduce((total, segment) => total + (segment[of] ?? 0), 0);
  const [talked, held] = [sum('talkSeconds'), sum('holdSeconds')];
  const holdShare = talked + held > 0 ? held / (talked + held) : 0;
  const waited = contact.waitSeconds;
  const inTime = waited === null || targetSeconds === undefined ? null : waited <= targetSeconds;
  return {
    answers: [
      { questionId: 'in-time', value: inTime },
      { questionId: 'hold', value: Math.round(100 * (1 - holdShare)) },
      { questionId: 'conversations', value: talks.length <= 1 ? 'one' : talks.length === 2 ? 'two' : 'more' },
    ],
    comment: `Waited ${Math.round(waited ?? 0)} s, talked ${Math.round(talked)} s, held ${Math.round(held)} s.`,
    finished: true,
  };
}
