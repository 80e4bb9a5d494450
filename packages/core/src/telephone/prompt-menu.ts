import type { PromptLanguage } from '@crosspoint/contracts';
import type { RunnableFlow } from '../ivr/index.ts';
import { collect, endings, menu, recording, say, service } from './nodes.ts';

/** What the shell does for recordings that are spoken by telephone. */
export const promptServices = ['prompt.begin', 'prompt.keep'] as const;
export type PromptService = (typeof promptServices)[number];

/** Length of the code that the console shows. */
export const recordingCodeDigits = 6;
const promptSecondsMax = 600;
/** Whoever reads a text aloud pauses. */
const silenceSeconds = 15;

/** The menu that takes a code of the console and records what is spoken as the recording to which the code belongs. */
export function promptMenu(language: PromptLanguage): RunnableFlow {
  const digits = { min: recordingCodeDigits, max: recordingCodeDigits, secret: true };
  return {
    ...{ name: 'prompt-menu', language, start: 'code' },
    nodes: {
      code: collect('prompt-code', 'code', digits, 'begin'),
      begin: service('prompt.begin', { begun: 'record', wrong: 'wrong-code', locked: 'locked' }),
      'wrong-code': say(['prompt-code-wrong'], 'code'),
      ...recording({ maxSeconds: promptSecondsMax, silenceSeconds, keep: 'keep', discard: 'once-more' }),
      keep: service('prompt.keep', { done: 'kept' }),
      kept: { kind: 'end', prompt: [{ recording: 'prompt-kept' }, { recording: 'menu-goodbye' }] },
      ...endings,
      'once-more': menu('record-menu', { '2': 'record', '*': 'goodbye', '#': 'goodbye' }),
    },
  };
}
