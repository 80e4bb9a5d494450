import type { PromptLanguage } from '@crosspoint/contracts';

export interface SpokenText {
  text: string;
  language: PromptLanguage;
  /** Of the voice, 50 to 200 percent of its usual pace; 100 when it is left out. */
  pacePercent?: number;
}

/** The engine is missing or failed; `message` says what to do. */
export class SpeechError extends Error {}
