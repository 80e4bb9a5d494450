import { describe, expect, test } from 'vitest';
import type { MediaClient, MediaMethod, MediaParams } from '../../media/index.ts';
import { StandingOrders } from './standing-orders.ts';

const first = {} as MediaClient;
const second = {} as MediaClient;
const remote = (legId: string): MediaParams<'leg.remote'> => ({
  ...{ legId, address: '127.0.0.1', port: 4_000, codec: 'PCMA', payloadType: 8 },
  ...{ direction: 'sendrecv', ptimeMs: 20, rtcpMux: false },
});
const music = { kind: 'music' } as const;

function orders() {
  const book = new StandingOrders();
  const say = <M extends MediaMethod>(method: M, params: MediaParams<M>) => book.note(first, method, params);
  const repeated = (...mediaIds: string[]): [string, unknown][] => {
    const told: [string, unknown][] = [];
    book.repeat(new Set(mediaIds), first, second, (method, params) => void told.push([method, params]));
    return told;
  };
  return { book, say, repeated };
}

describe('what a media process is told that takes over', () => {
  test('[OPS-03] where the far ends are, who is muted, who is bridged, and what they hear, in this order', () => {
    const { say, repeated } = orders();
    say('leg.play', { legId: 'a', playId: 'a:music', source: music, loop: true });
    say('leg.bridge', { a: 'a', b: 'b' });
    say('leg.remote', remote('a'));
    say('leg.remote', remote('b'));
    say('leg.mute', { legId: 'b', muted: true });
    expect(repeated('a', 'b')).toEqual([
      ['leg.remote', remote('a')],
      ['leg.remote', remote('b')],
      ['leg.mute', { legId: 'b', muted: true }],
      ['leg.bridge', { a: 'a', b: 'b' }],
      ['leg.play', { legId: 'a', playId: 'a:music', source: music, loop: true }],
    ]);
  });

  test('[OPS-03] who listens for speech, until nobody does', () => {
    const { say, repeated } = orders();
    say('leg.listen', { legId: 'a', speech: {} });
    say('leg.listen', { legId: 'b', speech: {} });
    say('leg.stopListening', { legId: 'b' });
    expect(repeated('a', 'b')).toEqual([['leg.listen', { legId: 'a', speech: {} }]]);
  });

  test('[OPS-03] nothing that has ended: plays, bridges, legs, mutes, conferences', () => {
    const { book, say, repeated } = orders();
    say('leg.bridge', { a: 'a', b: 'b' });
    say('leg.bridge', { a: 'c', b: 'b' });
    say('leg.play', { legId: 'a', playId: 'prompt', source: music });
    book.playEnded('a', 'prompt');
    say('leg.play', { legId: 'c', playId: 'c:music', source: music });
    say('leg.stopPlaying', { legId: 'c' });
    say('leg.mute', { legId: 'c', muted: true });
    say('leg.mute', { legId: 'c', muted: false });
    say('conference.create', { conferenceId: 'x.main' });
    say('conference.join', { conferenceId: 'x.main', legId: 'a' });
    say('conference.end', { conferenceId: 'x.main' });
    expect(repeated('a', 'b', 'c')).toEqual([['leg.bridge', { a: 'b', b: 'c' }]]);
    say('leg.release', { legId: 'c' });
    expect(repeated('a', 'b', 'c')).toEqual([]);
  });

  test('[OPS-03] conferences, once: whoever is supervised before the supervisor, each as he takes part by now', () => {
    const { say, repeated } = orders();
    const listen = { mode: 'listen' as const, legId: 'agent' };
    const barge = { mode: 'barge' as const, legId: 'agent' };
    say('conference.create', { conferenceId: 'x.main' });
    say('conference.join', { conferenceId: 'x.main', legId: 'boss', supervision: listen });
    say('conference.join', { conferenceId: 'x.main', legId: 'agent', supervision: null });
    say('conference.set', { legId: 'boss', supervision: barge });
    expect(repeated('boss', 'agent')).toEqual([
      ['conference.create', { conferenceId: 'x.main' }],
      ['conference.join', { conferenceId: 'x.main', legId: 'agent', supervision: null }],
      ['conference.join', { conferenceId: 'x.main', legId: 'boss', supervision: barge }],
    ]);
    expect(repeated()).toEqual([]);
  });

  test('[OPS-03] no keys or candidates of DTLS, which ended with the process', () => {
    const { say, repeated } = orders();
    const dtls = {
      ...{ fingerprint: { algorithm: 'sha-256', value: 'AA' }, iceUfrag: 'u', icePwd: 'p' },
      ...{ candidates: [], setup: 'active' as const },
    };
    say('leg.remote', { ...remote('a'), dtls });
    expect(repeated('a')).toEqual([]);
  });

  test('[OPS-03] [REC-02] whom a recording hears, and whether it is paused', () => {
    const { book, say } = orders();
    say('recording.start', { recordingId: 'r', path: '/r.wav', left: 'a', right: 'b' });
    say('recording.attach', { recordingId: 'r', right: 'x.main' });
    say('recording.pause', { recordingId: 'r' });
    expect(book.recording('r')).toEqual({ channels: { left: 'a', right: 'x.main' }, isPaused: true });
    book.recordingEnded('r');
    expect(book.recording('r')).toBeUndefined();
  });
});
