import type { Prompt } from '@crosspoint/contracts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';

const sources: Record<Prompt['source'], () => string> = {
  uploaded: m.prompt_source_uploaded,
  microphone: m.prompt_source_microphone,
  telephone: m.prompt_source_telephone,
  spoken: m.prompt_source_spoken,
  file: m.prompt_source_file,
  shipped: m.prompt_source_shipped,
};

export const sourceWords = ({ source }: Prompt): string => sources[source]();

/** A length; words of a second or less are told apart by tenths. */
export const secondsWords = (seconds: number): string =>
  seconds < 10 ? `${shown.number(seconds, 1)} ${m.unit_seconds()}` : shown.duration(seconds);
