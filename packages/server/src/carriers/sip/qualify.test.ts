import type { Binding } from '@crosspoint/sip';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeviceQualifier, questionsMax } from './qualify.ts';

const startMs = 1_000_000;

function binding(user: string, more: Partial<Binding> = {}, protocol: 'udp' | 'wss' = 'udp'): Binding {
  const flow = { protocol, localAddress: '', localPort: 5060, remoteAddress: '192.0.2.1', remotePort: 5060 };
  return {
    ...{ aor: `sip:${user}@x`, user, contact: `sip:${user}@192.0.2.1`, q: 1, callId: user, sequence: 1 },
    ...{ expiresAtMs: startMs + 3_600_000, refreshedAtMs: startMs, flow },
    ...more,
  };
}

/** Devices on a clock of their own; `silent` ones do not answer, others answer at once. */
function line({ intervalMs = 60_000, silent = new Set<string>(), random = 0.5 } = {}) {
  const asked: { user: string; atMs: number }[] = [];
  const changes: { user: string; isReachable: boolean; atMs: number }[] = [];
  const at = { ms: startMs };
  const open: string[] = [];
  const qualifier: DeviceQualifier = new DeviceQualifier({
    intervalMs,
    now: () => at.ms,
    random: () => random,
    ask: (key, { user }) => {
      asked.push({ user, atMs: at.ms - startMs });
      if (silent.has(user)) open.push(key);
      else qualifier.handle({ type: 'options-result', key, status: 486, reason: '', roundTripMs: 1 });
      return true;
    },
    changed: (user, _binding, isReachable) => changes.push({ user, isReachable, atMs: at.ms - startMs }),
  });
  /** Lets time pass in the steps in which the service looks. */
  const pass = (ms: number) => {
    for (const endMs = at.ms + ms; at.ms < endMs; ) {
      at.ms += 1_000;
      qualifier.sweep();
    }
  };
  const timesOf = (user: string) => asked.filter((each) => each.user === user).map(({ atMs }) => atMs);
  return { qualifier, at, asked, changes, silent, open, pass, timesOf };
}

