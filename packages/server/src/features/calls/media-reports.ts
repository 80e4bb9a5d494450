import type { LegId } from '@crosspoint/contracts';
import type { MediaClient } from '../../media/index.ts';
import type { LegQualities } from './leg-qualities.ts';
import type { LegSilence } from '../../carriers/door.ts';
import type { MediaPlaneEvents, PlacedLeg } from './media-places.ts';

/** The leg that has this name in its media process. */
type PlacedOf = (mediaId: string) => PlacedLeg | undefined;

/** Tells what a media process hears of its legs: keys, speech, who has answered, silence. Legs that nobody knows are passed over. */
export function reportSound(client: MediaClient, placedOf: PlacedOf, events: MediaPlaneEvents): void {
  const of = (mediaId: string, tell: (legId: LegId, placed: PlacedLeg) => void): void => {
    const placed = placedOf(mediaId);
    if (placed !== undefined) tell(placed.legId, placed);
  };
  // A process that took the leg over has not heard what another one had.
  const known = (silence: LegSilence, { wasHeard }: PlacedLeg): LegSilence => ({
    ...silence,
    neverHeard: silence.neverHeard && wasHeard !== true,
  });
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
  client.on('rtp-timeout', ({ legId, ...silence }) =>
    of(legId, (leg, placed) => events.silent(leg, known(silence, placed))),
  );
  client.on('sound-lost', ({ legId, ...silence }) =>
    of(legId, (leg, placed) => events.soundLost(leg, known(silence, placed))),
  );
  client.on('transport-failed', ({ legId, reason }) =>
    of(legId, (leg) => events.transportFailed(leg, reason)),
  );
}

/** Keeps how well legs are heard, and tells when that has changed. */
export function reportQuality(
  client: MediaClient,
  placedOf: PlacedOf,
  qualities: LegQualities,
  events: MediaPlaneEvents,
): void {
  client.on('leg-stats', ({ legs }) => {
    for (const { legId: mediaId, quality, packetsReceived } of legs) {
      const placed = placedOf(mediaId);
      if (placed === undefined) continue;
      if (packetsReceived > 0) placed.wasHeard = true;
      if (quality !== null && qualities.set(placed.legId, quality)) events.qualityChanged(placed.legId);
    }
  });
}

/** 16 bit, little endian, base64. */
function samplesOf(sound: string): Int16Array {
  const bytes = Buffer.from(sound, 'base64');
  return Int16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(index * 2));
}
