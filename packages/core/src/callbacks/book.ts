import type { CallbackId, ContactId, EpochMs } from '@crosspoint/contracts';
import type {
  CallbackBook,
  CallbackEffect,
  CallbackInput,
  CallbackRecord,
  CallbackRefusal,
  NewCallback,
} from './door.ts';

const openMax = 10_000;
/** Until what was nobody's fault at the customer's end is tried again. */
const againMs = 60_000;
const expiresAfterMs = 24 * 3_600_000;

type Input<Type extends CallbackInput['type']> = Extract<CallbackInput, { type: Type }>;

/** Makes the book of one tenant; see `door.ts` for its contract and `SPEC.md` for its rules. */
export function createCallbackBook(): CallbackBook {
  const book = new Book();
  return {
    handle: (input, now) => book.handle(input, now),
    open: () => [...book.open.values()],
  };
}

class Book {
  readonly open = new Map<CallbackId, CallbackRecord>();
  readonly #byContact = new Map<ContactId, CallbackId>();
  /** Not promised before they are stored. */
  readonly #unstored = new Set<CallbackId>();
  #timerAt: EpochMs | null = null;
  #now: EpochMs = 0;
  #effects: CallbackEffect[] = [];

  handle(input: CallbackInput, now: EpochMs): CallbackEffect[] {
    this.#now = now;
    this.#effects = [];
    if (input.type === 'timer.due') this.#timerAt = null;
    this.#apply(input);
    this.#setTimer();
    return this.#effects;
  }

  #apply(input: CallbackInput): void {
    switch (input.type) {
      case 'callback.requested':
        return this.#request(input);
      case 'callback.scheduled':
        return this.#schedule(input);
      case 'callback.stored':
        return this.#stored(input.id);
      case 'callback.restored':
        return this.#restore(input);
      case 'attempt.began':
        return this.#began(input);
      case 'attempt.moved':
        return this.#moved(input);
      case 'attempt.ended':
        return this.#ended(input);
      case 'callback.called-now':
      case 'callback.put-off':
      case 'callback.cancelled':
        return this.#command(input);
      case 'timer.due':
        for (const record of this.open.values())
          if (record.dueAt !== null && record.dueAt <= this.#now) this.#start(record);
    }
  }