describe('a registered device', () => {
  test('[AVL-01] is asked after an interval of silence, and any answer shows that it is there', () => {
    const { qualifier, at, pass, timesOf, changes } = line();
    qualifier.update('ann', [binding('ann')]);
    pass(180_000);
    expect(timesOf('ann')).toEqual([66_000, 120_000, 174_000]);
    expect(changes).toEqual([]);
    const heardAtMs = qualifier.heardAtMs(binding('ann')) ?? 0;
    expect(heardAtMs - (at.ms - 180_000)).toBeGreaterThanOrEqual(174_000);
  });

  test('[CAR-01] [AVL-01] on UDP behind NAT is asked before its router forgets the way to it', () => {
    const { qualifier, pass, timesOf } = line();
    const behind = 'sip:ann@192.168.1.20:5060';
    qualifier.update('ann', [binding('ann', { contact: behind })]);
    qualifier.update('tcp', [
      binding('tcp', { contact: behind, flow: { ...binding('tcp').flow, protocol: 'tcp' } }),
    ]);
    qualifier.update('ben', [binding('ben')]);
    pass(60_000);
    const [first = 0, second = 0] = timesOf('ann');
    expect(first).toBeLessThan(30_000);
    expect(second - first).toBeLessThan(30_000);
    expect(timesOf('ben')).toEqual([]);
    expect(timesOf('tcp')).toEqual([]);
  });

  test('[AVL-01] that registers within the interval is not asked', () => {
    const { qualifier, at, pass, asked } = line();
    for (let turn = 0; turn < 10; turn += 1) {
      qualifier.update('ann', [binding('ann', { refreshedAtMs: at.ms })]);
      pass(59_500);
    }
    expect(asked).toEqual([]);
  });

  test('[AVL-01] that answers calls within the interval is not asked, and is asked again when the calls cease', () => {
    const { qualifier, pass, timesOf } = line();
    qualifier.update('ann', [binding('ann')]);
    for (let call = 0; call < 5; call++) {
      pass(40_000);
      qualifier.hasAnswered(binding('ann'));
    }
    expect(timesOf('ann')).toEqual([]);
    expect(qualifier.heardAtMs(binding('ann'))).toBe(startMs + 200_000);
    pass(60_000);
    expect(timesOf('ann')).toEqual([254_000]);
  });

  test('[AVL-01] is unreachable after two unanswered questions, asked on ever more rarely, and back with one answer', () => {
    const { qualifier, pass, timesOf, changes, silent } = line({ silent: new Set(['ann']) });
    const ann = binding('ann');
    qualifier.update('ann', [ann]);
    pass(76_000);
    expect(timesOf('ann')).toEqual([66_000, 71_000]);
    expect(changes).toEqual([{ user: 'ann', isReachable: false, atMs: 76_000 }]);
    expect(qualifier.isReachable(ann)).toBe(false);
    pass(2_000_000);
    const times = timesOf('ann');
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.slice(1, 6)).toEqual([10_000, 14_000, 23_000, 41_000, 77_000]);
    expect(gaps.at(-1)).toBe(275_000);
    expect(changes).toHaveLength(1);
    silent.clear();
    pass(300_000);
    expect(changes.at(-1)).toMatchObject({ user: 'ann', isReachable: true });
    expect(qualifier.isReachable(ann)).toBe(true);
  });

  test('[AVL-01] that loses one question stays reachable', () => {
    const { qualifier, pass, changes, silent } = line({ silent: new Set(['ann']) });
    qualifier.update('ann', [binding('ann')]);
    pass(66_000);
    silent.clear();
    pass(600_000);
    expect(changes).toEqual([]);
    expect(qualifier.statistics()).toEqual({ devices: 1, unreachable: 0, questions: 0 });
  });

  test('[AVL-02] that registers again while unreachable is asked at once, on the way it came', () => {
    const { qualifier, at, pass, silent, changes, timesOf } = line({ silent: new Set(['ann']) });
    qualifier.update('ann', [binding('ann')]);
    pass(600_000);
    silent.clear();
    const before = timesOf('ann').length;
    qualifier.update('ann', [binding('ann', { refreshedAtMs: at.ms })]);
    pass(10_000);
    expect(timesOf('ann').length).toBe(before + 1);
    expect(changes.at(-1)).toMatchObject({ isReachable: true });
  });

  test('[AVL-04] that was silent when it was called is asked at once, and unreachable with the first miss', () => {
    const { qualifier, pass, changes } = line({ silent: new Set(['ann']) });
    qualifier.update('ann', [binding('ann')]);
    qualifier.suspect('ann');
    qualifier.suspect('nobody');
    pass(6_000);
    expect(changes).toEqual([{ user: 'ann', isReachable: false, atMs: 6_000 }]);
  });

  test('[AVL-01] in a page is found out within 30 s, whatever telephones are asked', () => {
    for (const intervalMs of [0, 60_000]) {
      const { qualifier, pass, changes } = line({ intervalMs, silent: new Set(['web']), random: 0.999 });
      qualifier.update('web', [binding('web', {}, 'wss')]);
      pass(30_000);
      expect(changes).toMatchObject([{ user: 'web', isReachable: false }]);
    }
  });

  test('[AVL-01] is never asked when that is off', () => {
    const { qualifier, pass, asked } = line({ intervalMs: 0, silent: new Set(['ann']) });
    qualifier.update('ann', [binding('ann')]);
    qualifier.suspect('ann');
    pass(600_000);
    expect(asked).toEqual([]);
  });

  test('[AVL-01] that is gone leaves nothing behind', () => {
    const { qualifier, pass, open, changes } = line({ silent: new Set(['ann', 'bob']) });
    qualifier.update('ann', [binding('ann')]);
    qualifier.update('bob', [binding('bob')]);
    pass(67_000);
    qualifier.update('ann', []);
    pass(20_000);
    qualifier.update('bob', []);
    expect(changes).toMatchObject([{ user: 'bob', isReachable: false }]);
    expect(qualifier.isReachable(binding('bob'))).toBe(true);
    for (const key of open)
      expect(qualifier.handle({ type: 'options-result', key, status: 408, reason: '', roundTripMs: 1 })).toBe(
        true,
      );
    expect(qualifier.statistics()).toEqual({ devices: 0, unreachable: 0, questions: 0 });
  });

  test('[AVL-01] of many is asked over the whole interval after a restart, and never more than a limit at once', () => {
    const users = Array.from({ length: 3_000 }, (_, index) => `u${index}`);
    const { qualifier, pass, asked } = line({ silent: new Set(users) });
    for (const user of users) qualifier.update(user, [binding(user, { refreshedAtMs: 0 })]);
    pass(30_500);
    expect(asked.length).toBeLessThanOrEqual(200);
    pass(4_000);
    expect(qualifier.statistics().questions).toBeLessThanOrEqual(questionsMax);
    expect(asked.length).toBeLessThanOrEqual(questionsMax);
  });

  test('[AVL-01] is asked again whatever happened before, and not any more when it is gone', () => {
    const users = ['ann', 'ben', 'cas', 'dee'];
    const act = fc.record({
      user: fc.constantFrom(...users),
      what: fc.constantFrom('call', 'silence', 'register', 'leave', 'mute', 'pass'),
      ms: fc.integer({ min: 0, max: 90_000 }),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const { qualifier, pass, silent, at, asked } = line();
        const there = new Set<string>();
        for (const { user, what, ms } of acts) {
          if (what === 'call' && there.has(user)) qualifier.hasAnswered(binding(user));
          else if (what === 'silence') qualifier.suspect(user);
          else if (what === 'leave') {
            there.delete(user);
            qualifier.update(user, []);
          } else if (what === 'register') {
            there.add(user);
            qualifier.update(user, [binding(user, { refreshedAtMs: at.ms })]);
          } else if (what === 'mute') silent.add(user);
          else pass(ms);
        }
        const from = at.ms - startMs;
        pass(320_000);
        const since = asked.filter(({ atMs }) => atMs > from).map(({ user }) => user);
        expect(new Set(since)).toEqual(there);
        expect(qualifier.statistics().devices).toBe(there.size);
      }),
      { numRuns: 50 },
    );
  });

  test('[AVL-01] answers to other questions belong to somebody else', () => {
    const { qualifier } = line();
    const result = { type: 'options-result', key: 'leg-1', status: 200, reason: '', roundTripMs: 1 } as const;
    expect(qualifier.handle(result)).toBe(false);
  });
});
