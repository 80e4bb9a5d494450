import { type ContactFact, type ContactId, FlowDocument, type RecordingId } from '@crosspoint/contracts';
import { createFlowSession, type FlowInput } from '@crosspoint/core';
import { describe, expect, test } from 'vitest';
import { outcomeOfNote } from './caller-recording.ts';
import { type CallerNote, dueAfterPause, mayRepeat, recordingOf, replayFlow } from './resumption.ts';

const document = FlowDocument.parse({
  name: 'door',
  start: 'pin',
  nodes: {
    pin: {
      ...{ kind: 'collect', prompt: [{ text: { en: 'PIN' } }], variable: 'pin', secret: true },
      ...{ digitsMin: 4, digitsMax: 4, next: 'menu', otherwise: 'bye' },
    },
    menu: {
      ...{ kind: 'menu', prompt: [{ text: { en: 'Press 1' } }], keys: { 1: 'help' }, otherwise: 'bye' },
      speech: { phrases: { 1: { en: ['help'] } } },
    },
    help: { kind: 'queue', queue: 'support', refused: 'bye' },
    bye: { kind: 'end' },
  },
});
const caller = { callerPhone: '+1', callerName: '', number: '2' };
const digit = (key: string): FlowInput => ({ type: 'digit', digit: key });

function replayed(...inputs: FlowInput[]) {
  const session = createFlowSession(document, { flow: () => undefined, hours: () => undefined });
  const kept = [{ type: 'started' as const, caller }, ...inputs].map((input, index) => ({
    ...{ at: 1_000 * (index + 1), input },
  }));
  return { session, unanswered: replayFlow(session, kept) };
}

test('[OPS-03] a flow is at the node where it was, with what it was saying', () => {
  const { session, unanswered } = replayed();
  expect(session.at).toBe('pin');
  expect(unanswered.saying).toHaveLength(1);
  expect(unanswered.timer).toMatchObject({ setAt: 1_000 });
});

test('[OPS-03] digits so far count: with the missing ones the answer is complete', () => {
  const { session, unanswered } = replayed(digit('4'), digit('7'));
  expect(unanswered.saying).toBeUndefined();
  expect(unanswered.timer).toMatchObject({ setAt: 3_000 });
  session.handle(digit('1'), 9_000);
  session.handle(digit('1'), 9_100);
  expect([session.at, session.variables.get('pin')]).toEqual(['menu', '4711']);
});

test('[OPS-03] a place in a queue that was asked for and not given is still wanted', () => {
  const keys = ['4', '7', '1', '1', '1'].map(digit);
  expect(replayed(...keys).unanswered.queue).toMatchObject({ type: 'queue', queue: 'support' });
  expect(replayed(...keys, { type: 'queue.entered' }).unanswered.queue).toBeUndefined();
});

test('[OPS-03] what was listened for and not understood yet is listened for again', () => {
  const keys = ['4', '7', '1', '1'].map(digit);
  const listening = replayed(...keys).unanswered.listening;
  expect(listening?.hearing).toMatchObject({ phrases: ['help'] });
  const id = listening?.id ?? 0;
  expect(replayed(...keys, { type: 'speech.began', id }).unanswered.listening?.id).toBe(id);
  const heard: FlowInput = { type: 'speech.heard', id, text: 'help', confidence: 1 };
  expect(replayed(...keys, heard).unanswered.listening).toBeUndefined();
  expect(replayed(...keys, digit('1')).unanswered.listening).toBeUndefined();
});

test('[OPS-03] the pause without a process does not count against the caller', () => {
  expect(dueAfterPause({ setAt: 1_000, at: 5_000 }, 9_000)).toBe(13_000);
  expect(dueAfterPause({ setAt: 1_000, at: 121_000 }, 9_000)).toBe(121_000);
  expect(dueAfterPause({ setAt: 1_000, at: 31_000 }, 60_000)).toBe(70_000);
});

test('[OPS-03] what may have reached somebody is not done twice', () => {
  const request = { kind: 'http', url: 'http://a', body: undefined, headers: {}, results: {} } as never;
  expect(mayRepeat({ ...(request as object), method: 'GET' } as never)).toBe(true);
  expect(mayRepeat({ ...(request as object), method: 'POST' } as never)).toBe(false);
  expect(mayRepeat({ kind: 'callback', queue: 'q', number: '1' })).toBe(false);
  expect(mayRepeat({ kind: 'record', maxMs: 1, silenceMs: 1 })).toBe(true);
});

describe('what a caller said into a recording', () => {
  const recordingId = 'r' as RecordingId;
  const note: CallerNote = { recordingId, beganAt: 2_000, isHeard: true, hasSpoken: true, box: 'office' };
  const fact = (body: object) => ({ contactId: 'c' as ContactId, seq: 1, at: 2_000, ...body }) as ContactFact;
  const started = fact({ type: 'recording.started', data: { recordingId, segment: 0 } });
  const end = { durationMs: 5_000, result: 'complete' } as const;
  const ended = fact({
    type: 'recording.ended',
    data: { recordingId, segment: 0, ...end, reason: 'stopped' },
  });
  const left = fact({
    type: 'voicemail.left',
    data: { recordingId, voicemailId: 'v', box: 'office', durationMs: 5_000 },
  });

  test('[OPS-03] goes on for the request that had begun it, and for no later one', () => {
    expect(recordingOf({ askedAt: 1_900 }, [note], [started])).toEqual({ note, ended: undefined });
    expect(recordingOf({ askedAt: 2_100 }, [note], [started])).toBeUndefined();
    expect(recordingOf({ askedAt: 1_900 }, [note], []), 'noted and never begun').toBeUndefined();
  });

  test('[OPS-03] [VM-02] is not asked for again when it lies in the box already', () => {
    const found = recordingOf({ askedAt: 1_900 }, [note], [started, ended, left]);
    expect(found?.ended).toMatchObject({ ...end, isMessage: true });
    expect(found?.ended && outcomeOfNote(note, found.ended)).toEqual({ result: 'done', values: {} });
  });

  test.each([
    [{ isHeard: true, hasSpoken: false }, end, 'nothing-said'],
    [{ isHeard: false, hasSpoken: false }, { ...end, durationMs: 900 }, 'nothing-said'],
    [{ isHeard: true, hasSpoken: true }, { ...end, result: 'failed' as const }, 'not-kept'],
    [{ isHeard: true, hasSpoken: true }, end, 'unknown-box'],
  ])('[OPS-03] that is no message is told as such: %o %o %s', (known, how, reason) => {
    const outcome = outcomeOfNote({ ...note, ...known }, { ...how, isMessage: false });
    expect(outcome).toEqual({ result: 'failed', reason });
  });

  test('[OPS-03] is a value of the flow where it is no message', () => {
    const { box: _none, ...spoken } = note;
    expect(outcomeOfNote(spoken, { ...end, isMessage: false })).toMatchObject({ result: 'done' });
  });
});
