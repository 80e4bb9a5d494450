import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalUris, parseAddress, parseUri, parseVia, writeAddress, writeUri, type SipUri } from './index.ts';

function uri(text: string): SipUri {
  const parsed = parseUri(text);
  if (parsed === undefined) throw new Error(`no URI: ${text}`);
  return parsed;
}

describe('URIs', () => {
  it('[MSG-30] [RFC3261 §19.1] reads users, passwords, ports, parameters and headers', () => {
    expect(uri('sips:al%69ce:pa%3Ass@Example.TEST:5061;transport=TCP;lr?Subject=a%20b')).toMatchObject({
      scheme: 'sips',
      user: 'alice',
      password: 'pa:ss',
      host: 'example.test',
      port: 5061,
      headers: 'Subject=a%20b',
    });
    expect([...uri('sip:h;transport=TCP;lr').parameters]).toEqual([
      ['transport', 'TCP'],
      ['lr', ''],
    ]);
    expect(uri('sip:user;par=u%40example.net@example.com').user).toBe('user;par=u@example.net');
    expect(uri('tel:+420-555;phone-context=x')).toMatchObject({ scheme: 'tel', user: '+420-555', host: '' });
  });

  it('[MSG-30] refuses what is no URI', () => {
    for (const text of [
      '',
      'sip:',
      'sip:@h',
      'sip:a@',
      'sip:a@h:70000',
      'sip:a@h:x',
      'sip:a@[::1',
      'sip:a@[xyz]',
      'sip:a%4@h',
      'sip:a b@h',
      'sip:a@h>',
      'http://h',
      'tel:',
      'tel:abcxyz',
      'mailto:a@b',
    ]) {
      expect(parseUri(text)).toBeUndefined();
    }
  });

  it('[MSG-31] writes a URI that reads back as the same, whatever the user part', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.option(fc.nat(65_535)), (user, port) => {
        const original: SipUri = {
          scheme: 'sip',
          user,
          password: undefined,
          host: '2001:db8::1',
          port: port ?? undefined,
          parameters: new Map([['transport', 'tcp']]),
          headers: undefined,
        };
        expect(parseUri(writeUri(original))).toEqual(original);
      }),
    );
  });

  it('[MSG-32] [RFC3261 §19.1.4] compares URIs as the RFC does', () => {
    const same: Array<[string, string]> = [
      ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
      ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
      ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
      ['sip:a@b?x=1&y=2', 'sip:a@b?y=2&x=1'],
    ];
    const different: Array<[string, string]> = [
      ['sip:ALICE@atlanta.com', 'sip:alice@atlanta.com'],
      ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
      ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
      ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
      ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
      ['sip:a@b', 'sips:a@b'],
    ];
    for (const [a, b] of same) expect(equalUris(uri(a), uri(b)), `${a} ${b}`).toBe(true);
    for (const [a, b] of different) expect(equalUris(uri(a), uri(b)), `${a} ${b}`).toBe(false);
  });
});

describe('addresses and Via', () => {
  it('[MSG-33] reads names with quotes, escapes and brackets inside, and bare URIs', () => {
    expect(parseAddress('"A \\"<x>\\" B" <sip:a@b;x=1>;tag=2')).toMatchObject({
      displayName: 'A "<x>" B',
      uriText: 'sip:a@b;x=1',
    });
    expect(parseAddress('Token Name <sip:a@b>')?.displayName).toBe('Token Name');
    const bare = parseAddress('sip:a@b;tag=1');
    expect([bare?.uriText, bare?.parameters.get('tag')]).toEqual(['sip:a@b', '1']);
    for (const text of [
      '',
      '<sip:a@b',
      '"x <sip:a@b>',
      'x" <sip:a@b>',
      '<>',
      '<sip:a@b> x',
      '<sip:a@b>;t="',
    ]) {
      expect(parseAddress(text), text).toBeUndefined();
    }
  });

  it('[MSG-33] writes an address that reads back as the same, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => {
        const written = writeAddress({
          displayName: name,
          uriText: 'sip:a@b',
          uri: undefined,
          parameters: new Map(),
        });
        const expected = [...name]
          .map((character) => (character < ' ' && character !== '\t' ? ' ' : character))
          .join('');
        expect(parseAddress(written)?.displayName).toBe(expected);
      }),
    );
  });

  it('[MSG-35] skips comments, also nested and escaped ones', () => {
    const parsed = parseVia('SIP/2.0/UDP h;branch=z9hG4bK1 (first hop (of \\) two)) ;ttl=3');
    expect([...(parsed?.via.parameters ?? [])]).toEqual([
      ['branch', 'z9hG4bK1'],
      ['ttl', '3'],
    ]);
    expect(parseVia('SIP/2.0/UDP h;branch=z9hG4bK1 (open')).toBeUndefined();
  });

  it('[MSG-34] reads the first of several Via values and where it ends', () => {
    const text = 'SIP/2.0/tcp host.example : 5070;branch=z9hG4bK1;received="1.2.3.4" , SIP/2.0/UDP b';
    const parsed = parseVia(text);
    expect(parsed?.via).toMatchObject({ transport: 'TCP', host: 'host.example', port: 5070 });
    expect(text.slice(parsed?.end)).toBe(', SIP/2.0/UDP b');
    for (const wrong of [
      '',
      'SIP/2.0/UDP',
      'SIP/1.0/UDP h',
      'HTTP/2.0/UDP h',
      'SIP/2.0/UDP h:x',
      'SIP/2.0/UDP a b',
    ]) {
      expect(parseVia(wrong), wrong).toBeUndefined();
    }
  });
});
