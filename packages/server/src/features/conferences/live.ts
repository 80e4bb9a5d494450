import type {
  AgentId,
  ConferenceAction,
  ConferenceId,
  ConferencePartyAction,
  ConferenceSettings,
  ContactFact,
  ContactId,
  LegId,
  LiveConference,
  RecordingId,
} from '@crosspoint/contracts';
import {
  type ConferenceEffect,
  type ConferenceMachine,
  type ConferenceMachineInput,
  type ConferenceRules,
  type ContactInput,
  type ContactView,
  createConference,
  type Occurrence,
  occurrenceAt,
  WrongTries,
} from '@crosspoint/core';
import type { PlaySource } from '../../media/index.ts';
import { refusedTry, type ServiceAnswer, type ServiceCall, textOf } from '../telephone/index.ts';
import { type PinTarget, pinKey } from './pins.ts';

/** What this feature needs of the living centre. */
export interface LiveConferencesContext {
  conferences: () => ReadonlyMap<ConferenceId, ConferenceSettings>;
  /** By the key of a PIN. */
  pins: () => ReadonlyMap<string, PinTarget>;
  contact: (contactId: ContactId) => ContactView | undefined;
  agentName: (agentId: AgentId) => string | undefined;
  agentNamed: (username: string) => AgentId | undefined;
  tell: (contactId: ContactId, input: ContactInput) => void;
  /** Whether the sound of that leg can be brought to that of others. */
  reaches: (legId: LegId) => boolean;
  play: (roomId: string, source: PlaySource) => void;
  changed: (live: LiveConference) => void;
  now: () => number;
  newId: () => string;
  warn: (fields: object, message: string) => void;
}

interface Meeting {
  readonly id: ConferenceId;
  readonly roomId: string;
  readonly occurrence: Occurrence;
  readonly machine: ConferenceMachine;
  timer: NodeJS.Timeout | undefined;
}

/** Who is in a meeting, or asks to be, and the document that waits for the end of it. */
interface Guest {
  readonly meeting: Meeting;
  readonly call: ServiceCall;
  readonly answer: (answer: ServiceAnswer) => void;
}

type Member = Extract<ConferenceMachineInput, { type: 'party.asked' }>['party'];

/** With what the names of rooms begin that belong to no contact; a name of two parts tells a room from a leg. */
export const sharedRoomPrefix = 'hall.';

/** Two short sounds, up for who comes and down for who goes. */
const tones: Readonly<Record<'joined' | 'left', PlaySource>> = {
  joined: { kind: 'tone', frequenciesHz: [880], onMs: 180, offMs: 20 },
  left: { kind: 'tone', frequenciesHz: [440], onMs: 180, offMs: 20 },
};

/** A longer wait is set in pieces. */
const timerMaxMs = 24 * 3_600_000;

/** The scheduled conferences in which people are now, each governed by a machine of its own. */
export class LiveConferences {
  readonly #context: LiveConferencesContext;
  readonly #meetings = new Map<ConferenceId, Meeting>();
  readonly #guests = new Map<ContactId, Guest>();
  /** Agents on their way from the desk: whom they are let in as. */
  readonly #expected = new Map<ContactId, PinTarget>();
  /** Meetings whose time is over: until then nobody is let in again. */
  readonly #over = new Map<ConferenceId, number>();
  /** Who was in a room of a former process, until all of them are known. */
  #left: { guest: Guest; member: Member; seat: NonNullable<ContactView['conference']> }[] = [];
  readonly #tries = new WrongTries();

  constructor(context: LiveConferencesContext) {
    this.#context = context;
  }

  /** Someone is called from the desk and needs no PIN. */
  expect(contactId: ContactId, target: PinTarget): void {
    this.#expected.set(contactId, target);
  }

