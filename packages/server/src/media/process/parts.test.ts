import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIPv4, isIPv6 } from 'node:net';
import { LineReader } from '../lines.ts';
import { AddressBook, isAddress, isIpv6Handle } from './addresses.ts';
import { checkParams, isMethod } from './checks.ts';
import { CommandError } from './errors.ts';
import { PortPool } from './ports.ts';
import { type MediaSettings, settingsFromArguments, settingsToArguments } from './settings.ts';

describe('port pool', () => {
  it('[MED-13] hands out each even port of the range once, and the last returned one last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 60_000 }), fc.integer({ min: 1, max: 200 }), (min, width) => {
        const pool = new PortPool(min, min + width);
        const ports: number[] = [];
        for (let port = pool.take(); port !== undefined; port = pool.take()) ports.push(port);
        expect(new Set(ports).size).toBe(pool.size);
        expect(ports.every((port) => port % 2 === 0 && port >= min && port + 1 <= min + width)).toBe(true);
        if (ports.length < 2) return;
        pool.give(ports[1] as number);
        pool.give(ports[0] as number);
        pool.give(ports[0] as number);
        expect(pool.free).toBe(2);
        expect(pool.take()).toBe(ports[0]);
        expect(pool.take()).toBe(ports[1]);
        expect(pool.take()).toBeUndefined();
      }),
    );
  });
});

describe('port pool of a successor', () => {
  it('[MED-13] begins where it is told to, and gives out the others later', () => {
    const pool = new PortPool(20_000, 20_009, 20_005);
    expect(Array.from({ length: 6 }, () => pool.take())).toEqual([
      ...[20_004, 20_006, 20_008, 20_000, 20_002],
      undefined,
    ]);
  });
});

describe('addresses', () => {
  const book = (used: number[] = []): AddressBook => new AddressBook(() => used);

  it('[MED-14] reads what it writes of IPv4, and refuses everything else', () => {
    const addresses = book();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xefff_ffff }), (address) => {
        expect(addresses.parse(addresses.format(address))).toBe(address);
      }),
    );
    for (const wrong of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '01.2.3.4',
      '1.2.3.x',
      '1.2.3.-4',
      '240.0.0.1',
    ]) {
      expect(addresses.parse(wrong), wrong).toBeUndefined();
    }
  });

  it('[MED-14] takes of all texts made of digits and dots the addresses that there are', () => {
    const addresses = book();
    const part = fc.oneof(
      fc.nat(999).map(String),
      fc.constantFrom('', '0', '00', '01', '255', '256', '1000', '+1', ' 1'),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.join('.');
        const isUsable = isIPv4(text) && Number(parts[0]) < 240;
        expect(addresses.parse(text), text).toBe(
          isUsable ? parts.reduce((value, each) => value * 256 + Number(each), 0) : undefined,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('[MED-14] [RFC4291 §2.2] reads IPv6 in every form, and knows equal addresses by equal numbers', () => {
    const addresses = book();
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const handle = addresses.parse(text);
        if (!isAddress(text)) {
          expect(handle).toBeUndefined();
          return;
        }
        expect(isIpv6Handle(handle as number)).toBe(true);
        const written = addresses.format(handle as number);
        expect(isIPv6(written)).toBe(true);
        expect(new URL(`http://[${text}]`).hostname).toBe(`[${written}]`);
        expect(addresses.parse(written)).toBe(handle);
      }),
    );
    const zone = 'fe80::1%eth0';
    for (const wrong of [
      ':',
      '1:2:3',
      '1::2::3',
      '1:2:3:4:5:6:7:8:9',
      '::12345',
      zone,
      '::ffff:192.0.2.1',
      'g::',
    ]) {
      expect(addresses.parse(wrong), wrong).toBeUndefined();
      expect(isAddress(wrong), wrong).toBe(false);
    }
  });

  it('[MED-14] forgets strangers when they become too many, and nobody who is in use', () => {
    const used: number[] = [];
    const addresses = book(used);
    used.push(addresses.parse('2001:db8::1') as number);
    let stranger = 0;
    for (let i = 1; i <= 200_000; i++) stranger = addresses.ofWords(1, 2, 3, i);
    expect(addresses.format(used[0] as number)).toBe('2001:db8::1');
    expect(addresses.format(stranger)).toBe('0:1:0:2:0:3:3:d40');
    expect(addresses.isHandleOf(stranger, 1, 2, 3, 200_000)).toBe(true);
  });
});

