import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flow, Wire } from '../../test/wire.ts';
import { addressBytes } from './address.ts';
import { answerStun, isStun } from './index.ts';

// The transaction id of the samples in RFC 5769.
const transaction = 'b7e7a701bc34d686fa87dfae';

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? '' : Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A binding request with attributes in hexadecimal. */
function request(attributes = ''): Uint8Array {
  const length = (attributes.length / 2).toString(16).padStart(4, '0');
  return bytesOf(`0001${length}2112a442${transaction}${attributes}`);
}

const from = (remoteAddress: string, remotePort: number) => ({ ...flow, remoteAddress, remotePort });

describe('STUN', () => {
  it('[STN-01] [RFC5769 §2.2, §2.3] tells the address that a request came from', () => {
    expect(hexOf(answerStun(request(), from('192.0.2.1', 32_853)))).toBe(
      `0101000c2112a442${transaction}002000080001a147e112a643`,
    );
    expect(hexOf(answerStun(request(), from('2001:db8:1234:5678:11:2233:4455:6677', 32_853)))).toBe(
      `010100182112a442${transaction}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9`,
    );
  });

  it('[STN-02] [RFC8489 §6.3.1] answers 420 to what it would have to understand, and ignores the rest', () => {
    expect(hexOf(answerStun(request('0003000400000002'), flow))).toBe(
      `011100102112a442${transaction}0009000400000414000a000200030000`,
    );
    const harmless = '802200036162630080280004deadbeef00060001620000';
    expect(hexOf(answerStun(request(`${harmless}00`), flow)).slice(0, 4)).toBe('0101');
  });

  it('[STN-03] everything else is no request, and no bytes make it throw', () => {
    const good = request();
    const wrong = [
      bytesOf(hexOf(good).replace('2112a442', '2112a443')),
      bytesOf(hexOf(good).slice(0, 38)),
      new TextEncoder().encode('OPTIONS sip:a SIP/2.0\r\n\r\n'),
    ];
    for (const bytes of wrong) expect(isStun(bytes)).toBe(false);
    expect(isStun(good)).toBe(true);
    for (const hex of [`0101${hexOf(good).slice(4)}`, `00010008${hexOf(good).slice(8)}`]) {
      expect(answerStun(bytesOf(hex), flow)).toBeUndefined();
    }
    expect(answerStun(request('00030008000000'), flow)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (tail) => {
        const bytes = new Uint8Array([...good, ...tail]);
        new DataView(bytes.buffer).setUint16(2, tail.length);
        const answer = answerStun(bytes, flow);
        expect(answer === undefined || isStun(answer)).toBe(true);
      }),
    );
  });

  it('[STN-04] reads every spelling of an address', () => {
    const table: Array<[string, string]> = [
      ['192.0.2.255', 'c00002ff'],
      ['::', '0'.repeat(32)],
      ['::1', `${'0'.repeat(31)}1`],
      ['fe80::1%eth0', `fe80${'0'.repeat(27)}1`],
      ['::ffff:192.0.2.1', `${'0'.repeat(20)}ffffc0000201`],
      ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
      ['host', ''],
      ['1.2.3', ''],
      ['256.1.1.1', ''],
      ['1::2::3', ''],
      ['1:2:3:4:5:6:7', ''],
      ['1:2:3:4:5:6:7:8::', ''],
      ['::12345', ''],
    ];
    for (const [text, hex] of table) expect(hexOf(addressBytes(text)), text).toBe(hex);
  });

  it('[STN-05] [RFC5626 §4.4.2] a UDP flow is kept alive by it, a stream is not', () => {
    const wire = new Wire();
    wire.stack.receive(request(), flow, wire.nowMs);
    const outputs = wire.stack.drain();
    expect(outputs).toHaveLength(1);
    const [output] = outputs;
    expect(output?.type === 'send' && isStun(output.bytes)).toBe(true);
    wire.stack.receive(request(), { ...flow, protocol: 'ws', connectionId: 1 }, wire.nowMs);
    expect(wire.stack.drain().filter(({ type }) => type === 'send')).toEqual([]);
    expect(wire.stack.statistics().serverTransactions).toBe(0);
  });
});
