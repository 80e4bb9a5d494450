import { expect, test } from 'vitest';
import { isBeyond } from './far-end.ts';

const firefox = 'o=mozilla...THIS_IS_SDPARTA-99.0 1341959574530739106 0 IN IP4 0.0.0.0\r\n';
const chromium = 'o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n';
const offer = (fingerprint: string): string =>
  `v=0\r\na=fingerprint:sha-256 ${fingerprint}\r\na=setup:actpass\r\n`;

/** A connection of a browser that introduces itself so, with somebody who has that fingerprint. */
const between = (own: string, fingerprint: string) => ({
  localDescription: { sdp: `v=0\r\n${own}` } as RTCSessionDescription,
  remoteDescription: { sdp: offer(fingerprint) } as RTCSessionDescription,
});

test('[CAR-03] [RFC8842 §4] Firefox cannot go on with the sound of another media process, others can', () => {
  expect(isBeyond(between(firefox, 'AB:CD'), offer('EF:01'))).toBe(true);
  expect(isBeyond(between(chromium, 'AB:CD'), offer('EF:01'))).toBe(false);
});

test('[CAR-03] an offer of the same far end is taken by every browser', () => {
  expect(isBeyond(between(firefox, 'AB:CD'), offer('ab:cd'))).toBe(false);
});
