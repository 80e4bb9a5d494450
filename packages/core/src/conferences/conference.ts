import type { ContactId, EpochMs } from '@crosspoint/contracts';
import type {
  ConferenceEffect,
  ConferenceEnd,
  ConferenceInput,
  ConferenceMachine,
  ConferenceParty,
  ConferenceRefusal,
  ConferenceRules,
  ConferenceSeat,
  ConferenceView,
} from './door.ts';

/** A moderator whose line broke has so long to come back. */
export const moderatorAbsenceMaxMs = 5 * 60_000;

type Member = ConferenceParty & ConferenceSeat;
type Input<Type extends ConferenceInput['type']> = Extract<ConferenceInput, { type: Type }>;

/** Makes the machine of one meeting; see `door.ts` for its contract and `SPEC.md` for its rules. */
export function createConference(rules: ConferenceRules): ConferenceMachine {
  const conference = new ScheduledConference(rules);
  return {
    handle: (input, now) => conference.handle(input, now),
    view: () => conference.view(),
  };
}

class ScheduledConference {
  #rules: ConferenceRules;
  /** In the order in which they came. */
  readonly #members = new Map<ContactId, Member>();
  #now: EpochMs = 0;
  #openedAt: EpochMs | null = null;
  /** Since when participants wait for a moderator who was there. */
  #abandonedAt: EpochMs | null = null;
  #isLocked = false;
  #areMuted = false;
  #isOver = false;
  #isClosed = false;
  /** Wanted by the rules or by command. */
  #records: boolean;
  #recorder: ContactId | null = null;
  #timerAt: EpochMs | null = null;
  #effects: ConferenceEffect[] = [];

  constructor(rules: ConferenceRules) {
    this.#rules = rules;
    this.#records = rules.records;
  }

