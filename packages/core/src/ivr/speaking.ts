import type { FlowPrompt, FlowPromptPiece, PromptLanguage } from '@crosspoint/contracts';
import { promptLanguages } from '../prompts/index.ts';
import type { Utterance } from './door.ts';
import { evaluate } from './evaluate.ts';
import type { FlowVariables } from './expression.ts';

/** A longer value is cut; nobody listens to more digits. */
const spokenDigitsMax = 32;

/** What a prompt says to this caller now; a piece without a value is left out. */
export function utterancesOf(
  prompt: FlowPrompt,
  language: PromptLanguage,
  variables: FlowVariables,
): Utterance[] {
  return prompt.flatMap((piece) => utteranceOf(piece, language, variables) ?? []);
}

function utteranceOf(
  piece: FlowPromptPiece,
  language: PromptLanguage,
  variables: FlowVariables,
): Utterance | undefined {
  if ('text' in piece) {
    const spoken = [language, ...promptLanguages].find((each) => piece.text[each] !== undefined);
    const text = spoken === undefined ? undefined : piece.text[spoken];
    return spoken === undefined || text === undefined ? undefined : { kind: 'text', text, language: spoken };
  }
  if ('recording' in piece) {
    return { kind: 'sentence', sentence: { kind: 'prompt', name: piece.recording }, language };
  }
  if ('digits' in piece) {
    const digits = String(evaluate(piece.digits, variables)).slice(0, spokenDigitsMax);
    return digits === '' ? undefined : { kind: 'sentence', sentence: { kind: 'digits', digits }, language };
  }
  const value = Number(evaluate(piece.number, variables));
  if (!Number.isFinite(value)) return undefined;
  return { kind: 'sentence', sentence: { kind: 'number', value: Math.round(value) }, language };
}
