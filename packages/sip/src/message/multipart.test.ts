import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerOf, Wire, write } from '../../test/wire.ts';
import { decodeUtf8, encodeUtf8, findDescription, splitMultipart } from './index.ts';

const type = 'multipart/mixed; boundary="b 1"';
const sdp =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

/** A body of parts, each a head and a text. */
function body(parts: ReadonlyArray<readonly [head: string, text: string]>, boundary = 'b 1'): string {
  const written = parts.map(
    ([head, text]) => `--${boundary}\r\n${head === '' ? '' : `${head}\r\n`}\r\n${text}\r\n`,
  );
  return `${written.join('')}--${boundary}--\r\n`;
}

const found = (contentType: string, text: string) => {
  const result = findDescription(contentType, encodeUtf8(text));
  return typeof result === 'string' ? result : decodeUtf8(result);
};

describe('multipart bodies', () => {
  it('[MPT-01] [RFC2046 §5.1] are cut at their boundary, without preamble, epilogue and the last line end', () => {
    const text = `preamble\r\n${body([
      ['Content-Type: application/sdp', sdp],
      [
        'content-type: application/isup;version=x\r\nContent-Disposition: signal;\r\n handling=required',
        '\u0001--b 1x\r\n--b 1y',
      ],
      ['', 'plain'],
    ])}epilogue`;
    const parts = splitMultipart(type, encodeUtf8(text)) ?? [];
    expect(
      parts.map((part) => [part.contentType, part.disposition, part.isRequired, decodeUtf8(part.body)]),
    ).toEqual([
      ['application/sdp', undefined, false, sdp],
      ['application/isup;version=x', 'signal', true, '\u0001--b 1x\r\n--b 1y'],
      ['text/plain', undefined, false, 'plain'],
    ]);
    const lines = splitMultipart('multipart/mixed;boundary=x', encodeUtf8('--x\nA: b\n\none\n--x\n\ntwo'));
    expect(lines?.map((part) => decodeUtf8(part.body))).toEqual(['one', 'two']);
  });

  it('[MPT-02] what is none is told from one', () => {
    for (const [contentType, text] of [
      ['application/sdp', sdp],
      ['multipart/mixed', body([['', 'x']])],
      ['multipart/mixed;boundary=""', body([['', 'x']])],
      [`multipart/mixed;boundary=${'x'.repeat(71)}`, body([['', 'x']], 'x'.repeat(71))],
      [type, 'nothing'],
      [type, '--b 1\r\nno empty line'],
      [type, '--b 1--\r\n'],
      [type, body(Array.from({ length: 17 }, () => ['', 'x'] as const))],
    ] as const) {
      expect(splitMultipart(contentType, encodeUtf8(text)), contentType).toBeUndefined();
    }
  });

  it('[MPT-03] [RFC5621] the session description is found in them, also further inside', () => {
    const description = ['Content-Type: application/sdp', sdp] as const;
    const optional = [
      'Content-Type: application/isup\r\nContent-Disposition: signal;handling=optional',
      'x',
    ] as const;
    const required = [
      'Content-Type: application/isup\r\nContent-Disposition: signal;handling=required',
      'x',
    ] as const;
    expect(found('Application/SDP; charset=utf-8', sdp)).toBe(sdp);
    expect(found(type, body([optional, description]))).toBe(sdp);
    expect(found(type, body([description, required]))).toBe('unsupported');
    expect(found(type, body([optional]))).toBe('none');
    expect(
      found(type, body([['Content-Type: application/sdp\r\nContent-Disposition: early-session', sdp]])),
    ).toBe('none');
    expect(
      found(type, body([['Content-Type: application/sdp\r\nContent-Transfer-Encoding: base64', 'dg']])),
    ).toBe('none');
    const alternative = body(
      [['', 'x'], ['Content-Type: application/sdp', 'v=0 first'], description, required],
      'in',
    );
    expect(found('multipart/alternative;boundary=in', alternative)).toBe(sdp);
    expect(
      found(type, body([['Content-Type: multipart/alternative;boundary=in', alternative.slice(0, -2)]])),
    ).toBe(sdp);
    let deep = body([description], 'd0');
    for (let i = 1; i < 6; i++)
      deep = body([[`Content-Type: multipart/mixed;boundary=d${i - 1}`, deep]], `d${i}`);
    expect(found('multipart/mixed;boundary=d5', deep)).toBe('none');
  });

  it('[MPT-04] no bytes make it throw, and no part is longer than the body', () => {
    const base = encodeUtf8(
      body([
        ['Content-Type: application/sdp', sdp],
        ['', 'x'],
      ]),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = base.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        const length = (splitMultipart(type, bytes) ?? []).reduce((sum, part) => sum + part.body.length, 0);
        expect(length).toBeLessThan(bytes.length);
        expect(findDescription(type, bytes)).toBeDefined();
      }),
    );
  });
});

describe('a call with a multipart body', () => {
  const invite = (contentType: string, text: string) =>
    write({ headers: [`Content-Type: ${contentType}`], body: text }).replace(
      'Content-Type: application/sdp\r\n',
      '',
    );

  it('[MPT-05] [RFC5621 §8.3] is refused with 415 and what we take when its parts are not understood', () => {
    const wire = new Wire();
    const text = body([
      ['Content-Type: application/sdp', sdp],
      ['Content-Type: application/isup\r\nContent-Disposition: signal;handling=required', 'x'],
    ]);
    for (const [contentType, content] of [
      [type, text],
      [type, body([['Content-Type: text/plain', 'x']])],
      ['multipart/mixed', text],
    ] as const) {
      const answer =
        wire
          .receive(
            invite(contentType, content).replace('call-1', `call-${content.length}${contentType.length}`),
          )
          .at(-1) ?? '';
      expect(answer).toMatch(/^SIP\/2.0 415 /);
      expect(headerOf(answer, 'Accept')).toBe('application/sdp, multipart/mixed, multipart/alternative');
    }
  });

  it('[MPT-06] rings with the description from inside', () => {
    const wire = new Wire();
    wire.receive(
      invite(
        type,
        body([
          ['Content-Type: application/isup', 'x'],
          ['Content-Type: application/sdp', sdp],
        ]),
      ),
    );
    const [event] = wire.of('invite');
    expect(event?.contentType).toBe('application/sdp');
    expect(decodeUtf8(event?.body ?? new Uint8Array(0))).toBe(sdp);
  });
});
