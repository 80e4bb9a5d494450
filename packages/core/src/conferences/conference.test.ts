import type { ConferenceRole, ContactId } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createConference, moderatorAbsenceMaxMs } from './conference.ts';
import type { ConferenceEffect, ConferenceInput, ConferenceParty, ConferenceRules } from './door.ts';

const endsAt = 3_600_000;
const rules: ConferenceRules = {
  ...{ partiesMax: 4, lengthMaxMs: 2 * endsAt, waitsForModerator: false, records: false, endsAt },
};
const party = (id: string, role: ConferenceRole = 'participant'): ConferenceParty => ({
  ...{ contactId: id as ContactId, role, agentId: null, name: id, number: '' },
});

/** One meeting with a clock that stands still unless told otherwise. */
class Meeting {
  readonly machine;
  now = 0;
  timerAt: number | null = null;
  last: ConferenceEffect[] = [];

  constructor(change: Partial<ConferenceRules> = {}) {
    this.machine = createConference({ ...rules, ...change });
  }

  send(input: ConferenceInput): ConferenceEffect[] {
    this.last = this.machine.handle(input, this.now);
    for (const effect of this.last) if (effect.type === 'timer.set') this.timerAt = effect.at;
    return this.last;
  }

  ask(id: string, role: ConferenceRole = 'participant', mayWait = true): ConferenceEffect[] {
    return this.send({ type: 'party.asked', party: party(id, role), mayWait });
  }

  gone(id: string): ConferenceEffect[] {
    return this.send({ type: 'party.gone', contactId: id as ContactId });
  }

  advance(ms: number): ConferenceEffect[] {
    this.now += ms;
    if (this.timerAt === null || this.timerAt > this.now) return [];
    this.timerAt = null;
    return this.send({ type: 'timer.due' });
  }

  /** Who is where, in order: `ann ben* (carl)` for one who is muted and one who waits. */
  get who(): string {
    const names = this.machine.view().parties.map(({ contactId, state, muted }) => {
      const name = muted ? `${contactId}*` : contactId;
      return state === 'waiting' ? `(${name})` : name;
    });
    return names.join(' ');
  }

  told(type: ConferenceEffect['type']): string[] {
    return this.last.flatMap((effect) =>
      effect.type === type && 'contactId' in effect ? [effect.contactId] : [],
    );
  }
}

const tones = (meeting: Meeting) =>
  meeting.last.flatMap((effect) => (effect.type === 'tone' ? [effect.tone] : []));

describe('who is in the room', () => {
  test('[CONF-1 CONF-7] parties come with a tone and go with one, and who asks again is told again', () => {
    const meeting = new Meeting();
    meeting.ask('ann');
    expect(tones(meeting)).toEqual([]);
    meeting.ask('ben');
    expect(tones(meeting)).toEqual(['joined']);
    meeting.ask('ben');
    expect(meeting.told('party.admitted')).toEqual(['ben']);
    expect(tones(meeting)).toEqual([]);
    meeting.gone('ann');
    expect(tones(meeting)).toEqual(['left']);
    expect(meeting.who).toBe('ben');
  });

  test('[CONF-2] participants wait for a moderator and come in then, in their order', () => {
    const meeting = new Meeting({ waitsForModerator: true });
    meeting.ask('ann');
    meeting.ask('ben');
    expect(meeting.who).toBe('(ann) (ben)');
    expect(meeting.machine.view().openedAt).toBeNull();
    meeting.ask('carl', 'participant', false);
    expect(meeting.last).toContainEqual({ type: 'party.refused', contactId: 'carl', reason: 'no-moderator' });
    meeting.ask('mia', 'moderator');
    expect(meeting.told('party.admitted')).toEqual(['mia', 'ann', 'ben']);
  });

  test('[CONF-3] without a moderator they wait again, for five minutes', () => {
    const meeting = new Meeting({ waitsForModerator: true });
    meeting.ask('mia', 'moderator');
    meeting.ask('ann');
    meeting.gone('mia');
    expect(meeting.told('party.waits')).toEqual(['ann']);
    meeting.advance(60_000);
    meeting.ask('mia', 'moderator');
    expect(meeting.who).toBe('ann mia');
    meeting.gone('mia');
    expect(meeting.advance(moderatorAbsenceMaxMs - 1)).toEqual([]);
    meeting.advance(1);
    expect(meeting.last).toContainEqual({
      ...{ type: 'party.released', contactId: 'ann', reason: 'no-moderator' },
    });
    expect(meeting.last.at(-1)).toEqual({ type: 'closed' });
  });

  test('[CONF-3] a room that waits for nobody goes on', () => {
    const meeting = new Meeting();
    meeting.ask('mia', 'moderator');
    meeting.ask('ann');
    meeting.gone('mia');
    expect(meeting.who).toBe('ann');
  });

  test('[CONF-4] one more than the limit is refused', () => {
    const meeting = new Meeting();
    for (const id of ['a', 'b', 'c', 'd', 'e']) meeting.ask(id);
    expect(meeting.last).toContainEqual({ type: 'party.refused', contactId: 'e', reason: 'full' });
    meeting.ask('mia', 'moderator');
    expect(meeting.last).toContainEqual({ type: 'party.refused', contactId: 'mia', reason: 'full' });
  });

  test('[CONF-4] the participant who waits and came last gives way to a moderator', () => {
    const meeting = new Meeting({ waitsForModerator: true });
    for (const id of ['a', 'b', 'c', 'd']) meeting.ask(id);
    meeting.ask('mia', 'moderator');
    expect(meeting.last).toContainEqual({ type: 'party.refused', contactId: 'd', reason: 'full' });
    expect(meeting.who).toBe('a b c mia');
  });

  test('[CONF-5] a lock keeps participants out and lets moderators in', () => {
    const meeting = new Meeting();
    meeting.ask('ann');
    meeting.send({ type: 'conference.locked', locked: true });
    expect(meeting.last).toContainEqual({ type: 'conference.locked', locked: true });
    meeting.ask('ben');
    expect(meeting.last).toContainEqual({ type: 'party.refused', contactId: 'ben', reason: 'locked' });
    meeting.ask('mia', 'moderator');
    meeting.send({ type: 'conference.locked', locked: false });
    meeting.ask('ben');
    expect(meeting.who).toBe('ann mia ben');
  });

  test('[CONF-6] all participants are muted, also those who come, and one is heard again', () => {
    const meeting = new Meeting();
    meeting.ask('mia', 'moderator');
    meeting.ask('ann');
    meeting.send({ type: 'participants.muted', muted: true });
    meeting.ask('ben');
    expect(meeting.who).toBe('mia ann* ben*');
    meeting.send({ type: 'party.muted', contactId: 'ann' as ContactId, muted: false });
    expect(meeting.who).toBe('mia ann ben*');
    meeting.send({ type: 'participants.muted', muted: false });
    expect(meeting.who).toBe('mia ann ben');
  });
});

