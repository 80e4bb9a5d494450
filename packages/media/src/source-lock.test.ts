import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LockPacket,
  LockVerdict,
  rebindSilenceMs,
  SourceLockTable,
  settleMs,
  takeOverPackets,
  takeOverSilenceMs,
} from './source-lock.ts';

const announced = { address: 0x0a00_0001, port: 5000 };
const customer = { address: 0xc000_0201, port: 6000 };
const stranger = { address: 0xc633_6401, port: 7000 };

function packet(
  from: { address: number; port: number },
  sequence: number,
  nowMs: number,
  ssrc = 1,
): LockPacket {
  return { ...from, ssrc, sequence, nowMs };
}

/** A leg that announced `announced` and is locked to the customer behind a NAT. */
function locked(): SourceLockTable {
  const table = new SourceLockTable(1);
  table.expect(0, announced.address, announced.port);
  expect(table.judge(0, packet(customer, 100, 0))).toBe(LockVerdict.locked);
  return table;
}

describe('source lock-in', () => {
  it('[LOCK-01] accepts nothing before an address was announced, nor after the leg is gone', () => {
    const table = new SourceLockTable(1);
    expect(table.judge(0, packet(customer, 1, 0))).toBe(LockVerdict.refuse);
    table.expect(0, announced.address, announced.port);
    table.judge(0, packet(customer, 1, 0));
    table.clear(0);
    expect(table.isLocked(0)).toBe(false);
    expect(table.judge(0, packet(customer, 2, 20))).toBe(LockVerdict.refuse);
  });

  it('[LOCK-02] lets nobody be first but the announced address and that of the signalling, on any port', () => {
    const table = new SourceLockTable(1);
    table.expect(0, announced.address, announced.port, customer.address);
    for (let sequence = 1; sequence < 20; sequence++) {
      expect(table.judge(0, packet(stranger, sequence, sequence * 20))).toBe(LockVerdict.refuse);
    }
    expect(table.isLocked(0)).toBe(false);
    expect(table.judge(0, packet({ ...customer, port: 9 }, 1, 400))).toBe(LockVerdict.locked);
    table.clear(0);
    table.expect(0, announced.address, announced.port, customer.address);
    expect(table.judge(0, packet({ ...announced, port: 9 }, 1, 400))).toBe(LockVerdict.locked);
    expect(table.judge(0, packet(stranger, 2, 420))).toBe(LockVerdict.refuse);
  });

  it('[LOCK-02] locks to whoever comes first where nothing is known of the signalling', () => {
    const table = locked();
    expect(table.lockedPort[0]).toBe(customer.port);
    expect(table.lockedAddress[0]).toBe(customer.address);
    expect(table.judge(0, packet(customer, 101, 20))).toBe(LockVerdict.accept);
  });

  it('[LOCK-03] gives the lock to the announced address when it speaks, for good', () => {
    const table = locked();
    expect(table.judge(0, packet(announced, 5, 20, 9))).toBe(LockVerdict.locked);
    expect(table.judge(0, packet(customer, 101, 40))).toBe(LockVerdict.refuse);
    expect(table.judge(0, packet(announced, 6, 40, 9))).toBe(LockVerdict.accept);
  });

  it('[LOCK-04] refuses every stranger while the source speaks, whatever they claim', () => {
    const claim = fc.record({
      address: fc.constantFrom(stranger.address, customer.address),
      port: fc.integer({ min: 1, max: 65_535 }).filter((port) => port !== customer.port),
      ssrc: fc.integer({ min: 0, max: 3 }),
      sequence: fc.integer({ min: 0, max: 0xffff }),
    });
    fc.assert(
      fc.property(
        fc.array(claim, { maxLength: 60 }),
        fc.integer({ min: 20, max: rebindSilenceMs - 1 }),
        (claims, pauseMs) => {
          const table = locked();
          let nowMs = 0;
          let sequence = 100;
          for (const forged of claims) {
            nowMs += pauseMs;
            expect(table.judge(0, { ...forged, nowMs })).toBe(LockVerdict.refuse);
            expect(table.judge(0, packet(customer, ++sequence & 0xffff, nowMs))).toBe(LockVerdict.accept);
          }
        },
      ),
    );
  });

  it('[LOCK-05] follows the same stream to a new port after a pause, within its limits', () => {
    const moved = { ...customer, port: 6002 };
    const at = (nowMs: number, sequence: number, ssrc = 1): number =>
      locked().judge(0, packet(moved, sequence, nowMs, ssrc));
    expect(at(rebindSilenceMs - 1, 101)).toBe(LockVerdict.refuse);
    expect(at(rebindSilenceMs, 101)).toBe(LockVerdict.locked);
    expect(at(rebindSilenceMs, 100 + 2_999)).toBe(LockVerdict.locked);
    expect(at(rebindSilenceMs, 100 + 3_000)).toBe(LockVerdict.refuse);
    expect(at(rebindSilenceMs, 99)).toBe(LockVerdict.refuse);
    expect(at(rebindSilenceMs, 101, 2)).toBe(LockVerdict.refuse);
  });

  it('[LOCK-06] lets a restarted telephone take over with five packets in sequence', () => {
    const restarted = { ...customer, port: 6002 };
    const table = locked();
    for (let i = 1; i < takeOverPackets; i++) {
      expect(table.judge(0, packet(restarted, 500 + i, takeOverSilenceMs + i * 20, 8))).toBe(
        LockVerdict.refuse,
      );
    }
    // A gap begins the count anew.
    expect(table.judge(0, packet(restarted, 600, takeOverSilenceMs + 200, 8))).toBe(LockVerdict.refuse);
    for (let i = 1; i < takeOverPackets - 1; i++)
      table.judge(0, packet(restarted, 600 + i, takeOverSilenceMs + 300, 8));
    expect(table.judge(0, packet(restarted, 604, takeOverSilenceMs + 400, 8))).toBe(LockVerdict.locked);
  });

  it('[LOCK-06] never lets another address take over by patience', () => {
    const table = locked();
    for (let i = 0; i < 100; i++) {
      expect(table.judge(0, packet(stranger, i, 60_000 + i * 20, 8))).toBe(LockVerdict.refuse);
    }
  });

  it('[LOCK-07] opens for another announced address and not for the same one', () => {
    const table = locked();
    expect(table.expect(0, announced.address, announced.port)).toBe(false);
    expect(table.judge(0, packet(customer, 101, 20))).toBe(LockVerdict.accept);
    expect(table.expect(0, stranger.address, stranger.port)).toBe(true);
    expect(table.judge(0, packet(stranger, 1, 40, 5))).toBe(LockVerdict.locked);
  });

  it('[LOCK-08] is settled while nobody else may take the lock', () => {
    const table = locked();
    expect(table.isSettled(0, 100)).toBe(false);
    for (let nowMs = 20; nowMs <= settleMs; nowMs += 20)
      table.judge(0, packet(customer, 100 + nowMs / 20, nowMs));
    expect(table.isSettled(0, settleMs - 1)).toBe(false);
    expect(table.isSettled(0, settleMs)).toBe(true);
    expect(table.isSettled(0, settleMs + rebindSilenceMs - 100)).toBe(false);
    const exact = new SourceLockTable(1);
    exact.expect(0, announced.address, announced.port);
    expect(exact.isSettled(0, 0)).toBe(false);
    exact.judge(0, packet(announced, 1, 0));
    expect(exact.isSettled(0, 0)).toBe(true);
    exact.expect(0, stranger.address, stranger.port);
    expect(exact.isSettled(0, 0)).toBe(false);
  });
});
