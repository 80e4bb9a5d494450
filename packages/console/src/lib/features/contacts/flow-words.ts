import type { SpokenAnswer, TimelineFact } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';
import { exitWords } from '#lib/features/flows/exits.ts';
import { reasonWords as becauseWords, targetWords } from '#lib/features/routing/conditions.ts';
import { reasonWords } from './reasons.ts';
import { duration, type Words } from './line-words.ts';

type FlowFact = Extract<
  TimelineFact,
  { type: 'routing.decided' | 'voicemail.left' | 'survey.answered' | `flow.${string}` }
>;

/** What rules and flows did with a call, and what came of it, as lines of the timeline. */
export function flowWords(fact: FlowFact): Words {
  switch (fact.type) {
    case 'routing.decided':
      return fact.data.rule === undefined
        ? {
            text: m.timeline_routing_none(),
            detail: becauseWords(fact.data.failures ?? [], null),
            tone: 'bad',
          }
        : {
            text: m.timeline_routing_rule({
              ...{
                rule: fact.data.rule,
                target: fact.data.to ? targetWords(fact.data.to) : fact.data.target,
              },
            }),
            detail: becauseWords(fact.data.failures ?? [], fact.data.when) || fact.data.reason,
            tone: 'off',
          };
    case 'voicemail.left':
      return {
        text: m.timeline_voicemail({ box: fact.data.box }),
        detail: duration(fact.data.durationMs),
        tone: 'off',
      };
    case 'survey.answered':
      return {
        text: m.timeline_survey({ question: fact.data.question, score: fact.data.score }),
        tone: 'off',
      };
    case 'flow.started':
      return { text: m.timeline_flow_started({ flow: fact.data.flow }), tone: 'waiting' };
    case 'flow.passed':
      return {
        text: m.timeline_flow_passed({ node: fact.data.node, exit: exitWords(fact.data.exit) }),
        detail: inputWords(fact.data),
        tone: 'off',
      };
    case 'flow.ended':
      return {
        text: m.timeline_flow_ended({ flow: fact.data.flow }),
        detail: reasonWords(fact.data.reason),
        tone: 'off',
      };
  }
}

/** What the caller keyed at a node, or said. */
interface Passed {
  input: string;
  reason?: string | undefined;
  spoken?: SpokenAnswer[] | undefined;
}

function inputWords({ input, reason = '', spoken = [] }: Passed): string {
  if (reason !== '') return reasonWords(reason);
  const said = spoken.findLast(({ text }) => text !== '');
  if (said !== undefined && ['accepted', 'confirmed'].includes(said.result)) {
    return m.timeline_flow_said({ text: said.text, percent: Math.round(said.confidence * 100) });
  }
  return input === '' ? '' : m.timeline_flow_keyed({ input });
}
