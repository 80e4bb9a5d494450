import type {
  CallbackId,
  ContactFact,
  ContactId,
  LegId,
  PromptName,
  QueueId,
  QueueSettings,
} from '@crosspoint/contracts';
import {
  type Announcer,
  type AnnouncerEffect,
  type AnnouncerInput,
  type CallerPlace,
  createAnnouncer,
} from '@crosspoint/core';
import type { PromptLibrary } from './library.ts';

/** What this feature needs to know of a contact. */
interface Caller {
  readonly id: ContactId;
  readonly callerPhone: string;
  readonly callerName: string;
}

export interface WaitingCallersContext {
  library: PromptLibrary;
  now: () => number;
  settingsOf: (queueId: QueueId) => QueueSettings | undefined;
  placeOf: (contactId: ContactId) => (CallerPlace & { agedSince: number }) | undefined;
  /** Whether a call to that number would find a way. */
  mayCall: (number: string) => boolean;
  /** Plays these files one after the other; `played` with the name follows. */
  say: (legId: LegId, paths: string[], name: string) => void;
  music: (legId: LegId, queueId: QueueId) => void;
  /** Stores a callback; undefined when it is refused. */
  requestCallback: (request: {
    queueId: QueueId;
    number: string;
    callerName: string;
    fromContactId: ContactId;
    agedSince: number;
  }) => Promise<CallbackId | undefined>;
  withdrawCallback: (id: CallbackId) => void;
  /** The contact leaves the queue with the promise of a callback. */
  callbackAccepted: (contactId: ContactId) => void;
  farewellOver: (contactId: ContactId) => void;
}

interface Listener {
  readonly caller: Caller;
  readonly legId: LegId;
  readonly announcer: Announcer;
  queueId: QueueId;
  callbackId: CallbackId | undefined;
  /** The music of its queue. */
  music: PromptName | null;
  isSaying: boolean;
  /** Of what was said last. */
  sayName: string;
  timer: NodeJS.Timeout | undefined;
}

const timerMsMax = 0x7fffffff;

/** What each waiting caller hears beside music: the announcers of the contacts that wait, and the sound of their sentences. */
export class WaitingCallers {
  readonly #context: WaitingCallersContext;
  /** The present stay of each contact that waits, whether its leg is up or not. */
  readonly #stays = new Map<ContactId, { queueId: QueueId; at: number }>();
  readonly #listeners = new Map<ContactId, Listener>();
  readonly #byLeg = new Map<LegId, Listener>();
  #said = 0;

  constructor(context: WaitingCallersContext) {
    this.#context = context;
  }

  /** A fact of that contact was recorded. */
  fact(caller: Caller, fact: ContactFact): void {
    switch (fact.type) {
      case 'queue.entered': {
        const { queueId } = fact.data;
        this.#stays.set(caller.id, { queueId, at: fact.at });
        const listener = this.#listeners.get(caller.id);
        if (listener === undefined) return;
        // Sent on from another queue, the caller hears its music, or still a sentence, which is over.
        this.#hearMusic(listener, queueId);
        this.#begin(listener, queueId, fact.at);
        return;
      }
      case 'queue.left':
        this.#stays.delete(caller.id);
        this.#handle(caller.id, { type: 'waiting.ended', connected: fact.data.result === 'answered' });
        return;
      case 'digit.received':
        if (fact.data.party === 'customer' && fact.data.digit !== '')
          this.#handle(caller.id, { type: 'digit', digit: fact.data.digit });
        return;
      case 'contact.ended':
      case 'contact.closed':
        if (fact.type === 'contact.closed' || fact.data.outcome !== 'callback') this.#forget(caller.id);
        return;
      default:
        return;
    }
  }

  /** The caller's leg hears music; if that is a queue's, the waiting begins. */
  musicBegan(caller: Caller, legId: LegId): void {
    const stay = this.#stays.get(caller.id);
    if (stay !== undefined && !this.#listeners.has(caller.id)) this.#listen(caller, legId, stay, false);
  }

  #listen(caller: Caller, legId: LegId, stay: { queueId: QueueId; at: number }, isResumed: boolean): void {
    const listener: Listener = {
      ...{ caller, legId, announcer: createAnnouncer() },
      ...{ queueId: stay.queueId, callbackId: undefined, isSaying: false, sayName: '', timer: undefined },
      music: this.#musicOf(stay.queueId),
    };
    this.#listeners.set(caller.id, listener);
    this.#byLeg.set(legId, listener);
    this.#begin(listener, stay.queueId, stay.at, isResumed);
  }

  /** The caller has waited there since before a restart: what greets and tells a place is not said once more. */
  resumed(caller: Caller, legId: LegId | undefined, stay: { queueId: QueueId; at: number }): void {
    this.#stays.set(caller.id, stay);
    if (legId !== undefined) this.#listen(caller, legId, stay, true);
  }

