import type { PromptLanguage, Voicemail } from '@crosspoint/contracts';
import type { Sentence, Utterance } from '@crosspoint/core';
import { DateTime } from 'luxon';

const dayMs = 86_400_000;

/** Says these sentences; a text is the name of a recording. */
export function spoken(language: PromptLanguage, sentences: readonly (Sentence | string)[]): Utterance[] {
  return sentences.map((each) => ({
    ...{ kind: 'sentence', language },
    sentence: typeof each === 'string' ? { kind: 'prompt', name: each } : each,
  }));
}

/** From whom a message is and when it was left, as its hearer counts days. */
export function heading(
  message: Pick<Voicemail, 'callerPhone' | 'at' | 'forwardedFrom'>,
  { timeZone, now }: { timeZone: string; now: number },
): (Sentence | string)[] {
  const digits = message.callerPhone.replace(/[^\d+*#]/g, '');
  const isNumber = /^\+?[\d*#]+$/.test(message.callerPhone.replace(/[\s().-]/g, ''));
  const at = DateTime.fromISO(message.at, { zone: timeZone });
  const today = DateTime.fromMillis(now, { zone: timeZone });
  const daysAgo = Math.round(
    (Date.UTC(today.year, today.month - 1, today.day) - Date.UTC(at.year, at.month - 1, at.day)) / dayMs,
  );
  return [
    ...(message.forwardedFrom === null ? [] : ['message-forwarded']),
    ...(isNumber ? ['message-from', { kind: 'digits' as const, digits }] : ['message-from-unknown']),
    { kind: 'day', daysAgo, weekday: at.weekday, day: at.day, month: at.month },
    { kind: 'time', hour: at.hour, minute: at.minute },
  ];
}