describe('the end of a meeting', () => {
  test.each([
    ['the time that was planned', {}, endsAt],
    ['the longest length, from the first admission', { lengthMaxMs: 60_000 }, 70_000],
  ])('[CONF-8] %s ends it for everybody', (_what, change, at) => {
    const meeting = new Meeting(change);
    meeting.advance(10_000);
    meeting.ask('ann');
    meeting.ask('ben');
    expect(meeting.machine.view().endsAt).toBe(at);
    expect(meeting.advance(at - 10_001)).toEqual([]);
    meeting.advance(1);
    expect(meeting.told('party.released')).toEqual(['ann', 'ben']);
    expect(meeting.last.at(-1)).toEqual({ type: 'closed' });
    meeting.ask('carl');
    expect(meeting.last).toEqual([{ type: 'party.refused', contactId: 'carl', reason: 'over' }]);
  });

  test('[CONF-8] it is ended by command, and one is removed by command', () => {
    const meeting = new Meeting();
    meeting.ask('mia', 'moderator');
    meeting.ask('ann');
    meeting.ask('ben');
    meeting.send({ type: 'party.removed', contactId: 'ann' as ContactId });
    expect(meeting.last).toContainEqual({ type: 'party.released', contactId: 'ann', reason: 'removed' });
    expect(tones(meeting)).toEqual(['left']);
    meeting.send({ type: 'conference.ended' });
    expect(meeting.told('party.released')).toEqual(['mia', 'ben']);
  });
});

describe('its recording', () => {
  test('[CONF-9] begins with the second party, with the moderator, and goes on with another', () => {
    const meeting = new Meeting({ records: true });
    meeting.ask('ann');
    expect(meeting.told('recording.started')).toEqual([]);
    meeting.ask('mia', 'moderator');
    expect(meeting.told('recording.started')).toEqual(['mia']);
    meeting.ask('ben');
    meeting.gone('mia');
    expect(meeting.told('recording.started')).toEqual(['ann']);
    meeting.send({ type: 'recording.asked', on: false });
    expect(meeting.told('recording.stopped')).toEqual(['ann']);
    meeting.send({ type: 'recording.asked', on: true });
    expect(meeting.told('recording.started')).toEqual(['ann']);
    meeting.send({ type: 'recording.over', contactId: 'ann' as ContactId });
    expect(meeting.told('recording.started')).toEqual(['ann']);
  });
});

test('[CONF-1] who was in it in a former process is where it was', () => {
  const meeting = new Meeting({ waitsForModerator: true });
  const seat = { state: 'present', muted: true, since: 0 } as const;
  meeting.now = 60_000;
  const parties = [party('ann'), party('mia', 'moderator')].map((each) => ({ ...each, ...seat }));
  meeting.send({ type: 'parties.restored', parties, locked: true });
  expect(meeting.told('party.admitted')).toEqual(['ann', 'mia']);
  expect(meeting.who).toBe('ann* mia*');
  expect(meeting.machine.view()).toMatchObject({ locked: true, openedAt: 0 });
});