  /** What was said to that leg is over; null: it could not be said. */
  played(legId: LegId, name: string | null): void {
    const listener = this.#byLeg.get(legId);
    if (listener === undefined || (name !== null && name !== listener.sayName)) return;
    this.#apply(listener, { type: 'said' });
  }

  /** The settings of queues may have changed. */
  configured(): void {
    void this.#context.library.look();
    for (const listener of this.#listeners.values()) {
      const settings = this.#context.settingsOf(listener.queueId);
      if (settings === undefined) continue;
      this.#apply(listener, { type: 'settings.changed', settings });
      const isOther = this.#musicOf(listener.queueId) !== listener.music;
      if (isOther && !listener.isSaying) this.#hearMusic(listener, listener.queueId);
    }
  }

  #musicOf(queueId: QueueId): PromptName | null {
    return this.#context.settingsOf(queueId)?.announcements.music ?? null;
  }

  #hearMusic(listener: Listener, queueId: QueueId): void {
    listener.music = this.#musicOf(queueId);
    listener.isSaying = false;
    this.#context.music(listener.legId, queueId);
  }

  close(): void {
    for (const id of [...this.#listeners.keys()]) this.#forget(id);
  }

  get size(): number {
    return this.#listeners.size;
  }

  #begin(listener: Listener, queueId: QueueId, enteredAt: number, isResumed = false): void {
    const { settingsOf, mayCall, placeOf } = this.#context;
    const all = settingsOf(queueId);
    if (all === undefined) return;
    const settings = isResumed ? { ...all, announcements: { ...all.announcements, greeting: null } } : all;
    const { id, callerPhone } = listener.caller;
    listener.queueId = queueId;
    this.#apply(listener, {
      type: 'waiting.began',
      settings,
      enteredAt,
      callbackNumber:
        settings.callback.offered && callerPhone !== '' && mayCall(callerPhone) ? callerPhone : '',
      place: isResumed ? null : (placeOf(id) ?? null),
    });
  }

  #handle(contactId: ContactId, input: AnnouncerInput): void {
    const listener = this.#listeners.get(contactId);
    if (listener !== undefined) this.#apply(listener, input);
  }

  #apply(listener: Listener, input: AnnouncerInput): void {
    for (const effect of listener.announcer.handle(input, this.#context.now())) this.#act(listener, effect);
  }

  #act(listener: Listener, effect: AnnouncerEffect): void {
    const { caller } = listener;
    const { callbackAccepted, farewellOver, withdrawCallback } = this.#context;
    switch (effect.type) {
      case 'say':
        return this.#say(listener, effect.sentences);
      case 'music':
        return this.#hearMusic(listener, listener.queueId);
      case 'timer.set':
        return this.#setTimer(listener, effect.at);
      case 'timer.cleared':
        clearTimeout(listener.timer);
        return;
      case 'callback.requested':
        return this.#requestCallback(listener, effect.number);
      case 'callback.accepted':
        return callbackAccepted(caller.id);
      case 'callback.withdrawn':
        if (listener.callbackId !== undefined) withdrawCallback(listener.callbackId);
        return;
      case 'farewell.over':
        return farewellOver(caller.id);
    }
  }

  #say(listener: Listener, sentences: Extract<AnnouncerEffect, { type: 'say' }>['sentences']): void {
    const { library, settingsOf, say } = this.#context;
    const language = settingsOf(listener.queueId)?.announcements.language ?? 'en';
    const paths = library.pathsOf(language, sentences);
    this.#said += 1;
    listener.sayName = `say:${this.#said}`;
    listener.isSaying = true;
    if (paths.length > 0) say(listener.legId, paths, listener.sayName);
    // Nothing of it is recorded: it is over at once, after the effects of this step.
    else setImmediate(() => this.played(listener.legId, null));
  }

  #setTimer(listener: Listener, at: number): void {
    clearTimeout(listener.timer);
    const delayMs = Math.min(timerMsMax, Math.max(0, Math.ceil(at - this.#context.now())));
    listener.timer = setTimeout(() => {
      const place = this.#context.placeOf(listener.caller.id) ?? null;
      this.#apply(listener, { type: 'timer.due', place });
    }, delayMs);
  }

  #requestCallback(listener: Listener, number: string): void {
    const { id: fromContactId, callerName } = listener.caller;
    const { now, placeOf, requestCallback } = this.#context;
    const agedSince = placeOf(fromContactId)?.agedSince ?? now();
    const { queueId } = listener;
    void requestCallback({ queueId, number, callerName, fromContactId, agedSince }).then((id) => {
      listener.callbackId = id;
      this.#apply(listener, { type: id === undefined ? 'callback.refused' : 'callback.stored' });
    });
  }

  #forget(contactId: ContactId): void {
    const listener = this.#listeners.get(contactId);
    this.#stays.delete(contactId);
    if (listener === undefined) return;
    clearTimeout(listener.timer);
    this.#listeners.delete(contactId);
    this.#byLeg.delete(listener.legId);
  }
}
