import type {
  CallbackId,
  CallbackState,
  ContactId,
  ContactOutcome,
  EpochMs,
  QueueId,
} from '@crosspoint/contracts';

/** One promised callback. */
export interface CallbackRecord {
  readonly id: CallbackId;
  readonly queueId: QueueId;
  readonly number: string;
  readonly callerName: string;
  /** Asked for by key while waiting, or given a time. */
  readonly origin: 'queue' | 'scheduled';
  readonly note: string;
  readonly createdAt: EpochMs;
  /** The call in which it was asked for. */
  readonly fromContactId: ContactId | null;
  readonly attemptsMax: number;
  readonly gapSeconds: number;
  readonly state: CallbackState;
  /** Since when the customer waits, for the place in the queue. */
  readonly agedSince: EpochMs;
  /** When it is due next; null while an attempt is on and at the end. */
  readonly dueAt: EpochMs | null;
  /** When it was to be made first, from which it expires. */
  readonly promisedAt: EpochMs;
  /** How often the customer was called in vain. */
  readonly attempts: number;
  /** Of the present or latest attempt. */
  readonly contactId: ContactId | null;
  /** Why the latest attempt, or the whole, ended as it did. */
  readonly reason: string;
  readonly endedAt: EpochMs | null;
}

/** What a new callback is made from. */
export type NewCallback = Pick<
  CallbackRecord,
  'id' | 'queueId' | 'number' | 'callerName' | 'note' | 'fromContactId' | 'attemptsMax' | 'gapSeconds'
>;

export type CallbackInput =
  | ({ type: 'callback.requested'; agedSince: EpochMs } & NewCallback)
  | ({ type: 'callback.scheduled'; at: EpochMs } & NewCallback)
  /** What `store` asked for first is in the database. */
  | { type: 'callback.stored'; id: CallbackId }
  /** From the database, at the start. `isLive`: the contact of its attempt is there. */
  | { type: 'callback.restored'; record: CallbackRecord; isLive: boolean }
  | { type: 'attempt.began'; id: CallbackId; contactId: ContactId }
  /** A supervisor has put the contact of the attempt into another queue. */
  | { type: 'attempt.moved'; contactId: ContactId; queueId: QueueId }
  | { type: 'attempt.ended'; contactId: ContactId; outcome: ContactOutcome; reason: string }
  | { type: 'callback.called-now'; id: CallbackId }
  | { type: 'callback.put-off'; id: CallbackId; at: EpochMs }
  | { type: 'callback.cancelled'; id: CallbackId; reason: string }
  | { type: 'timer.due' };

export type CallbackRefusal = 'unknown-callback' | 'in-progress' | 'duplicate' | 'too-many';

export type CallbackEffect =
  /** The record has changed (or is new). */
  | { type: 'store'; record: CallbackRecord }
  /** The promise stands once that callback is stored. */
  | { type: 'promised'; id: CallbackId }
  | { type: 'refused'; reason: CallbackRefusal }
  /** A contact is to take the place in the queue; `attempt.began` follows. */
  | { type: 'attempt.start'; record: CallbackRecord }
  /** That contact leaves the queue, if it still waits there. */
  | { type: 'attempt.cancel'; contactId: ContactId }
  /** One timer; set again it replaces the former. */
  | { type: 'timer.set'; at: EpochMs }
  | { type: 'timer.cleared' };

export interface CallbackBook {
  /** Deterministic; what does not fit is refused or ignored. */
  handle(input: CallbackInput, now: EpochMs): CallbackEffect[];
  open(): CallbackRecord[];
}
