import type { Binding } from '@crosspoint/sip';
import { expect, test } from 'vitest';
import { DeviceSounds } from './device-sounds.ts';

function device(protocol: 'udp' | 'ws', contact = 'sip:a@192.0.2.1'): Binding {
  const flow = { protocol, localAddress: '', localPort: 0, remoteAddress: '192.0.2.1', remotePort: 1 };
  return { aor: 'sip:ann@x', user: 'ann', q: 1, callId: 'c', sequence: 1, expiresAtMs: 1, contact, flow };
}

test('[CAR-01] a device on a WebSocket is taken for a browser until it shows to be a telephone, and the other way round', () => {
  const sounds = new DeviceSounds();
  expect(sounds.of(device('ws'), 'off').sound.isWebRtc).toBe(true);
  sounds.learn(device('ws'), { isWebRtc: false });
  const { sound, otherSound } = sounds.of(device('ws'), 'required');
  expect(sound).toEqual({ isWebRtc: false, srtp: 'required' });
  expect(otherSound?.isWebRtc).toBe(true);
  expect(sounds.of(device('ws', 'sip:b@192.0.2.1'), 'off').sound.isWebRtc).toBe(true);
  sounds.learn(device('ws'), { isWebRtc: true });
  expect(sounds.of(device('ws'), 'off').sound.isWebRtc).toBe(true);
  expect(sounds.of(device('udp'), 'off')).toEqual({
    sound: { isWebRtc: false, srtp: 'off' },
    otherSound: { isWebRtc: false, srtp: 'required' },
  });
  expect(sounds.of(device('udp'), 'offered').otherSound).toEqual({ isWebRtc: false, srtp: 'required' });
  expect(sounds.of(device('udp'), 'required').otherSound).toBeUndefined();
});
