import type { LegId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import type { MediaClient } from '../../media/index.ts';
import { LegQualities } from './leg-qualities.ts';
import type { MediaPlaneEvents, PlacedLeg } from './media-places.ts';
import { reportQuality, reportSound } from './media-reports.ts';

/** One leg, what a media process tells of it, and what came of that. */
function create() {
  const listeners = new Map<string, (event: object) => void>();
  const on = (name: string, listener: (event: object) => void) => void listeners.set(name, listener);
  const client = { on } as unknown as MediaClient;
  const told: [what: string, neverHeard: boolean][] = [];
  const events = {
    silent: (_leg: LegId, { neverHeard }: { neverHeard: boolean }) => void told.push(['silent', neverHeard]),
    soundLost: (_leg: LegId, { neverHeard }: { neverHeard: boolean }) => void told.push(['lost', neverHeard]),
  } as unknown as MediaPlaneEvents;
  const placed = { legId: 'leg' as LegId } as PlacedLeg;
  const placedOf = (mediaId: string) => (mediaId === 'socket' ? placed : undefined);
  reportSound(client, placedOf, events);
  reportQuality(client, placedOf, new LegQualities(() => true), events);
  return { told, say: (name: string, event: object) => listeners.get(name)?.(event) };
}

test('[OPS-03] a leg that another media process has heard is not one that was never heard', () => {
  const { told, say } = create();
  const silence = { legId: 'socket', silentForMs: 60_000, neverHeard: true };
  say('rtp-timeout', silence);
  say('leg-stats', { legs: [{ legId: 'socket', packetsReceived: 0, quality: null }] });
  say('sound-lost', silence);
  say('leg-stats', { legs: [{ legId: 'socket', packetsReceived: 1, quality: null }] });
  // Its process dies; in the next one it has not spoken yet.
  say('leg-stats', { legs: [{ legId: 'socket', packetsReceived: 0, quality: null }] });
  say('rtp-timeout', silence);
  say('sound-lost', silence);
  say('sound-lost', { ...silence, legId: 'nobody' });
  expect(told).toEqual([
    ['silent', true],
    ['lost', true],
    ['silent', false],
    ['lost', false],
  ]);
});
