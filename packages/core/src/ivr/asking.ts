import type { FlowNodeName, FlowNodeOf, PromptLanguage } from '@crosspoint/contracts';
import { Question, type QuestionSettings } from './question.ts';

/** Nodes that a caller answers by keys. */
export type QuestionNode = FlowNodeOf<'menu' | 'collect' | 'survey' | 'language'>;

const oneKey = { digitsMin: 1, digitsMax: 1, interDigitSeconds: 1, terminator: null } as const;

/** The question of a node, asked anew for each caller who comes to it. */
export function questionOf(node: QuestionNode): Question {
  switch (node.kind) {
    case 'menu':
      return new Question({ ...node, ...oneKey }, (key) => Object.hasOwn(node.keys, key));
    case 'language':
      return oneOf(node, [], (key) => Object.hasOwn(node.choices, key));
    case 'survey':
      return oneOf(
        node,
        node.invalidPrompt,
        (key) => /^\d$/.test(key) && Number(key) >= node.min && Number(key) <= node.max,
      );
    case 'collect':
      return new Question({ ...node, timeoutPrompt: [] }, () => true);
  }
}

function oneOf(
  node: Pick<QuestionSettings, 'prompt' | 'bargeIn' | 'timeoutSeconds' | 'retries'>,
  invalidPrompt: QuestionSettings['invalidPrompt'],
  fits: (key: string) => boolean,
): Question {
  return new Question({ ...node, ...oneKey, invalidPrompt, timeoutPrompt: [] }, fits);
}

/** What comes of the digits that answer a node, or of none (`null`). */
export interface Answer {
  readonly exit: string;
  readonly to: FlowNodeName;
  readonly language?: PromptLanguage;
  readonly variable?: string;
  readonly score?: { readonly question: string; readonly score: number };
}

export function answerOf(node: QuestionNode, digits: string | null): Answer {
  if (node.kind === 'language') {
    const language = (digits === null ? undefined : node.choices[digits]) ?? node.otherwise;
    return { exit: 'next', to: node.next, language };
  }
  if (digits === null) return { exit: 'otherwise', to: node.otherwise };
  if (node.kind === 'menu') return { exit: `key-${digits}`, to: node.keys[digits] ?? node.otherwise };
  if (node.kind === 'collect') return { exit: 'next', to: node.next, variable: node.variable };
  return { exit: 'next', to: node.next, score: { question: node.question, score: Number(digits) } };
}
