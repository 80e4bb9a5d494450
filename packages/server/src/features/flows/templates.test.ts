import { checkFlow, textsOf } from '@crosspoint/core';
import { expect, test } from 'vitest';
import { flowTemplates } from './templates.ts';
import { runFlowTests } from './test-document.ts';
import { FlowTestDocument } from '@crosspoint/contracts';

const everything = {
  ...{
    hasQueue: () => true,
    hasAgent: () => true,
    hasVoicemailBox: () => true,
    hasCalendar: () => true,
    hasSegment: () => true,
  },
  ...{ flow: () => undefined, isTimeZone: () => true },
};

test.each(flowTemplates.map((each) => [each.id, each] as const))(
  '[IVR-01] the flow to start from "%s" is sound and speaks three languages',
  (_id, { document }) => {
    expect(checkFlow(document, everything)).toEqual([]);
    for (const text of textsOf(document)) expect(Object.keys(text).toSorted()).toEqual(['cs', 'en', 'es']);
  },
);

test('[IVR-06] the flows to start from do what they say', () => {
  const report = runFlowTests(
    FlowTestDocument.parse({
      tests: [
        {
          name: 'closed on Sunday',
          flow: 'reception',
          given: { at: '2026-01-04T10:00:00Z' },
          expect: { path: ['welcome', 'hours:closed', 'closed'], ends: true },
        },
        {
          name: 'open on Monday',
          flow: 'reception',
          given: { at: '2026-01-05T10:00:00Z' },
          expect: { queue: 'support' },
        },
        {
          name: 'another number is called back',
          flow: 'callback offer',
          steps: [
            { returns: true },
            { hears: 'called back' },
            { keys: '2' },
            { keys: '555#' },
            { succeeds: {} },
          ],
          expect: { path: ['support:after', 'offer:key-2', 'other', 'note-other', 'noted'], ends: true },
        },
        {
          name: 'gold goes ahead',
          flow: 'account look-up',
          steps: [{ keys: '1234#' }, { succeeds: { balance: 120, level: 'gold' } }, { hears: 'balance' }],
          expect: { at: 'gold', variables: { customer: '1234' } },
        },
        {
          name: 'a discontent caller',
          flow: 'survey',
          steps: [{ keys: '1' }, { keys: '2' }, { hears: 'tone' }, { succeeds: {} }],
          expect: { ends: true },
        },
      ],
    }),
    { flow: (name) => flowTemplates.find((each) => each.name === name)?.document, hours: () => undefined },
  );
  expect(report.tests.flatMap(({ failures }) => failures)).toEqual([]);
});
