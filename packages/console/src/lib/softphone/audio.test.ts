import { describe, expect, test } from 'vitest';
import { faultOf, levelOf } from './audio.ts';

describe('the level of a microphone', () => {
  test('[CAR-03] is empty in silence, full at a shout, and grows with the sound', () => {
    expect(levelOf(new Float32Array(1024))).toBe(0);
    expect(levelOf(new Float32Array(1024).fill(1))).toBe(1);
    const [soft, loud] = [0.01, 0.1].map((value) => levelOf(new Float32Array(1024).fill(value)));
    // −40 dB and −20 dB on a bar from −60 to −6 dB.
    expect(soft).toBeCloseTo(20 / 54);
    expect(loud).toBeCloseTo(40 / 54);
  });
});

describe('why there is no microphone', () => {
  test.each([
    ['NotAllowedError', 'refused'],
    ['SecurityError', 'refused'],
    ['NotReadableError', 'busy'],
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
  ])('[CAR-03] %s is told as %s', (name, fault) => {
    expect(faultOf(new DOMException('', name))).toBe(fault);
  });
});
