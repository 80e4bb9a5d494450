import { EventEmitter } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type NewSpare, NewSpares } from './new-spares.ts';
import { askForSpare } from './spare.ts';
import { readNote, writeNote } from './supervisor.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function supervisedBy(pid: number | undefined) {
  const sent: [number, unknown][] = [];
  const env: NodeJS.ProcessEnv = pid === undefined ? {} : { SUPERVISOR: String(pid) };
  const kill = (pid: number, signal?: string | number): true => {
    sent.push([pid, signal]);
    return true;
  };
  return { sent, parent: { env, ppid: 7, kill } };
}

test('[OPS-03] spares are asked for once calls are up, and again as long as they are', () => {
  const { sent, parent } = supervisedBy(7);
  let calls = 0;
  askForSpare(() => calls, parent);
  vi.advanceTimersByTime(60_000);
  expect(sent).toEqual([]);
  calls = 1;
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual([[7, 'SIGUSR1']]);
  vi.advanceTimersByTime(60_000);
  expect(sent.length, 'one that has ended is replaced').toBeGreaterThan(5);
  calls = 0;
  const asked = sent.length;
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(asked);
});

test('[OPS-03] a spare is asked for at once where calls go on from before', () => {
  const { sent, parent } = supervisedBy(7);
  askForSpare(() => 3, parent);
  expect(sent).toHaveLength(1);
});

test('[OPS-03] nobody but the supervisor is asked for a spare, and nobody after the stop', () => {
  const parents = [supervisedBy(undefined), supervisedBy(8), supervisedBy(7)];
  let calls = 0;
  const stops = parents.map(({ parent }) => askForSpare(() => calls, parent));
  stops.at(-1)?.();
  calls = 1;
  vi.advanceTimersByTime(60_000);
  expect(parents.flatMap(({ sent }) => sent)).toEqual([]);
});

describe('a new spare for a hand-over', () => {
  function asking(env: NodeJS.ProcessEnv = { SUPERVISOR: '7', SUPERVISOR_RENEWS: '1' }) {
    const { sent, parent } = supervisedBy(7);
    const signals = new EventEmitter();
    const told: NewSpare[] = [];
    const child = { ...parent, env, on: signals.on.bind(signals) as NodeJS.Process['on'] };
    return { sent, told, child, signals, spares: new NewSpares((spare) => told.push(spare), child) };
  }

  test('[OPS-07] is asked for until the supervisor says what became of it, which is told once', () => {
    for (const [signal, outcome] of [
      ['SIGUSR1', 'loaded'],
      ['SIGALRM', 'failed'],
    ] as const) {
      const { sent, told, signals, spares } = asking();
      expect(spares.ask()).toBe(true);
      vi.advanceTimersByTime(3_000);
      expect(sent).toEqual(Array.from({ length: 4 }, () => [7, 'SIGUSR2']));
      expect(told).toEqual([]);
      signals.emit(signal);
      // One that the supervisor has sent meanwhile.
      signals.emit(signal);
      vi.advanceTimersByTime(60_000);
      expect(sent).toHaveLength(4);
      expect(told).toMatchObject([{ outcome }]);
    }
  });

  test('[OPS-07] is asked only of a supervisor that makes one: another one would be ended by the signal', () => {
    for (const env of [{ SUPERVISOR: '7' }, { SUPERVISOR: '8', SUPERVISOR_RENEWS: '1' }, {}]) {
      const { sent, spares } = asking(env);
      expect(spares.ask()).toBe(false);
      vi.advanceTimersByTime(60_000);
      expect(sent).toEqual([]);
    }
  });

  test('[OPS-07] will not come when the supervisor dies', () => {
    const { told, child, spares } = asking();
    spares.ask();
    child.kill = () => {
      throw new Error('ESRCH');
    };
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual([{ outcome: 'failed', reason: '' }]);
  });

  test('[OPS-07] says why it could not be loaded, in a file that the supervisor has opened for both', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-note-'));
    const note = openSync(join(folder, 'note'), 'w+');
    try {
      const env = { SUPERVISOR: '7', SUPERVISOR_RENEWS: '1', SUPERVISOR_NOTE: String(note) };
      const { told, child, signals, spares } = asking(env);
      const refusedFor = (reason: string) => {
        spares.ask();
        if (reason !== '') writeNote(child, reason);
        signals.emit('SIGALRM');
        return told.at(-1);
      };
      const longest = 'é'.repeat(4_000);
      for (const reason of [`${longest} and more`, 'half an update']) {
        expect(refusedFor(reason)).toEqual({ outcome: 'failed', reason: reason.slice(0, 4_000) });
      }
      expect(refusedFor(''), 'what the one before it said is forgotten').toEqual({
        outcome: 'failed',
        reason: '',
      });
      writeNote({ ...child, ppid: 8 }, 'from somebody else');
      expect(readNote(child), 'only a child of the supervisor has its descriptor').toBe('');
    } finally {
      closeSync(note);
      rmSync(folder, { recursive: true });
    }
  });

  test('[OPS-07] is no longer awaited by a server that is stopped', () => {
    const { sent, told, signals, spares } = asking();
    spares.ask();
    spares.stop();
    signals.emit('SIGUSR1');
    vi.advanceTimersByTime(60_000);
    expect({ told, asked: sent.length }).toEqual({ told: [], asked: 1 });
  });
});
