import type { AgentId, ConferenceRole, ContactId, EpochMs } from '@crosspoint/contracts';

/** What holds for one meeting; it may be changed while people are in it. */
export interface ConferenceRules {
  partiesMax: number;
  /** Counted from the moment at which people hear each other. */
  lengthMaxMs: number;
  waitsForModerator: boolean;
  records: boolean;
  /** When the time that was planned is over. */
  endsAt: EpochMs;
}

export type ConferenceParty = {
  contactId: ContactId;
  role: ConferenceRole;
  agentId: AgentId | null;
  name: string;
  number: string;
};

/** Why somebody is not let in. */
export type ConferenceRefusal = 'locked' | 'full' | 'no-moderator' | 'over';

/** Why it is over for somebody who was in it. */
export type ConferenceEnd = 'removed' | 'ended' | 'time-over' | 'no-moderator';

export type ConferenceInput =
  /** `mayWait`: for a moderator, where one is waited for. */
  | { type: 'party.asked'; party: ConferenceParty; mayWait: boolean }
  /** Of a process that is gone: all of them, as they were left. */
  | { type: 'parties.restored'; parties: (ConferenceParty & ConferenceSeat)[]; locked: boolean }
  | { type: 'party.gone'; contactId: ContactId }
  | { type: 'party.muted'; contactId: ContactId; muted: boolean }
  | { type: 'party.removed'; contactId: ContactId }
  /** All but moderators, and who comes later too. */
  | { type: 'participants.muted'; muted: boolean }
  | { type: 'conference.locked'; locked: boolean }
  | { type: 'conference.ended' }
  | { type: 'recording.asked'; on: boolean }
  /** The file with that contact is closed, whoever closed it. */
  | { type: 'recording.over'; contactId: ContactId }
  | { type: 'rules.changed'; rules: ConferenceRules }
  | { type: 'timer.due' };

export interface ConferenceSeat {
  state: 'waiting' | 'present';
  muted: boolean;
  /** Since when it is so. */
  since: EpochMs;
}

export type ConferenceEffect =
  | { type: 'party.admitted'; contactId: ContactId; muted: boolean }
  /** Hears music and nobody, from the beginning or again. */
  | { type: 'party.waits'; contactId: ContactId }
  | { type: 'party.refused'; contactId: ContactId; reason: ConferenceRefusal }
  | { type: 'party.released'; contactId: ContactId; reason: ConferenceEnd }
  | { type: 'party.muted'; contactId: ContactId; muted: boolean }
  /** Heard by everybody in the room. */
  | { type: 'tone'; tone: 'joined' | 'left' }
  | { type: 'conference.locked'; locked: boolean }
  /** What is heard in the room goes to a file that belongs to this contact, until it stops or the contact goes. */
  | { type: 'recording.started' | 'recording.stopped'; contactId: ContactId }
  /** There is one timer; set again it replaces the former. */
  | { type: 'timer.set'; at: EpochMs }
  | { type: 'changed' }
  /** Nobody is left: the machine is forgotten. */
  | { type: 'closed' };

export interface ConferenceView {
  openedAt: EpochMs | null;
  /** When it ends at the latest. */
  endsAt: EpochMs;
  locked: boolean;
  recording: boolean;
  parties: (ConferenceParty & ConferenceSeat)[];
}

/** One meeting of a scheduled conference, from its first party to its last. Deterministic; see `SPEC.md`. */
export interface ConferenceMachine {
  handle(input: ConferenceInput, now: EpochMs): ConferenceEffect[];
  view(): ConferenceView;
}
