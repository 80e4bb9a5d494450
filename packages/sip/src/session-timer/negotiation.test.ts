import { describe, expect, it } from 'vitest';
import { SipRequest } from '../message/index.ts';
import { answerTimer, readMinSe, readSessionExpires } from './index.ts';

const policy = { intervalSeconds: 1_800, minSeconds: 90 };

function request(headers: Record<string, string>): SipRequest {
  const message = new SipRequest('INVITE', 'sip:a@b');
  for (const [name, value] of Object.entries(headers)) message.append(name, value);
  return message;
}

/** `seconds;refresher`, and whether Require is there. */
function agreed(headers: Record<string, string>, preferred: 'uac' | 'uas' = 'uas'): string {
  const answer = answerTimer(request(headers), policy, preferred);
  if (answer.kind === 'too-small') return `422 ${answer.minSeconds}`;
  if (answer.kind === 'none') return 'none';
  return answer.headers.map(([, value]) => value).join(' ');
}

describe('session timer headers', () => {
  it('[SES-01] [RFC4028 §4] Session-Expires is read in both spellings, with and without refresher', () => {
    expect(readSessionExpires(request({ x: '1800' }))).toEqual({ seconds: 1_800, refresher: undefined });
    expect(readSessionExpires(request({ 'Session-Expires': '90 ; Refresher = UAS;x=y' }))).toEqual({
      seconds: 90,
      refresher: 'uas',
    });
    for (const value of ['', 'soon', '-1', '1.5', '99999999999', ';refresher=uac'])
      expect(readSessionExpires(request({ 'Session-Expires': value }))).toBeUndefined();
  });

  it('[SES-01] [RFC4028 §5] Min-SE is 90 unless more is said', () => {
    const values = ['120;x', '30', 'x', '90'].map((value) => readMinSe(request({ 'Min-SE': value })));
    expect([readMinSe(request({})), ...values]).toEqual([90, 120, 90, 90, 90]);
  });
});

describe('the answer of the UAS', () => {
  it('[SES-02] [RFC4028 §9] a peer without support gets no timer, unless a proxy asked: then we refresh', () => {
    expect(agreed({})).toBe('none');
    expect(agreed({ Supported: '100rel' })).toBe('none');
    expect(agreed({ 'Session-Expires': '600' })).toBe('600;refresher=uas');
    expect(agreed({ 'Session-Expires': '600;refresher=uac' })).toBe('600;refresher=uas');
  });

  it('[SES-03] [RFC4028 §9] a peer with support gets one, and its choice of the refresher', () => {
    const supported = { Supported: 'timer' };
    expect(agreed(supported)).toBe('1800;refresher=uas timer');
    expect(agreed(supported, 'uac')).toBe('1800;refresher=uac timer');
    expect(agreed({ ...supported, 'Min-SE': '3600' })).toBe('3600;refresher=uas timer');
    expect(agreed({ ...supported, 'Session-Expires': '600;refresher=uac' })).toBe('600;refresher=uac timer');
    expect(agreed({ Require: 'timer', 'Session-Expires': '600' })).toBe('600;refresher=uas timer');
  });

  it('[SES-04] [RFC4028 §9] the interval is shortened to ours down to the Min-SE of the peer, never lengthened', () => {
    const supported = { Supported: 'timer' };
    expect(agreed({ ...supported, 'Session-Expires': '7200' })).toBe('1800;refresher=uas timer');
    expect(agreed({ ...supported, 'Session-Expires': '7200', 'Min-SE': '2400' })).toBe(
      '2400;refresher=uas timer',
    );
    expect(agreed({ ...supported, 'Session-Expires': '600', 'Min-SE': '900' })).toBe(
      '600;refresher=uas timer',
    );
  });

  it('[SES-05] [RFC4028 §9] too small an interval is refused with 422, if the peer can understand that', () => {
    expect(agreed({ Supported: 'timer', 'Session-Expires': '90' })).toBe('90;refresher=uas timer');
    expect(agreed({ Supported: 'timer', 'Session-Expires': '89' })).toBe('422 90');
    expect(agreed({ 'Session-Expires': '5' })).toBe('90;refresher=uas');
  });
});
