import type { ContactId, LegId } from '@crosspoint/contracts';
import { type LocalAudio, SdpSession } from '@crosspoint/sip';
import { describe, expect, test } from 'vitest';
import type { LegMedia, RemoteSound } from '../door.ts';
import { LegSound } from './leg-sound.ts';

const legId = 'leg' as LegId;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const portIn = (sdp: string): number => Number(/m=audio (\d+)/.exec(sdp)?.[1]);
const directionIn = (sdp: string): string | undefined =>
  /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(sdp)?.[1];

/** A leg at port 20,000 and its far end, a telephone at port 4,000. */
async function leg(offer?: string) {
  const remotes: RemoteSound[] = [];
  const media: LegMedia = {
    allocate: async () => ({ port: 20_000 }),
    setRemote: (_legId, remote) => void remotes.push(remote),
    sendDigit: () => undefined,
    play: () => undefined,
    stopPlaying: () => undefined,
    rename: () => undefined,
    codecOf: () => undefined,
    release: () => undefined,
  };
  const sound = await LegSound.open({
    ...{ media, legId, contactId: 'contact' as ContactId },
    ...{ remoteAddress: '127.0.0.1', bindAddress: '127.0.0.1', publicAddress: undefined },
    ...{ offer: offer === undefined ? undefined : bytes(offer), isBrowser: false, srtp: 'off' as const },
  });
  return { sound, remotes };
}

function telephone() {
  const sdp = new SdpSession({ sessionNumber: 7, address: '127.0.0.1' });
  const local: LocalAudio = {
    ...{ address: '127.0.0.1', port: 4_000, codecs: [{ name: 'PCMA', payloadType: 8, clockRateHz: 8_000 }] },
  };
  return {
    offer: (direction: LocalAudio['direction'] = 'sendrecv') => sdp.createOffer({ ...local, direction }),
    answer: (offer: string, direction: LocalAudio['direction'] = 'sendrecv'): Uint8Array => {
      const result = sdp.answerOffer(offer, { ...local, direction });
      if (!result.ok) throw new Error(result.detail);
      return bytes(result.answer);
    },
    accept: (answer: string) => sdp.acceptAnswer(answer).ok,
  };
}

describe('a leg whose socket is another one', () => {
  test('[OPS-03] is out of date until the far end has answered an offer with the new port', async () => {
    const { sound } = await leg();
    const phone = telephone();
    expect(sound.acceptAnswer(phone.answer(sound.offer()))).toBeUndefined();
    expect(sound.isOutdated).toBe(false);
    sound.useSocket({ port: 30_000 });
    expect(sound.isOutdated).toBe(true);
    const offer = sound.offerAsIs();
    expect(portIn(offer)).toBe(30_000);
    expect(sound.acceptAnswer(phone.answer(offer))).toBeUndefined();
    expect(sound.isOutdated).toBe(false);
  });

  test('[OPS-03] [RFC3264 §4] an answer to the offer of before does not count, early or final', async () => {
    const { sound } = await leg();
    const phone = telephone();
    const answer = phone.answer(sound.offer());
    sound.useSocket({ port: 30_000 });
    expect(sound.acceptEarlyAnswer(answer)).toBeUndefined();
    expect(sound.isOutdated).toBe(true);
    expect(sound.acceptAnswer(answer)).toBeUndefined();
    expect(sound.isOutdated).toBe(true);
  });

  test('[OPS-03] an offer of the far end is answered with the new port, which it then knows', async () => {
    const phone = telephone();
    const first = phone.offer();
    const { sound } = await leg(first);
    const answered = sound.answer(bytes(first));
    expect(answered.ok && phone.accept(answered.answer)).toBe(true);
    sound.useSocket({ port: 30_000 });
    const again = sound.answer(bytes(phone.offer('sendonly')));
    expect(again.ok && portIn(again.answer)).toBe(30_000);
    expect(sound.isOutdated).toBe(false);
  });

  test('[OPS-03] [RFC3264 §8.4] who holds us goes on holding: our offer does not ask for sound', async () => {
    const phone = telephone();
    const first = phone.offer('sendonly');
    const { sound } = await leg(first);
    const answered = sound.answer(bytes(first));
    expect(answered.ok && phone.accept(answered.answer)).toBe(true);
    expect(sound.audio?.heldByRemote).toBe(true);
    sound.useSocket({ port: 30_000 });
    expect(directionIn(sound.offerAsIs())).toBe('recvonly');
    expect(directionIn(sound.offer())).toBe('sendrecv');
  });
});
