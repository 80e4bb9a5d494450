import type { ContactFact, ContactId, LegId, RecordingId } from '@crosspoint/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallerRecording } from './caller-recording.ts';
import type { RequestContext, RequestOutcome } from './request-door.ts';
import type { CallerNote } from './resumption.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 100_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const recordingId = 'r' as RecordingId;
const caller = { id: 'c' as ContactId, legId: 'l' as LegId, callerName: '' };
const limits = { maxMs: 60_000, silenceMs: 4_000 };
const former: CallerNote = { recordingId, beganAt: 80_000, isHeard: true, hasSpoken: false };

/** @param isHeard whether speech can be told from silence on the leg. */
function world(isHeard = true) {
  const told: string[] = [];
  const notes: CallerNote[] = [];
  const outcomes: RequestOutcome[] = [];
  const context = {
    newId: () => recordingId,
    now: () => Date.now(),
    notes: { recording: (_contactId: ContactId, note: CallerNote) => void notes.push(note) },
    tell: (_contactId: ContactId, { type }: { type: string }) => void told.push(type),
    tone: () => void told.push('tone'),
    listen: () => isHeard,
    ignore: () => undefined,
  } as unknown as RequestContext;
  const begin = (note?: CallerNote) =>
    new CallerRecording(context, caller, { ...limits, box: 'office' }, (end) => outcomes.push(end), note);
  return { told, notes, outcomes, begin };
}

const ended = (durationMs: number): ContactFact => ({
  ...{ contactId: caller.id, seq: 1, at: 0, type: 'recording.ended' },
  data: { recordingId, segment: 0, durationMs, result: 'complete', reason: 'stopped' },
});

test('[OPS-03] [VM-02] what another process needs is noted before the recording begins, and when the caller first speaks', () => {
  const { told, notes, begin } = world();
  const recording = begin();
  expect([told, notes]).toEqual([['tone'], []]);
  vi.advanceTimersByTime(1_000);
  recording.played(null);
  expect(told).toEqual(['tone', 'flow.recording']);
  recording.speech(true);
  recording.speech(false);
  recording.speech(true);
  const note = { recordingId, beganAt: 101_000, isHeard: true, hasSpoken: false, box: 'office' };
  expect(notes).toEqual([note, { ...note, hasSpoken: true }]);
});

test('[OPS-03] [VM-02] a recording of a former process goes on without another tone, for what is left of its time', () => {
  const { told, begin } = world();
  const recording = begin(former);
  expect(told).toEqual([]);
  recording.speech(true);
  vi.advanceTimersByTime(39_999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['flow.recorded']);
});

test('[OPS-03] [VM-02] whoever spoke before it, or was not heard to be silent since, has left words', () => {
  const spoken = world().begin({ ...former, hasSpoken: true });
  expect(spoken.hasWords(20_000)).toBe(true);
  const gone = world().begin(former);
  gone.cancel();
  expect(gone.hasWords(20_000), 'spoken while nobody listened, and gone at once').toBe(true);
  expect(gone.hasWords(900)).toBe(false);
  const silent = world();
  const recording = silent.begin(former);
  vi.advanceTimersByTime(limits.silenceMs + 3_000);
  expect(silent.told).toEqual(['flow.recorded']);
  recording.fact(ended(27_000));
  expect(silent.outcomes).toEqual([{ result: 'failed', reason: 'nothing-said' }]);
});
