import type { PromptLanguage, Voicemail } from '@crosspoint/contracts';
import type { Sentence, Utterance } from '@crosspoint/core';

const millisecondsPerDay = 86_400_000;

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
  const at = clockIn(timeZone, Date.parse(message.at));
  const daysAgo = Math.round((clockIn(timeZone, now).dayMs - at.dayMs) / millisecondsPerDay);
  return [
    ...(message.forwardedFrom === null ? [] : ['message-forwarded']),
    ...(isNumber ? ['message-from', { kind: 'digits' as const, digits }] : ['message-from-unknown']),
    { kind: 'day', daysAgo, weekday: new Date(at.dayMs).getUTCDay() || 7, day: at.day, month: at.month },
    { kind: 'time', hour: at.hour, minute: at.minute },
  ];
}

/** What clock and calendar show there; `dayMs` is the same for all of a day. */
function clockIn(timeZone: string, at: number) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, calendar: 'gregory', hourCycle: 'h23' },
    ...({ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const),
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((each) => each.type === type)?.value ?? 0);
  const [year, month, day] = [part('year'), part('month'), part('day')];
  return { dayMs: Date.UTC(year, month - 1, day), month, day, hour: part('hour'), minute: part('minute') };
}
