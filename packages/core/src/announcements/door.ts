import type { EpochMs, QueueAnnouncements, QueueCallback } from '@crosspoint/contracts';
import type { Sentence } from '../prompts/index.ts';

/** How the caller stands in the queue now. */
export interface CallerPlace {
  /** From 1. */
  position: number;
  /** Null without data. */
  estimatedWaitMs: number | null;
}

export interface AnnouncerSettings {
  announcements: QueueAnnouncements;
  callback: QueueCallback;
}

export type AnnouncerInput =
  /** The caller hears the queue's music. */
  | {
      type: 'waiting.began';
      settings: AnnouncerSettings;
      /** When the caller entered the queue, from which the hold counts. */
      enteredAt: EpochMs;
      /** The number for a callback; empty when it is not known or cannot be called. */
      callbackNumber: string;
      place: CallerPlace | null;
    }
  | { type: 'settings.changed'; settings: AnnouncerSettings }
  /** What was said is over, or could not be said. */
  | { type: 'said' }
  | { type: 'digit'; digit: string }
  | { type: 'timer.due'; place: CallerPlace | null }
  | { type: 'callback.stored' }
  | { type: 'callback.refused' }
  /** Connected to an agent, or no longer in the queue for another reason. */
  | { type: 'waiting.ended'; connected: boolean };

export type AnnouncerEffect =
  /** Instead of music; `said` follows when it is over. */
  | { type: 'say'; sentences: Sentence[] }
  /** Nothing is said any more: music again. */
  | { type: 'music' }
  /** There is one timer; set again it replaces the former. */
  | { type: 'timer.set'; at: EpochMs }
  | { type: 'timer.cleared' }
  /** To be stored; `callback.stored` or `callback.refused` answers. */
  | { type: 'callback.requested'; number: string }
  /** It is stored: the contact leaves the queue with this result, its leg stays to hear the farewell. */
  | { type: 'callback.accepted' }
  /** The caller was connected meanwhile and needs no callback. */
  | { type: 'callback.withdrawn' }
  /** The farewell was heard: hang up. */
  | { type: 'farewell.over' };

export interface Announcer {
  /** Deterministic; input that does not fit is ignored. */
  handle(input: AnnouncerInput, now: EpochMs): AnnouncerEffect[];
}