  #request(input: Input<'callback.requested'>): void {
    const twin = this.#twinOf(input);
    if (twin !== undefined) {
      const agedSince = Math.min(twin.agedSince, input.agedSince);
      // Somebody who asks again wants the call as soon as it can be made, whatever was agreed before.
      if (twin.state === 'waiting') this.#change(twin, { agedSince });
      else this.#start(this.#change(twin, { agedSince }));
      this.#effects.push({ type: 'promised', id: twin.id });
      return;
    }
    if (this.open.size >= openMax) return this.#refuse('too-many');
    const { agedSince } = input;
    this.#add(input, { origin: 'queue', state: 'waiting', agedSince, dueAt: null, promisedAt: this.#now });
  }

  #schedule(input: Input<'callback.scheduled'>): void {
    if (this.#twinOf(input) !== undefined) return this.#refuse('duplicate');
    if (this.open.size >= openMax) return this.#refuse('too-many');
    const at = this.#notBeforeNow(input.at);
    this.#add(input, { origin: 'scheduled', state: 'scheduled', agedSince: at, dueAt: at, promisedAt: at });
  }

  #add(
    { id, queueId, number, callerName, note, fromContactId, attemptsMax, gapSeconds }: NewCallback,
    rest: Pick<CallbackRecord, 'origin' | 'state' | 'agedSince' | 'dueAt' | 'promisedAt'>,
  ): void {
    const record: CallbackRecord = {
      ...{ id, queueId, number, callerName, note, fromContactId, attemptsMax, gapSeconds },
      ...rest,
      createdAt: this.#now,
      attempts: 0,
      contactId: null,
      reason: '',
      endedAt: null,
    };
    this.open.set(id, record);
    this.#unstored.add(id);
    this.#effects.push({ type: 'store', record }, { type: 'promised', id });
  }

  #stored(id: CallbackId): void {
    if (!this.#unstored.delete(id)) return;
    const record = this.open.get(id);
    if (record?.state === 'waiting') this.#effects.push({ type: 'attempt.start', record });
  }

  #restore({ record, isLive }: Input<'callback.restored'>): void {
    if (record.endedAt !== null || this.open.has(record.id)) return;
    this.open.set(record.id, record);
    if (record.state !== 'waiting') return;
    if (isLive && record.contactId !== null) this.#byContact.set(record.contactId, record.id);
    else this.#effects.push({ type: 'attempt.start', record });
  }

  #began({ id, contactId }: Input<'attempt.began'>): void {
    const record = this.open.get(id);
    if (record === undefined) return;
    this.#byContact.set(contactId, id);
    this.#change(record, { contactId });
  }

  #moved({ contactId, queueId }: Input<'attempt.moved'>): void {
    const record = this.open.get(this.#byContact.get(contactId) as CallbackId);
    if (record !== undefined && record.queueId !== queueId) this.#change(record, { queueId });
  }

  #ended({ contactId, outcome, reason }: Input<'attempt.ended'>): void {
    const id = this.#byContact.get(contactId);
    this.#byContact.delete(contactId);
    const record = id === undefined ? undefined : this.open.get(id);
    // Put off or cancelled meanwhile: another attempt, or none, stands for it.
    if (record?.state !== 'waiting' || record.contactId !== contactId) return;
    if (outcome === 'answered') return this.#end(record, 'done', reason);
    if (reason === 'removed-by-supervisor' || reason === 'removed-by-system')
      return this.#end(record, 'cancelled', reason);
    if (reason === 'queue-removed' || reason === 'unknown-queue') return this.#end(record, 'failed', reason);
    const wasCalled = outcome === 'failed' && isCustomers(reason);
    const attempts = record.attempts + (wasCalled ? 1 : 0);
    const dueAt = this.#now + (wasCalled ? record.gapSeconds * 1000 : againMs);
    const after = this.#change(record, { state: 'resting', attempts, dueAt, reason });
    if (attempts >= record.attemptsMax) this.#end(after, 'failed', reason);
    else if (dueAt > record.promisedAt + expiresAfterMs) this.#end(after, 'failed', 'expired');
  }

  #command(input: Input<'callback.called-now' | 'callback.put-off' | 'callback.cancelled'>): void {
    const record = this.open.get(input.id);
    if (record === undefined) return this.#refuse('unknown-callback');
    if (input.type === 'callback.called-now') {
      if (record.state === 'waiting') return this.#refuse('in-progress');
      this.#start(record);
      return;
    }
    if (record.state === 'waiting' && record.contactId !== null)
      this.#effects.push({ type: 'attempt.cancel', contactId: record.contactId });
    if (input.type === 'callback.cancelled') return this.#end(record, 'cancelled', input.reason);
    const at = this.#notBeforeNow(input.at);
    this.#change(record, { state: 'scheduled', dueAt: at, agedSince: at, promisedAt: at, reason: 'put-off' });
  }

  /** A time that has passed gives no age: nobody who waits already is overtaken by it. */
  #notBeforeNow(at: EpochMs): EpochMs {
    return Math.max(at, this.#now);
  }

  #start(record: CallbackRecord): void {
    const agedSince = Math.min(record.agedSince, this.#now);
    const started = this.#change(record, { state: 'waiting', dueAt: null, agedSince });
    this.#effects.push({ type: 'attempt.start', record: started });
  }

  #end(record: CallbackRecord, state: 'done' | 'failed' | 'cancelled', reason: string): void {
    this.#change(record, { state, reason, dueAt: null, endedAt: this.#now });
    this.open.delete(record.id);
    this.#unstored.delete(record.id);
  }

  #change(record: CallbackRecord, change: Partial<CallbackRecord>): CallbackRecord {
    const changed = { ...record, ...change };
    this.open.set(record.id, changed);
    this.#effects.push({ type: 'store', record: changed });
    return changed;
  }

  #twinOf({ queueId, number }: NewCallback): CallbackRecord | undefined {
    for (const record of this.open.values())
      if (record.queueId === queueId && record.number === number) return record;
    return undefined;
  }

  #refuse(reason: CallbackRefusal): void {
    this.#effects.push({ type: 'refused', reason });
  }

  #setTimer(): void {
    let at: EpochMs | null = null;
    for (const { dueAt } of this.open.values()) if (dueAt !== null && (at === null || dueAt < at)) at = dueAt;
    if (at === this.#timerAt) return;
    this.#timerAt = at;
    this.#effects.push(at === null ? { type: 'timer.cleared' } : { type: 'timer.set', at });
  }
}

/** The customer was called and not reached, as against what went wrong on our side. */
function isCustomers(reason: string): boolean {
  const ours = ['server-stopped', 'internal-error', 'distributor-silent', 'assigned-without-agent', 'lost'];
  return !reason.startsWith('agent-') && !ours.includes(reason);
}
