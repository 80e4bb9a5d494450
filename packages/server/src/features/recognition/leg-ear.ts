import type { Hearing } from '@crosspoint/core';
import type { Recogniser, RecognitionStream } from './door.ts';

/** What was said shortly before it was known to be speech belongs to it. */
const rememberedChunks = 6;

export interface LegEarEvents {
  began: () => void;
  heard: (text: string, confidence: number) => void;
  /** `fault`: a stable code. */
  failed: (fault: string) => void;
}

/** Listens to one leg for one utterance: from where speech begins to a silence, or for the longest time. Then it is over. */
export class LegEar {
  readonly #recogniser: Recogniser;
  readonly #hearing: Hearing;
  readonly #events: LegEarEvents;
  readonly #remembered: Int16Array[] = [];
  #stream: RecognitionStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #state: 'waiting' | 'speaking' | 'recognising' | 'over' = 'waiting';

  constructor(recogniser: Recogniser, hearing: Hearing, events: LegEarEvents) {
    this.#recogniser = recogniser;
    this.#hearing = hearing;
    this.#events = events;
  }

  /** What the leg says, in order. */
  sound(samples: Int16Array): void {
    if (this.#state === 'speaking') this.#stream?.write(samples);
    if (this.#state !== 'waiting') return;
    this.#remembered.push(samples);
    if (this.#remembered.length > rememberedChunks) this.#remembered.shift();
  }

  speech(isSpeaking: boolean): void {
    if (isSpeaking && this.#state === 'waiting') this.#begin();
    else if (!isSpeaking && this.#state === 'speaking') this.#finish();
  }

  /** Nothing more comes of it. */
  close(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    clearTimeout(this.#timer);
    this.#stream?.cancel();
  }

  #begin(): void {
    this.#state = 'speaking';
    const end = (tell: () => void): void => {
      if (this.#state === 'over') return;
      this.#state = 'over';
      clearTimeout(this.#timer);
      tell();
    };
    this.#stream = this.#recogniser.open(this.#hearing, {
      partial: () => undefined,
      heard: (text, confidence) => end(() => this.#events.heard(text, confidence)),
      failed: (fault) => end(() => this.#events.failed(fault)),
    });
    for (const samples of this.#remembered.splice(0)) this.#stream.write(samples);
    this.#timer = setTimeout(() => this.#finish(), this.#hearing.maxMs);
    this.#events.began();
  }

  #finish(): void {
    if (this.#state !== 'speaking') return;
    this.#state = 'recognising';
    clearTimeout(this.#timer);
    this.#stream?.finish();
  }
}
