import type { TimelineFact } from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { m } from '#lib/paraglide/messages.js';

type AnswerFact = Extract<TimelineFact, { type: 'answer.detected' | 'message.ready' }>;

const verdicts = {
  human: { text: m.timeline_answer_human, tone: 'talk' },
  machine: { text: m.timeline_answer_machine, tone: 'waiting' },
  unknown: { text: m.timeline_answer_unknown, tone: 'off' },
} as const satisfies Record<string, { text: () => string; tone: Tone }>;

/** What told it; a reason of a later release is shown as it is. */
const signs: Readonly<Record<string, () => string>> = {
  'greeting-short': m.answer_sign_greeting_short,
  'greeting-long': m.answer_sign_greeting_long,
  'many-words': m.answer_sign_many_words,
  beep: m.answer_sign_beep,
  'fax-tone': m.answer_sign_fax_tone,
  'initial-silence': m.answer_sign_initial_silence,
  silence: m.answer_sign_silence,
  'time-out': m.answer_sign_time_out,
  'not-heard': m.answer_sign_not_heard,
};

/** Who answered a call that was made, and when a machine records. */
export function answerWords({ type, data }: AnswerFact): { text: string; tone: Tone; detail: string } {
  const detail = signs[data.reason]?.() ?? data.reason;
  if (type === 'message.ready') return { text: m.timeline_message_ready(), tone: 'waiting', detail };
  const { text, tone } = verdicts[data.verdict];
  return { text: text(), tone, detail };
}