  /** A caller has keyed a PIN, or goes on in a room of a former process. Resolves when it is over for the caller. */
  async answer(call: ServiceCall): Promise<ServiceAnswer> {
    const view = this.#context.contact(call.contactId);
    const leg = view?.legs.find(({ role }) => role === 'customer');
    if (view === undefined || leg === undefined) throw new Error('the caller is gone');
    if (view.conference !== null) return this.#goOn(call, view, view.conference);
    const target = this.#targetOf(call, view);
    if ('way' in target) return target;
    const meeting = this.#meetingOf(target.conferenceId);
    if (meeting === undefined) return this.#refused(call.contactId, 'not-open');
    if (!this.#context.reaches(leg.legId)) throw new Error('the caller is in another media process');
    const { promise, resolve } = Promise.withResolvers<ServiceAnswer>();
    this.#guests.set(call.contactId, { meeting, call, answer: resolve });
    const party = this.#memberOf(view, target.role);
    this.#apply(meeting, { type: 'party.asked', party, mayWait: call.service === 'conference.wait' });
    return promise;
  }

  /** A fact of a contact: who hangs up has left, and a file that is closed may have to be followed by another. */
  fact(fact: ContactFact): void {
    const { contactId } = fact;
    if (fact.type === 'contact.ended') this.#expected.delete(contactId);
    const guest = this.#guests.get(contactId);
    if (guest === undefined) return;
    if (fact.type === 'recording.ended') this.#apply(guest.meeting, { type: 'recording.over', contactId });
    if (fact.type !== 'contact.ended' && fact.type !== 'conference.left') return;
    this.#guests.delete(contactId);
    this.#apply(guest.meeting, { type: 'party.gone', contactId });
  }

  /** Settings have changed: they hold at once for who is in a conference. */
  configured(): void {
    for (const meeting of this.#meetings.values()) {
      const settings = this.#context.conferences().get(meeting.id);
      if (settings === undefined) this.#apply(meeting, { type: 'conference.ended' });
      else this.#apply(meeting, { type: 'rules.changed', rules: rulesOf(settings, meeting.occurrence) });
    }
  }

  live(): LiveConference[] {
    return [...this.#meetings.values()].map((meeting) => this.#view(meeting));
  }

  /** False: nobody is in it. */
  act(id: ConferenceId, { action }: ConferenceAction): boolean {
    const meeting = this.#meetings.get(id);
    if (meeting !== undefined) this.#apply(meeting, inputOf(action));
    return meeting !== undefined;
  }

  /** False: that contact is not in it. */
  actOnParty(id: ConferenceId, contactId: ContactId, { action }: ConferencePartyAction): boolean {
    const meeting = this.#meetings.get(id);
    if (meeting === undefined || this.#guests.get(contactId)?.meeting !== meeting) return false;
    if (action === 'remove') this.#apply(meeting, { type: 'party.removed', contactId });
    else this.#apply(meeting, { type: 'party.muted', contactId, muted: action === 'mute' });
    return true;
  }

  close(): void {
    for (const { timer } of this.#meetings.values()) clearTimeout(timer);
  }

  // ---------------------------------------------------------------- who is let in

  #targetOf(call: ServiceCall, view: ContactView): PinTarget | ServiceAnswer {
    const expected = this.#expected.get(call.contactId);
    if (expected !== undefined) return expected;
    const now = this.#context.now();
    // Those who hide their number share one allowance.
    const source = view.callerPhone === '' ? 'withheld' : view.callerPhone;
    if (this.#tries.isBarred(source, now)) return this.#refused(call.contactId, 'too-many-tries');
    const target = this.#context.pins().get(pinKey(textOf(call, 'pin')));
    if (target !== undefined) return target;
    const wrongTries = this.#tries.note(source, now);
    this.#context.warn({ contactId: call.contactId, source, wrongTries }, 'a wrong PIN of a conference');
    const answer = refusedTry(call, 'wrong-pin');
    const way = answer.way === 'wrong-pin' ? answer.way : 'too-many-tries';
    return { ...answer, ...this.#refused(call.contactId, way) };
  }

  #refused(contactId: ContactId, reason: string): ServiceAnswer {
    const fact = { type: 'conference.refused', data: { reason } } as const;
    this.#context.tell(contactId, { type: 'fact', fact });
    return { way: reason };
  }

  /** The meeting that is on, which begins with its first party; undefined when callers are not let in now. */
  #meetingOf(id: ConferenceId): Meeting | undefined {
    const known = this.#meetings.get(id);
    if (known !== undefined) return known;
    const now = this.#context.now();
    const settings = this.#context.conferences().get(id);
    const occurrence = settings && occurrenceAt(settings.schedule, now);
    if (settings === undefined || occurrence?.open !== true) return undefined;
    return now < (this.#over.get(id) ?? 0) ? undefined : this.#begin(id, settings, occurrence);
  }

  #begin(id: ConferenceId, settings: ConferenceSettings, occurrence: Occurrence, roomId?: string): Meeting {
    const meeting: Meeting = {
      ...{ id, occurrence, timer: undefined },
      roomId: roomId ?? `${sharedRoomPrefix}${id}.${occurrence.startsAt}`,
      machine: createConference(rulesOf(settings, occurrence)),
    };
    this.#meetings.set(id, meeting);
    return meeting;
  }

  #memberOf(view: ContactView, role: Member['role']): Member {
    const agentId = view.legs.find((leg) => leg.role === 'customer')?.agentId ?? null;
    const name = (agentId === null ? undefined : this.#context.agentName(agentId)) ?? view.callerName;
    return { contactId: view.id, role, agentId, name, number: view.callerPhone };
  }

  // ---------------------------------------------------------------- a room of a former process

  #goOn(
    call: ServiceCall,
    view: ContactView,
    seat: NonNullable<ContactView['conference']>,
  ): Promise<ServiceAnswer> {
    const { promise, resolve } = Promise.withResolvers<ServiceAnswer>();
    const meeting = this.#meetingLeft(seat);
    if (meeting === undefined) {
      this.#context.tell(call.contactId, { type: 'conference.unseated', reason: 'ended' });
      return Promise.resolve({ way: 'over' });
    }
    const guest = { meeting, call, answer: resolve };
    this.#guests.set(call.contactId, guest);
    // All at once: nobody is to be alone in between, or to wait for a moderator who is there.
    if (this.#left.length === 0) setImmediate(() => this.#restore());
    this.#left.push({ guest, member: this.#memberOf(view, seat.role), seat });
    return promise;
  }

  /** The meeting to which that seat belongs; its time may be over meanwhile, which its machine then says. */
  #meetingLeft({ conferenceId, roomId }: NonNullable<ContactView['conference']>): Meeting | undefined {
    const known = this.#meetings.get(conferenceId);
    if (known !== undefined) return known.roomId === roomId ? known : undefined;
    const settings = this.#context.conferences().get(conferenceId);
    const startedAt = Number(roomId.split('.').at(-1));
    const occurrence = settings && occurrenceAt(settings.schedule, startedAt);
    if (settings === undefined || occurrence?.startsAt !== startedAt) return undefined;
    return this.#begin(conferenceId, settings, occurrence, roomId);
  }

  #restore(): void {
    const left = Map.groupBy(this.#left, ({ guest }) => guest.meeting);
    this.#left = [];
    for (const [meeting, all] of left) {
      const there = all.filter(({ member }) => this.#guests.has(member.contactId));
      const parties = there.map(({ member, seat: { state, muted, since } }) => ({
        ...member,
        ...{ state, muted, since },
      }));
      const locked = there.some(({ seat }) => seat.locked);
      this.#apply(meeting, { type: 'parties.restored', parties, locked });
    }
  }

  // ---------------------------------------------------------------- what the machines decide

  #apply(meeting: Meeting, input: ConferenceMachineInput): void {
    for (const effect of meeting.machine.handle(input, this.#context.now())) this.#act(meeting, effect);
  }

  #act(meeting: Meeting, effect: ConferenceEffect): void {
    const { tell, play, newId } = this.#context;
    switch (effect.type) {
      case 'party.admitted':
        return this.#seat(meeting, effect.contactId, 'present', effect.muted);
      case 'party.waits':
        return this.#seat(meeting, effect.contactId, 'waiting', false);
      case 'party.refused':
        tell(effect.contactId, { type: 'conference.unseated', reason: effect.reason });
        if (effect.reason === 'no-moderator') return this.#dismiss(effect.contactId, { way: effect.reason });
        return this.#dismiss(effect.contactId, this.#refused(effect.contactId, effect.reason));
      case 'party.released':
        if (effect.reason === 'time-over') this.#over.set(meeting.id, meeting.occurrence.endsAt);
        this.#dismiss(effect.contactId, { way: wayOf[effect.reason] });
        return tell(effect.contactId, { type: 'conference.unseated', reason: effect.reason });
      case 'party.muted':
        return tell(effect.contactId, { type: 'conference.muted', muted: effect.muted });
      case 'tone':
        return play(meeting.roomId, tones[effect.tone]);
      case 'conference.locked':
        for (const { contactId } of meeting.machine.view().parties) {
          tell(contactId, { type: 'conference.closed', locked: effect.locked });
        }
        return;
      case 'recording.started':
        return tell(effect.contactId, {
          ...{ type: 'conference.recorded', recordingId: newId() as RecordingId },
        });
      case 'recording.stopped':
        return tell(effect.contactId, { type: 'conference.recorded', recordingId: null });
      case 'timer.set':
        return this.#arm(meeting, effect.at);
      case 'changed':
        return this.#context.changed(this.#view(meeting));
      case 'closed':
        clearTimeout(meeting.timer);
        if (this.#meetings.get(meeting.id) === meeting) this.#meetings.delete(meeting.id);
    }
  }

  #seat(meeting: Meeting, contactId: ContactId, state: 'waiting' | 'present', muted: boolean): void {
    const party = meeting.machine.view().parties.find((each) => each.contactId === contactId);
    if (party === undefined) return;
    const conference = this.#context.conferences().get(meeting.id)?.name ?? '';
    const { id: conferenceId, roomId } = meeting;
    const seat = { conferenceId, conference, roomId, role: party.role, state, muted };
    this.#context.tell(contactId, { type: 'conference.seated', seat });
    const { locked } = meeting.machine.view();
    if (locked) this.#context.tell(contactId, { type: 'conference.closed', locked });
  }

  #dismiss(contactId: ContactId, answer: ServiceAnswer): void {
    const guest = this.#guests.get(contactId);
    this.#guests.delete(contactId);
    guest?.answer(answer);
  }

  #arm(meeting: Meeting, at: number): void {
    clearTimeout(meeting.timer);
    const delayMs = Math.min(timerMaxMs, Math.max(0, at - this.#context.now()));
    meeting.timer = setTimeout(() => this.#apply(meeting, { type: 'timer.due' }), delayMs);
    meeting.timer.unref();
  }

  #view({ id, machine }: Meeting): LiveConference {
    const { openedAt, endsAt, locked, recording, parties } = machine.view();
    const settings = this.#context.conferences().get(id);
    const named = [...(settings?.moderators ?? []), ...(settings?.participants ?? [])];
    return {
      id,
      name: settings?.name ?? '',
      agentIds: named.flatMap((username) => this.#context.agentNamed(username) ?? []),
      openedAt: openedAt === null ? null : new Date(openedAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      ...{ locked, recording },
      parties: parties.flatMap(({ contactId, since, ...party }) => {
        const legs = this.#context.contact(contactId)?.legs ?? [];
        const leg = legs.find(({ role }) => role === 'customer');
        if (leg === undefined) return [];
        return [{ ...party, contactId, callId: leg.legId, since: new Date(since).toISOString() }];
      }),
    };
  }
}

const wayOf = {
  removed: 'removed',
  ended: 'over',
  'time-over': 'over',
  'no-moderator': 'nobody-came',
} as const;

function rulesOf(settings: ConferenceSettings, { endsAt }: Occurrence): ConferenceRules {
  const { partiesMax, minutesMax, waitForModerator, record } = settings;
  return {
    ...{ partiesMax, endsAt, records: record, waitsForModerator: waitForModerator },
    lengthMaxMs: minutesMax * 60_000,
  };
}

function inputOf(action: ConferenceAction['action']): ConferenceMachineInput {
  switch (action) {
    case 'lock':
    case 'unlock':
      return { type: 'conference.locked', locked: action === 'lock' };
    case 'mute-all':
    case 'unmute-all':
      return { type: 'participants.muted', muted: action === 'mute-all' };
    case 'start-recording':
    case 'stop-recording':
      return { type: 'recording.asked', on: action === 'start-recording' };
    case 'end':
      return { type: 'conference.ended' };
  }
}
