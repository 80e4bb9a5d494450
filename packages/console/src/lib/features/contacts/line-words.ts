import type { Tone } from '#lib/components/tone.ts';
import { shown } from '#lib/i18n/shown.ts';

/** What a line of the timeline says. */
export type Words = { text: string; tone: Tone; detail?: string };
/** The name of whom or what an id means. */
export type NameOf = (id: string | undefined) => string;

export const duration = (ms: number): string => shown.duration(ms / 1000);
