import { execFile } from 'node:child_process';
import type { PromptLanguage } from '@crosspoint/contracts';
import { lowerPriority } from '../../platform/index.ts';
import { SpeechError, type SpokenText } from './door.ts';

/** Voice and words per minute at its usual pace. */
const voices: Readonly<Record<PromptLanguage, readonly [string, number]>> = {
  en: ['en-us', 150],
  es: ['es', 150],
  cs: ['cs', 145],
};
const synthesisTimeoutMs = 20_000;

/** Everything that makes a difference to the sound. */
export function espeakKey({ text, language, pacePercent = 100 }: SpokenText): readonly unknown[] {
  const [voice, wordsPerMinute] = voices[language];
  return [voice, Math.round((wordsPerMinute * pacePercent) / 100), text];
}

/** Speaks a text by eSpeak NG into a WAV file. @throws {SpeechError} */
export function speakOffline(spoken: SpokenText, path: string): Promise<void> {
  const [voice, wordsPerMinute] = espeakKey(spoken);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const options = ['-v', String(voice), '-s', String(wordsPerMinute), '-w', path, '--stdin'];
  const engine = execFile('espeak-ng', options, { timeout: synthesisTimeoutMs }, (error) => {
    if (error === null) return resolve();
    const isMissing = error.code === 'ENOENT';
    const message = isMissing
      ? 'espeak-ng, which speaks the texts of flows, is not installed. Install the Debian package espeak-ng ("apt install espeak-ng"), or use recordings.'
      : `espeak-ng could not speak "${spoken.text.slice(0, 60)}": ${error.message}`;
    reject(new SpeechError(message, { cause: error }));
  });
  lowerPriority(engine);
  // A process that could not start or ended early reports so above.
  engine.stdin?.on('error', () => undefined);
  engine.stdin?.end(spoken.text);
  return promise;
}