describe('lines', () => {
  it('[CTL-05] come out whole, however the bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\n', ' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), fc.integer({ min: 1, max: 17 }), (lines, size) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const reader = new LineReader(1000);
        const seen: string[] = [];
        for (let at = 0; at < bytes.length; at += size) {
          expect(reader.push(bytes.subarray(at, at + size), (text) => seen.push(text))).toBeUndefined();
        }
        expect(seen).toEqual(lines);
      }),
    );
  });

  it('[CTL-05] have a limit', () => {
    const reader = new LineReader(10);
    expect(reader.push(Buffer.from('1234567890'), () => undefined)).toBeUndefined();
    expect(reader.push(Buffer.from('1'), () => undefined)).toMatch(/longer than 10/);
  });
});

describe('requests', () => {
  const remote = {
    legId: 'a',
    address: '127.0.0.1',
    port: 4000,
    codec: 'PCMU',
    payloadType: 0,
    direction: 'sendrecv',
    ptimeMs: 20,
    rtcpMux: false,
  };

  it('[CTL-03] are taken as they are when they are right', () => {
    expect(checkParams('leg.remote', remote)).toBe(remote);
    expect(isMethod('leg.remote')).toBe(true);
    expect(isMethod('toString')).toBe(false);
  });

  it.each([
    [{ ...remote, port: 0 }, /port: a whole number of 1–65535 is wanted, not 0/],
    [{ ...remote, port: 65_536 }, /port/],
    [{ ...remote, payloadType: 128 }, /payloadType/],
    [{ ...remote, codec: 'OPUS' }, /codec: one of PCMU, PCMA, G722, opus is wanted, not "OPUS"/],
    [{ ...remote, address: 'example.com' }, /address: an IP address is wanted/],
    [{ ...remote, legId: 'x'.repeat(65) }, /legId/],
    [{ ...remote, rtcpMux: 1 }, /rtcpMux/],
    [{ ...remote, surprise: 1 }, /surprise: there is no such field/],
    [null, /an object is wanted/],
  ])('[CTL-03] are refused as a whole with the field: %#', (params, message) => {
    expect(() => checkParams('leg.remote', params)).toThrow(message);
  });

  it.each([
    [{ kind: 'radio' }, /source\.kind/],
    [{ kind: 'tone', frequenciesHz: [], onMs: 100 }, /source\.frequenciesHz/],
    [{ kind: 'tone', frequenciesHz: [440, 5000], onMs: 100 }, /frequenciesHz\[1\]/],
    [{ kind: 'file', path: 'relative.wav' }, /source\.path: an absolute path/],
    [{ kind: 'file', path: '/a\0b' }, /source\.path/],
    [undefined, /source\.kind/],
  ])('[CTL-03] are refused for their source: %#', (source, message) => {
    expect(() => checkParams('leg.play', { legId: 'a', playId: 'p', source })).toThrow(message);
  });

  it('[CTL-03] never end in anything but a refusal', () => {
    fc.assert(
      fc.property(fc.anything(), (params) => {
        try {
          checkParams('leg.play', params);
        } catch (error) {
          expect(error).toBeInstanceOf(CommandError);
        }
      }),
    );
  });
});

describe('settings', () => {
  const settings: MediaSettings = {
    socketPath: '/run/a b.sock',
    bindAddress: '192.0.2.1',
    rtpPortMin: 20_000,
    rtpPortMax: 29_999,
    packets: 'auto',
    rtpTimeoutSeconds: 10,
    soundTimeoutSeconds: 60,
    orphanExitSeconds: 60,
    orphanLegSilenceSeconds: 600,
  };

  it('[MED-15] survive the command line', () => {
    expect(settingsFromArguments(settingsToArguments(settings))).toEqual(settings);
    const later = { ...settings, rtpPortFirst: settings.rtpPortMin + 2 };
    expect(settingsFromArguments(settingsToArguments(later))).toEqual(later);
  });

  it.each([
    [{ socketPath: '' }, /--socket/],
    [{ bindAddress: 'localhost' }, /--bind.*localhost/],
    [{ packets: 'pigeon' as 'auto' }, /--packets.*pigeon/],
    [{ rtpPortMin: 1023 }, /--rtp-port-min.*1023/],
    [{ rtpPortMax: 20_000 }, /--rtp-port-max: 20000 must be above/],
    [{ rtpTimeoutSeconds: Number.NaN }, /--rtp-timeout-seconds/],
  ])('[MED-15] are refused with option and value: %#', (change, message) => {
    expect(() => settingsFromArguments(settingsToArguments({ ...settings, ...change }))).toThrow(message);
  });
});
