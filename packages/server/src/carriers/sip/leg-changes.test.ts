import type { ContactId, LegId } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import type { LegMedia } from '../door.ts';
import type { SipLeg } from './leg.ts';
import { LegChanges } from './leg-changes.ts';
import { LegSound } from './leg-sound.ts';
import type { SipShell } from './shell.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const described = (direction: string, codec = 'PCMA/8000', payloadType = 8): Uint8Array =>
  bytes(
    [
      ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
      ...[`m=audio 4000 RTP/AVP ${payloadType}`, `a=rtpmap:${payloadType} ${codec}`, `a=${direction}`, ''],
    ].join('\r\n'),
  );

/** A leg in a call, what is told of it, and the descriptions of ours. */
async function talking() {
  const told: string[] = [];
  const media = {
    allocate: async () => ({ port: 20_000 }),
    setRemote: () => undefined,
    codecOf: () => undefined,
  };
  const sound = await LegSound.open({
    ...{ media: media as unknown as LegMedia, legId: 'leg' as LegId, contactId: 'contact' as ContactId },
    ...{ remoteAddress: '127.0.0.1', bindAddress: '127.0.0.1', publicAddress: undefined },
    ...{ offer: described('sendrecv'), transport: 'rtp', srtp: 'off' },
  });
  sound.answer(described('sendrecv'));
  const leg = { sessionId: 'session', callId: 'call', held: false, sound } as SipLeg;
  const changes = new LegChanges({
    shell: { run: () => told.push('answered') } as unknown as SipShell,
    noteHold: (_leg, held) => told.push(held ? 'held' : 'resumed'),
    changed: () => told.push('changed'),
    log: (what) => told.push(what),
  });
  return { leg, sound, changes, told };
}

test('[CAR-01] [RFC3264 §4] a telephone system holds and resumes by re-INVITEs without an offer, whose answers come with the ACK', async () => {
  const { leg, changes, told } = await talking();
  changes.remote(leg, undefined);
  expect(told.splice(0)).toEqual(['answered']);
  changes.confirmed(leg, described('inactive'));
  expect(told.splice(0)).toEqual(['held', 'changed']);
  changes.remote(leg, undefined);
  changes.confirmed(leg, described('sendrecv'));
  expect(told).toEqual(['answered', 'resumed', 'changed']);
});

test('[CAR-01] [RFC3264 §8] an offer of ours whose answer is missing or cannot be used changes nothing', async () => {
  const { leg, sound, changes, told } = await talking();
  for (const answer of [undefined, described('sendrecv', 'GSM/8000', 3)]) {
    changes.remote(leg, undefined);
    changes.confirmed(leg, answer);
    expect(sound.awaitsAnswer).toBe(false);
    expect(sound.audio?.heldByRemote).toBe(false);
  }
  changes.confirmed(leg, described('inactive'));
  expect(told).toEqual(['answered', 'answered', '488']);
});