  handle(input: ConferenceInput, now: EpochMs): ConferenceEffect[] {
    if (now > this.#now) this.#now = now;
    if (!this.#isClosed) this.#apply(input);
    else if (input.type === 'party.asked') this.#refuse(input.party.contactId, 'over');
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  view(): ConferenceView {
    return {
      openedAt: this.#openedAt,
      endsAt: this.#endsAt,
      locked: this.#isLocked,
      recording: this.#recorder !== null,
      parties: [...this.#members.values()].map((member) => ({ ...member })),
    };
  }

  #apply(input: ConferenceInput): void {
    switch (input.type) {
      case 'party.asked':
        this.#ask(input);
        break;
      case 'parties.restored':
        this.#restore(input);
        break;
      case 'party.gone':
        this.#leave(input.contactId);
        break;
      case 'party.muted':
        this.#mute(this.#members.get(input.contactId), input.muted);
        break;
      case 'party.removed':
        this.#release(input.contactId, 'removed');
        break;
      case 'participants.muted':
        this.#areMuted = input.muted;
        for (const member of this.#present)
          if (member.role === 'participant') this.#mute(member, input.muted);
        break;
      case 'conference.locked':
        this.#lock(input.locked);
        break;
      case 'conference.ended':
        this.#end('ended');
        break;
      case 'recording.asked':
        this.#records = input.on;
        break;
      case 'recording.over':
        if (this.#recorder === input.contactId) this.#recorder = null;
        break;
      case 'rules.changed':
        if (input.rules.records !== this.#rules.records) this.#records = input.rules.records;
        this.#rules = input.rules;
        break;
      case 'timer.due':
        this.#timerAt = null;
        break;
    }
    this.#settle();
  }

  // ---------------------------------------------------------------- who comes and goes

  #ask({ party, mayWait }: Input<'party.asked'>): void {
    const here = this.#members.get(party.contactId);
    if (here !== undefined) return this.#tellAgain(here);
    const refusal = this.#refusalOf(party, mayWait);
    if (refusal !== undefined) return this.#refuse(party.contactId, refusal);
    const member: Member = { ...party, state: 'waiting', muted: false, since: this.#now };
    this.#members.set(party.contactId, member);
    if (this.#mustWait(party)) this.#emit({ type: 'party.waits', contactId: party.contactId });
    else this.#admit(member);
  }

  #tellAgain({ contactId, state, muted }: Member): void {
    if (state === 'waiting') this.#emit({ type: 'party.waits', contactId });
    else this.#emit({ type: 'party.admitted', contactId, muted });
  }

  #refusalOf(party: ConferenceParty, mayWait: boolean): ConferenceRefusal | undefined {
    const isModerator = party.role === 'moderator';
    if (this.#isOver || this.#now >= this.#endsAt) return 'over';
    if (this.#isLocked && !isModerator) return 'locked';
    if (this.#mustWait(party) && !mayWait) return 'no-moderator';
    if (this.#members.size < this.#rules.partiesMax) return undefined;
    const last = isModerator ? this.#waiting.at(-1) : undefined;
    if (last === undefined) return 'full';
    this.#members.delete(last.contactId);
    this.#refuse(last.contactId, 'full');
    return undefined;
  }

  #restore({ parties, locked }: Input<'parties.restored'>): void {
    this.#isLocked ||= locked;
    for (const party of parties) {
      if (this.#members.has(party.contactId)) continue;
      const member: Member = { ...party };
      this.#members.set(party.contactId, member);
      if (party.state === 'present') this.#openedAt = Math.min(this.#openedAt ?? party.since, party.since);
      this.#tellAgain(member);
    }
  }

  #admit(member: Member): void {
    const muted = this.#areMuted && member.role === 'participant';
    const hasOthers = this.#present.length > 0;
    Object.assign(member, { state: 'present', muted, since: this.#now } satisfies ConferenceSeat);
    this.#openedAt ??= this.#now;
    this.#emit({ type: 'party.admitted', contactId: member.contactId, muted });
    if (hasOthers) this.#emit({ type: 'tone', tone: 'joined' });
  }

  #leave(contactId: ContactId): void {
    const member = this.#members.get(contactId);
    if (member === undefined) return;
    this.#members.delete(contactId);
    // Its file ends with it.
    if (this.#recorder === contactId) this.#recorder = null;
    if (member.state === 'present' && this.#present.length > 0) this.#emit({ type: 'tone', tone: 'left' });
    this.#emit({ type: 'changed' });
  }

  #release(contactId: ContactId, reason: ConferenceEnd): void {
    if (!this.#members.has(contactId)) return;
    this.#emit({ type: 'party.released', contactId, reason });
    this.#leave(contactId);
  }

  #refuse(contactId: ContactId, reason: ConferenceRefusal): void {
    this.#emit({ type: 'party.refused', contactId, reason });
  }

  #end(reason: ConferenceEnd): void {
    this.#isOver = true;
    const all = [...this.#members.keys()];
    // All at once: nobody has to hear the others go.
    this.#members.clear();
    this.#recorder = null;
    for (const contactId of all) this.#emit({ type: 'party.released', contactId, reason });
  }

  #mute(member: Member | undefined, muted: boolean): void {
    if (member?.state !== 'present' || member.muted === muted) return;
    member.muted = muted;
    this.#emit({ type: 'party.muted', contactId: member.contactId, muted });
    this.#emit({ type: 'changed' });
  }

  #lock(locked: boolean): void {
    if (this.#isLocked === locked) return;
    this.#isLocked = locked;
    this.#emit({ type: 'conference.locked', locked });
    this.#emit({ type: 'changed' });
  }

  // ---------------------------------------------------------------- what follows from any change

  #settle(): void {
    this.#obeyTime();
    this.#seat();
    this.#record();
    if (this.#effects.length > 0 && this.#effects.at(-1)?.type !== 'changed') this.#emit({ type: 'changed' });
    if (this.#members.size === 0) {
      this.#isClosed = true;
      this.#emit({ type: 'closed' });
    } else this.#arm();
  }

  /** Participants are where a moderator's presence puts them. */
  #seat(): void {
    const waits = this.#rules.waitsForModerator && !this.#hasModerator;
    if (waits && this.#present.length > 0) {
      this.#abandonedAt = this.#now;
      for (const member of this.#present) {
        Object.assign(member, { state: 'waiting', muted: false, since: this.#now } satisfies ConferenceSeat);
        this.#emit({ type: 'party.waits', contactId: member.contactId });
      }
    }
    if (waits) return;
    this.#abandonedAt = null;
    for (const member of this.#waiting) this.#admit(member);
  }

  #obeyTime(): void {
    if (this.#now >= this.#endsAt) this.#end('time-over');
    else if (this.#abandonedAt !== null && this.#now >= this.#abandonedAt + moderatorAbsenceMaxMs) {
      if (!this.#hasModerator) this.#end('no-moderator');
    }
  }

  #record(): void {
    const present = this.#present;
    const isDue = this.#records && (present.length > 1 || (this.#recorder !== null && present.length > 0));
    const former = this.#recorder;
    const isThere = former !== null && this.#members.get(former)?.state === 'present';
    if (former !== null && (!isDue || !isThere)) {
      this.#recorder = null;
      if (this.#members.has(former)) this.#emit({ type: 'recording.stopped', contactId: former });
    }
    if (!isDue || this.#recorder !== null) return;
    const with_ = present.find(({ role }) => role === 'moderator') ?? present[0];
    if (with_ === undefined) return;
    this.#recorder = with_.contactId;
    this.#emit({ type: 'recording.started', contactId: with_.contactId });
  }

  #arm(): void {
    const absence = this.#abandonedAt === null ? Infinity : this.#abandonedAt + moderatorAbsenceMaxMs;
    const at = Math.min(this.#endsAt, absence);
    if (at === this.#timerAt) return;
    this.#timerAt = at;
    this.#emit({ type: 'timer.set', at });
  }

  get #endsAt(): EpochMs {
    const { endsAt, lengthMaxMs } = this.#rules;
    return this.#openedAt === null ? endsAt : Math.min(endsAt, this.#openedAt + lengthMaxMs);
  }

  get #present(): Member[] {
    return [...this.#members.values()].filter(({ state }) => state === 'present');
  }

  get #waiting(): Member[] {
    return [...this.#members.values()].filter(({ state }) => state === 'waiting');
  }

  get #hasModerator(): boolean {
    return [...this.#members.values()].some(({ role }) => role === 'moderator');
  }

  #mustWait({ role }: ConferenceParty): boolean {
    return this.#rules.waitsForModerator && role === 'participant' && !this.#hasModerator;
  }

  #emit(effect: ConferenceEffect): void {
    this.#effects.push(effect);
  }
}
