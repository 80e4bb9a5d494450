import type { SrtpUse } from '@crosspoint/contracts';
import type { Binding } from '@crosspoint/sip';
import { expect, test } from 'vitest';
import { DeviceSounds, soundsOfTrunk } from './device-sounds.ts';

function device(protocol: 'udp' | 'ws', contact = 'sip:a@192.0.2.1'): Binding {
  const flow = { protocol, localAddress: '', localPort: 0, remoteAddress: '192.0.2.1', remotePort: 1 };
  return { aor: 'sip:ann@x', user: 'ann', q: 1, callId: 'c', sequence: 1, expiresAtMs: 1, contact, flow };
}

/** What is offered, in order. */
function offers(sounds: DeviceSounds | undefined, to: Binding, srtp: SrtpUse): string[] {
  const { sound, otherSounds = [] } = sounds === undefined ? soundsOfTrunk(srtp) : sounds.of(to, srtp);
  return [sound, ...otherSounds].map((each) =>
    each.transport === 'rtp' ? `rtp ${each.srtp}` : each.transport,
  );
}

test('[CAR-01] a device on a WebSocket is taken for a browser until it shows to be a telephone, and the other way round', () => {
  const sounds = new DeviceSounds();
  expect(offers(sounds, device('ws'), 'off')).toEqual(['webrtc', 'rtp off']);
  sounds.learn(device('ws'), { transport: 'rtp' });
  expect(offers(sounds, device('ws'), 'required')).toEqual(['rtp required', 'webrtc']);
  expect(offers(sounds, device('ws', 'sip:b@192.0.2.1'), 'off')).toEqual(['webrtc', 'rtp off']);
  sounds.learn(device('ws'), { transport: 'webrtc' });
  expect(offers(sounds, device('ws'), 'off')).toEqual(['webrtc', 'rtp off']);
  sounds.learn(device('udp'), { transport: 'webrtc' });
  expect(offers(sounds, device('udp'), 'off')).toEqual(['webrtc', 'rtp off']);
});

test('[CAR-02] a telephone that refuses is offered more encryption, and never less than is required', () => {
  const sounds = new DeviceSounds();
  const offered = (srtp: SrtpUse): string[] => offers(sounds, device('udp'), srtp);
  expect(offered('off')).toEqual(['rtp off', 'dtls', 'rtp required']);
  expect(offered('offered')).toEqual(['rtp offered', 'dtls', 'rtp required']);
  expect(offered('required')).toEqual(['rtp required', 'dtls']);
  expect(offered('dtls-offered')).toEqual(['dtls', 'rtp offered', 'rtp required']);
  expect(offered('dtls-required')).toEqual(['dtls']);
});

test('[CAR-02] a telephone that has taken DTLS or called with it is offered it first, until it takes something else', () => {
  const sounds = new DeviceSounds();
  sounds.learn(device('udp'), { transport: 'dtls' });
  expect(offers(sounds, device('udp'), 'off')).toEqual(['dtls', 'rtp off', 'rtp required']);
  expect(offers(sounds, device('udp'), 'required')).toEqual(['dtls', 'rtp required']);
  expect(offers(sounds, device('udp'), 'dtls-required')).toEqual(['dtls']);
  sounds.learn(device('udp'), { transport: 'rtp' });
  expect(offers(sounds, device('udp'), 'off')).toEqual(['rtp off', 'dtls', 'rtp required']);
});

test('[CAR-02] a trunk is offered what was set, and keys in the description where it need not be DTLS', () => {
  const offered = (srtp: SrtpUse): string[] => offers(undefined, device('udp'), srtp);
  expect(offered('off')).toEqual(['rtp off']);
  expect(offered('offered')).toEqual(['rtp offered', 'rtp required']);
  expect(offered('required')).toEqual(['rtp required']);
  expect(offered('dtls-offered')).toEqual(['dtls', 'rtp offered', 'rtp required']);
  expect(offered('dtls-required')).toEqual(['dtls']);
});
