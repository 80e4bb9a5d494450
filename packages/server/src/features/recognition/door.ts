import type { RecognitionFault, RecognitionSettingsInput } from '@crosspoint/contracts';
import type { Hearing } from '@crosspoint/core';
import type { z } from 'zod';

/** A recogniser, and what it is to be asked with. */
export type RecognitionChoice = Omit<z.output<typeof RecognitionSettingsInput>, 'key'> & { key: string };

export const soundRateHz = 8_000;

/** What becomes of one utterance: `heard` or `failed` comes once, unless it is cancelled. */
export interface RecognitionEvents {
  /** What it may become; it may still change. */
  partial: (text: string) => void;
  /** `text` is empty when nothing was recognised; `confidence` 0 to 1. */
  heard: (text: string, confidence: number) => void;
  failed: (fault: RecognitionFault, detail: string) => void;
}

/** One utterance on its way to a recogniser. */
export interface RecognitionStream {
  /** Linear, at 8,000 Hz; goes on being used by the caller afterwards. */
  write: (samples: Int16Array) => void;
  /** That was all of it. */
  finish: () => void;
  /** Nobody waits for it any more. */
  cancel: () => void;
}

/** Whoever understands speech, in one way or another. */
export interface Recogniser {
  /** Why it cannot understand that now; undefined when it can. Costs nothing. */
  refusal: (hearing: Hearing) => RecognitionFault | undefined;
  open: (hearing: Hearing, events: RecognitionEvents) => RecognitionStream;
}
