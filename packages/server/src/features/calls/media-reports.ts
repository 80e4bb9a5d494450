import type { LegId } from '@crosspoint/contracts';
import type { MediaClient } from '../../media/index.ts';
import type { LegQualities } from './leg-qualities.ts';
import type { MediaPlaneEvents } from './media-places.ts';

/** Tells what a media process hears of its legs: keys, speech, who has answered, silence. Legs that nobody knows are passed over. */
export function reportSound(
  client: MediaClient,
  legOf: (mediaId: string) => LegId | undefined,
  events: MediaPlaneEvents,
): void {
  const of = (mediaId: string, tell: (legId: LegId) => void): void => {
    const legId = legOf(mediaId);
    if (legId !== undefined) tell(legId);
  };
  client.on('digit', ({ legId, digit }) => of(legId, (leg) => events.digit(leg, digit)));
  client.on('speech-changed', ({ legId, state }) =>
    of(legId, (leg) => events.speech(leg, state === 'speech')),
  );
  client.on('sound-heard', ({ legId, sound }) => of(legId, (leg) => events.sound(leg, samplesOf(sound))));
  client.on('answered-by', ({ legId, verdict, reason, atMs, greetingMs, words }) =>
    of(legId, (leg) => events.answerDetected(leg, { verdict, reason, atMs, greetingMs, words })),
  );
  client.on('message-ready', ({ legId, reason, atMs }) =>
    of(legId, (leg) => events.messageReady(leg, { reason, atMs })),
  );
  client.on('rtp-timeout', ({ legId, ...silence }) => of(legId, (leg) => events.silent(leg, silence)));
  client.on('sound-lost', ({ legId, ...silence }) => of(legId, (leg) => events.soundLost(leg, silence)));
  client.on('transport-failed', ({ legId, reason }) =>
    of(legId, (leg) => events.transportFailed(leg, reason)),
  );
}

/** Keeps how well legs are heard, and tells when that has changed. */
export function reportQuality(
  client: MediaClient,
  legOf: (mediaId: string) => LegId | undefined,
  qualities: LegQualities,
  events: MediaPlaneEvents,
): void {
  client.on('leg-stats', ({ legs }) => {
    for (const { legId: mediaId, quality } of legs) {
      const legId = legOf(mediaId);
      if (legId !== undefined && quality !== null && qualities.set(legId, quality)) {
        events.qualityChanged(legId);
      }
    }
  });
}

/** 16 bit, little endian, base64. */
function samplesOf(sound: string): Int16Array {
  const bytes = Buffer.from(sound, 'base64');
  return Int16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(index * 2));
}
