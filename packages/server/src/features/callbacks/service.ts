import type { CallbackAction, CallbackId, ContactFact, ContactId, QueueId } from '@crosspoint/contracts';
import type { CallbackResult } from '../calls/door.ts';
import {
  type CallbackEffect,
  type CallbackInput,
  type CallbackRecord,
  createCallbackBook,
  type NewCallback,
} from '@crosspoint/core';

export interface CallbackServiceContext {
  now: () => number;
  newId: () => string;
  /** A number in E.164 where that can be told, so that whoever is written in two ways is called once. */
  internationalForm: (number: string) => string;
  /** Writes a record; they are written one after the other. */
  save: (record: CallbackRecord) => Promise<void>;
  /** Puts a contact into the queue in the customer's place. */
  begin: (record: CallbackRecord) => ContactId;
  /** Takes that contact out of the queue, if it still waits there. */
  cancel: (contactId: ContactId) => void;
  /** The contact of its attempt that is under way; a kill may have come before the record could name it. */
  liveAttempt: (record: CallbackRecord) => ContactId | null;
  log: { error(fields: object, message: string): void };
}

type New = Omit<NewCallback, 'id'>;

const timerMsMax = 0x7fffffff;

/** The promised calls of one tenant: the book, its table, its timer, and the contacts of its attempts. */
export class CallbackService {
  readonly #context: CallbackServiceContext;
  readonly #book = createCallbackBook();
  /** Writes follow one another, so that an older state never overwrites a newer one. */
  #writing: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(context: CallbackServiceContext) {
    this.#context = context;
  }

  /** Takes up what was open when the server stopped. */
  restore(records: readonly CallbackRecord[]): void {
    for (const record of records) {
      const contactId = this.#context.liveAttempt(record);
      const known = contactId === null ? record : { ...record, contactId };
      this.#handle({ type: 'callback.restored', record: known, isLive: contactId !== null });
    }
  }

  /** A caller asked for one by key. Resolves when it is stored, so that it may be promised. */
  request(callback: New, agedSince: number): Promise<CallbackResult> {
    const number = this.#context.internationalForm(callback.number);
    return this.#add((id) => ({ type: 'callback.requested', id, agedSince, ...callback, number }));
  }

  /** Somebody gives a customer a time. */
  schedule(callback: New, at: number): Promise<CallbackResult> {
    const number = this.#context.internationalForm(callback.number);
    return this.#add((id) => ({ type: 'callback.scheduled', id, at, ...callback, number }));
  }

  /** Resolves when the result is stored. */
  async command(id: CallbackId, action: CallbackAction): Promise<CallbackResult> {
    const effects = this.#handle(inputOf(id, action));
    const refused = effects.find((effect) => effect.type === 'refused');
    if (refused !== undefined) return { ok: false, reason: refused.reason };
    await this.#writing;
    return { ok: true, id };
  }

  /** The caller was connected after all. */
  withdraw(id: CallbackId): void {
    this.#handle({ type: 'callback.cancelled', id, reason: 'connected-meanwhile' });
  }

  /** A fact of any contact: the end of an attempt is one, and that a supervisor moved it. */
  fact(fact: ContactFact): void {
    if (fact.type === 'entry.overridden') {
      const { toQueueId } = fact.data;
      if (toQueueId !== undefined)
        this.#handle({ type: 'attempt.moved', contactId: fact.contactId, queueId: toQueueId });
      return;
    }
    if (fact.type !== 'contact.ended') return;
    const { outcome, reason } = fact.data;
    this.#handle({ type: 'attempt.ended', contactId: fact.contactId, outcome, reason });
  }

  /** After this nothing is begun; what ends is still written. Resolves when everything is. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  async #add(inputOf: (id: CallbackId) => CallbackInput): Promise<CallbackResult> {
    const effects = this.#handle(inputOf(this.#context.newId() as CallbackId));
    const refused = effects.find((effect) => effect.type === 'refused');
    if (refused !== undefined) return { ok: false, reason: refused.reason };
    const promised = effects.find((effect) => effect.type === 'promised');
    if (promised === undefined) return { ok: false, reason: 'not-promised' };
    const isStored = await this.#writing;
    if (isStored === false) {
      this.#handle({ type: 'callback.cancelled', id: promised.id, reason: 'not-stored' });
      return { ok: false, reason: 'database-away' };
    }
    // Whoever asked hears of it first, and may take it back before an attempt begins.
    setImmediate(() => this.#handle({ type: 'callback.stored', id: promised.id }));
    return { ok: true, id: promised.id };
  }

  #handle(input: CallbackInput): CallbackEffect[] {
    const effects = this.#book.handle(input, this.#context.now());
    for (const effect of effects) this.#act(effect);
    return effects;
  }

  #act(effect: CallbackEffect): void {
    switch (effect.type) {
      case 'store':
        this.#writing = this.#writing.then(() => this.#save(effect.record));
        return;
      case 'attempt.start': {
        if (this.#isClosed) return;
        const { record } = effect;
        const id = this.#context.begin(record);
        this.#handle({ type: 'attempt.began', id: record.id, contactId: id });
        return;
      }
      case 'attempt.cancel':
        return this.#context.cancel(effect.contactId);
      case 'timer.set':
        return this.#setTimer(effect.at);
      case 'timer.cleared':
        clearTimeout(this.#timer);
        return;
      case 'promised':
      case 'refused':
        return;
    }
  }

  async #save(record: CallbackRecord): Promise<boolean> {
    try {
      await this.#context.save(record);
      return true;
    } catch (error) {
      this.#context.log.error({ err: error, callbackId: record.id }, 'a callback could not be stored');
      return false;
    }
  }

  #setTimer(at: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    const delayMs = Math.max(0, Math.ceil(at - this.#context.now()));
    // What is further away than a timer reaches is looked at again on the way.
    this.#timer = setTimeout(
      () => (delayMs > timerMsMax ? this.#setTimer(at) : this.#handle({ type: 'timer.due' })),
      Math.min(delayMs, timerMsMax),
    );
  }
}

function inputOf(id: CallbackId, action: CallbackAction): CallbackInput {
  switch (action.action) {
    case 'call-now':
      return { type: 'callback.called-now', id };
    case 'reschedule':
      return { type: 'callback.put-off', id, at: Date.parse(action.at) };
    case 'cancel':
      return { type: 'callback.cancelled', id, reason: 'by-user' };
  }
}

/** A callback that somebody gives a time, by the settings of its queue. */
export function newCallback(
  of: { queueId: QueueId; number: string; callerName: string; note: string },
  settings: { attemptsMax: number; gapSeconds: number },
  fromContactId: ContactId | null,
): New {
  const { attemptsMax, gapSeconds } = settings;
  return { ...of, fromContactId, attemptsMax, gapSeconds };
}
