import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SipRequest } from '../message/index.ts';
import {
  parseReplaces,
  readReferredBy,
  readReferTo,
  readTargetDialog,
  writeReferTo,
  writeReplaces,
} from './index.ts';

function refer(...lines: Array<[string, string]>): SipRequest {
  const request = new SipRequest('REFER', 'sip:700@example.test');
  for (const [name, value] of lines) request.append(name, value);
  return request;
}

function verdict(...values: string[]): number | string {
  const result = readReferTo(refer(...values.map((value) => ['Refer-To', value] as [string, string])));
  return result.ok ? 'ok' : result.status;
}

describe('Replaces', () => {
  it('[RPL-01] [RFC3891 §6.1] has a Call-ID and both tags, in any order', () => {
    expect(parseReplaces('12@h ;from-tag=f; to-tag=t;early-only')).toEqual({
      callId: '12@h',
      toTag: 't',
      fromTag: 'f',
      earlyOnly: true,
    });
    for (const value of [
      '',
      '12@h',
      '12@h;to-tag=t',
      '12@h;from-tag=f',
      ';to-tag=t;from-tag=f',
      'a b;to-tag=t;from-tag=f',
    ])
      expect(parseReplaces(value)).toBeUndefined();
  });

  it('[RPL-02] what is written reads back the same, also inside Refer-To', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~()<>:"/[\]?{}@-]{1,20}$/);
    const tag = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,20}$/);
    const replaces = fc.record({ callId: word, toTag: tag, fromTag: tag, earlyOnly: fc.boolean() });
    fc.assert(
      fc.property(replaces, (value) => {
        expect(parseReplaces(writeReplaces(value))).toEqual(value);
        const line = writeReferTo('sip:carol@example.test;transport=tcp', value) ?? '';
        const result = readReferTo(refer(['Refer-To', line]));
        expect(result).toMatchObject({ ok: true, target: { replaces: value, uri: { user: 'carol' } } });
      }),
    );
  });

  it('[RPL-03] [RFC4538 §7] Target-Dialog names a dialog from its sender’s side', () => {
    expect(readTargetDialog(refer(['Target-Dialog', 'id@h;local-tag=theirs;remote-tag=ours']))).toEqual({
      callId: 'id@h',
      localTag: 'ours',
      remoteTag: 'theirs',
    });
    expect(readTargetDialog(refer(['Target-Dialog', 'id@h;local-tag=theirs']))).toBeUndefined();
    expect(readTargetDialog(refer())).toBeUndefined();
  });
});

describe('Refer-To', () => {
  it('[RFR-01] [RFC3515 §2.4.1] must be there once and name an INVITE to a SIP or tel URI', () => {
    expect(verdict()).toBe(400);
    expect(verdict('<sip:a@b>', '<sip:c@d>')).toBe(400);
    expect(verdict('"broken <sip:a@b>')).toBe(400);
    expect(verdict('<sip:@>')).toBe(400);
    expect(verdict('<http://example.test/>')).toBe(416);
    expect(verdict('<sip:a@b;method=BYE>')).toBe(403);
    expect(verdict('<sip:a@b?Replaces=nonsense>')).toBe(400);
    expect(verdict('<sip:a@b?X=%>')).toBe(400);
    expect(verdict('<sip:a@b?X=%0D%0AEvil:1>')).toBe(400);
    expect(verdict(`<sip:a@b?${'X=1&'.repeat(21)}>`)).toBe(400);
    for (const value of ['sip:a@b', '<sip:a@b;method=INVITE>', '<tel:+420123>', 'Ann <sips:a@b?Subject=x>'])
      expect(verdict(value)).toBe('ok');
  });

  it('[RFR-02] the target has neither headers nor method, which come apart', () => {
    const value =
      '"Carol" <sip:carol@h;x=1;method=INVITE?Replaces=id%40h%3Bto-tag%3Dt%3Bfrom-tag%3Df&Require=replaces&Subject=a%20b>';
    expect(readReferTo(refer(['Refer-To', value]))).toMatchObject({
      ok: true,
      target: {
        displayName: 'Carol',
        uri: { user: 'carol', host: 'h', headers: undefined, parameters: new Map([['x', '1']]) },
        replaces: { callId: 'id@h', toTag: 't', fromTag: 'f', earlyOnly: false },
        headers: [['Subject', 'a b']],
      },
    });
  });

  it('[RFR-04] no text makes the readers throw', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      'sip:',
      'a',
      '@',
      '?',
      '&',
      '=',
      '%',
      '%3B',
      'Replaces',
      ';',
      '"',
      'to-tag',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (value) => {
        readReferTo(refer(['Refer-To', value]));
        readReferredBy(refer(['Referred-By', value]));
        readTargetDialog(refer(['Target-Dialog', value]));
        parseReplaces(value);
      }),
    );
  });

  it('[RFR-03] Referred-By is read where it can be', () => {
    expect(readReferredBy(refer(['Referred-By', '"Bob" <sip:bob@h>']))?.displayName).toBe('Bob');
    expect(readReferredBy(refer(['Referred-By', '"']))).toBeUndefined();
    expect(writeReferTo('mailto:a@b', undefined)).toBeUndefined();
  });
});
