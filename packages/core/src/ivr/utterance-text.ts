import { promptText, speak } from '../prompts/index.ts';
import type { Utterance } from './door.ts';

/** What a caller hears of it, as words to read. */
export function utteranceText(utterance: Utterance): string {
  if (utterance.kind === 'text') return utterance.text;
  if (utterance.kind === 'sound') return '[sound]';
  return promptText(utterance.language, speak(utterance.language, utterance.sentence));
}
