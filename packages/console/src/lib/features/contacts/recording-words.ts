import type { TimelineFact } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';
import { reasonWords } from './reasons.ts';
import { duration, type NameOf, type Words } from './line-words.ts';

type RecordingFact = Extract<TimelineFact, { type: `recording.${string}` }>;

/** Recordings as lines of the timeline. */
export function recordingWords(fact: RecordingFact, nameOf: NameOf): Words | null {
  switch (fact.type) {
    case 'recording.started':
      return { text: m.timeline_recording_started(), tone: 'off' };
    case 'recording.commanded': {
      const person = nameOf(fact.data.byUserId ?? undefined);
      return fact.data.recording
        ? { text: m.timeline_recording_commanded({ person }), tone: 'off' }
        : { text: m.timeline_recording_commanded_end({ person }), tone: 'off' };
    }
    case 'recording.channels':
      return null;
    case 'recording.paused':
      return { text: m.timeline_recording_paused({ reason: fact.data.reason }), tone: 'hold' };
    case 'recording.resumed':
      return { text: m.timeline_recording_resumed({ time: duration(fact.data.pausedMs) }), tone: 'talk' };
    case 'recording.ended':
      return fact.data.result === 'failed'
        ? { text: m.timeline_recording_failed({ reason: reasonWords(fact.data.reason) }), tone: 'bad' }
        : { text: m.timeline_recording_ended({ time: duration(fact.data.durationMs) }), tone: 'off' };
  }
}
