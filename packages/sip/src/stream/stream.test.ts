import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../message/index.ts';
import { StreamFramer, type StreamFrame } from './index.ts';

const message = (body: string, header = 'Content-Length'): string =>
  `OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n${header}: ${body.length}\r\n\r\n${body}`;

function describeFrames(frames: StreamFrame[]): string[] {
  return frames.map((frame) => {
    if (frame.type === 'message') return decodeUtf8(frame.bytes);
    return frame.type === 'broken' ? `broken ${frame.reason}` : frame.type;
  });
}

function frames(text: string, messageBytesMax = 1_000): string[] {
  return describeFrames(new StreamFramer(messageBytesMax).push(encodeUtf8(text)));
}

describe('StreamFramer', () => {
  it('[STR-01] [RFC3261 §18.3] cuts a stream into messages however it is chopped', () => {
    const parts = [message('hello'), message('', 'l'), '\r\n\r\n', message('x\r\n\r\ny', 'CONTENT-LENGTH ')];
    const bytes = encodeUtf8(parts.join(''));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
        const framer = new StreamFramer(1_000);
        const found: StreamFrame[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          found.push(...framer.push(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(describeFrames(found)).toEqual([parts[0], parts[1], 'ping', parts[3]]);
      }),
    );
  });

  it('[STR-02] [RFC5626 §4.4.1] tells ping from pong', () => {
    expect(frames('\r\n\r\n')).toEqual(['ping']);
    expect(frames(`\r\n${message('')}`)).toEqual(['pong', message('')]);
    const framer = new StreamFramer(1_000);
    expect(framer.push(encodeUtf8('\r\n'))).toEqual([]);
    expect(describeFrames(framer.push(encodeUtf8('\r\n')))).toEqual(['ping']);
  });

  it('[STR-03] takes a message of exactly the limit and refuses one byte more', () => {
    const exact = message('x'.repeat(100));
    expect(frames(exact, exact.length)).toEqual([exact]);
    expect(frames(exact, exact.length - 1)).toEqual(['broken message-too-long']);
    expect(frames('A'.repeat(2_000))).toEqual(['broken head-too-long']);
  });

  it('[STR-04] gives up on a stream that cannot be followed, and says so once', () => {
    const framer = new StreamFramer(1_000);
    const bad = encodeUtf8('OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\n');
    expect(describeFrames(framer.push(bad))).toEqual(['broken missing-content-length']);
    expect(framer.push(encodeUtf8(message('')))).toEqual([]);
    expect(frames('A b C\r\nContent-Length: x\r\n\r\n')).toEqual(['broken bad-content-length']);
    expect(frames('A b C\r\nl: 1\r\nContent-Length: 2\r\n\r\n')).toEqual(['broken bad-content-length']);
  });

  it('[STR-05] no bytes make it throw or deliver more than it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), (chunks) => {
        const framer = new StreamFramer(100);
        const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        let delivered = 0;
        for (const chunk of chunks) {
          for (const frame of framer.push(chunk))
            if (frame.type === 'message') delivered += frame.bytes.length;
        }
        expect(delivered).toBeLessThanOrEqual(size);
      }),
    );
  });
});