test('[CONF-4] one who was muted and waits for a moderator again is not muted meanwhile', () => {
  const meeting = new Meeting({ waitsForModerator: true });
  for (const each of [party('mia', 'moderator'), party('ann')]) {
    meeting.send({ type: 'party.asked', party: each, mayWait: true });
  }
  meeting.send({ type: 'participants.muted', muted: true });
  meeting.send({ type: 'party.gone', contactId: 'mia' as ContactId });
  expect(meeting.machine.view().parties).toMatchObject([
    { contactId: 'ann', state: 'waiting', muted: false },
  ]);
  meeting.send({ type: 'party.asked', party: party('mia', 'moderator'), mayWait: true });
  expect(meeting.machine.view().parties).toMatchObject([{ state: 'present', muted: true }, { muted: false }]);
});

const who = fc.constantFrom('a', 'b', 'c', 'd', 'm', 'n').map((id) => id as ContactId);
const step = fc.oneof(
  fc.record({
    type: fc.constant('party.asked' as const),
    party: who.map((id) => party(id, id === 'm' || id === 'n' ? 'moderator' : 'participant')),
    mayWait: fc.boolean(),
  }),
  fc.record({ type: fc.constantFrom('party.gone' as const, 'party.removed' as const), contactId: who }),
  fc.record({ type: fc.constant('party.muted' as const), contactId: who, muted: fc.boolean() }),
  fc.record({ type: fc.constant('participants.muted' as const), muted: fc.boolean() }),
  fc.record({ type: fc.constant('conference.locked' as const), locked: fc.boolean() }),
  fc.record({ type: fc.constant('recording.asked' as const), on: fc.boolean() }),
  fc.record({ type: fc.constant('recording.over' as const), contactId: who }),
  fc.constant<ConferenceInput>({ type: 'conference.ended' }),
  fc.constantFrom(1_000, moderatorAbsenceMaxMs, endsAt),
);

/** Where the shell has everybody, by what it was told alone. */
class Shell {
  readonly seats = new Map<string, { state: 'waiting' | 'present'; muted: boolean }>();
  recorder: string | null = null;
  closed = 0;

  take(effect: ConferenceEffect): void {
    switch (effect.type) {
      case 'party.admitted':
        this.seats.set(effect.contactId, { state: 'present', muted: effect.muted });
        return;
      case 'party.waits':
        this.seats.set(effect.contactId, { state: 'waiting', muted: false });
        if (this.recorder === effect.contactId) this.recorder = null;
        return;
      case 'party.muted': {
        const seat = this.seats.get(effect.contactId);
        if (seat === undefined) throw new Error(`${effect.contactId} is muted and not there`);
        seat.muted = effect.muted;
        return;
      }
      case 'party.refused':
      case 'party.released':
        this.lost(effect.contactId);
        return;
      case 'recording.started':
        expect(this.recorder, 'one recording at a time').toBeNull();
        expect(this.seats.get(effect.contactId)?.state).toBe('present');
        this.recorder = effect.contactId;
        return;
      case 'recording.stopped':
        this.recorder = null;
        return;
      case 'closed':
        this.closed += 1;
        return;
      default:
    }
  }

  lost(contactId: string): void {
    this.seats.delete(contactId);
    if (this.recorder === contactId) this.recorder = null;
  }
}

test('[CONF-2 CONF-4 CONF-9 CONF-10 CONF-11] whatever happens, the shell that does as it is told has everybody where the machine has them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), fc.boolean(), (steps, waits, records) => {
      const meeting = new Meeting({ waitsForModerator: waits, records });
      const shell = new Shell();
      for (const each of steps) {
        if (typeof each !== 'number' && each.type === 'party.gone') shell.lost(each.contactId);
        if (typeof each !== 'number' && each.type === 'recording.over' && shell.recorder === each.contactId) {
          shell.recorder = null;
        }
        const effects = typeof each === 'number' ? meeting.advance(each) : meeting.send(each);
        for (const effect of effects) shell.take(effect);
        const { parties, recording } = meeting.machine.view();
        const seats = parties.map(({ contactId, state, muted }) => [contactId, { state, muted }] as const);
        expect(shell.seats).toEqual(new Map(seats));
        expect(recording).toBe(shell.recorder !== null);
        expect(parties.length).toBeLessThanOrEqual(rules.partiesMax);
        const hasModerator = parties.some(({ role }) => role === 'moderator');
        for (const { state } of parties) expect(state === 'waiting').toBe(waits && !hasModerator);
        if (shell.closed > 0) break;
      }
      expect(shell.closed).toBeLessThanOrEqual(1);
    }),
    { numRuns: 1_000 },
  );
});
