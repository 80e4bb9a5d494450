import type { ContactFact, ContactId, RecordingId } from '@crosspoint/contracts';

export interface KeptMessage {
  box: string;
  contactId: ContactId;
  recordingId: RecordingId;
  number: string;
  callerPhone: string;
  callerName: string;
  at: number;
  durationMs: number;
}

type Caller = Pick<KeptMessage, 'number' | 'callerPhone' | 'callerName'>;

interface Pending {
  readonly box: string;
  readonly contactId: ContactId;
  /** Whether what was recorded holds words. */
  readonly hasWords: (durationMs: number) => boolean;
  readonly end: (failure: string | undefined) => void;
}

/**
 * Messages that are being left. A caller who hangs up ends the message as well as one who falls silent, so that what becomes of it is
 * decided by the end of its recording, whoever still waits for it.
 */
export class MessageKeeper {
  readonly #pending = new Map<RecordingId, Pending>();
  readonly #save: (message: KeptMessage) => Promise<boolean>;
  readonly #log: (error: unknown) => void;

  /** `save` says false when the box is gone. */
  constructor(options: { save: (message: KeptMessage) => Promise<boolean>; log: (error: unknown) => void }) {
    this.#save = options.save;
    this.#log = options.log;
  }

  /** Resolves when the recording is over: to undefined when the message is stored, else to why it is not. */
  expect(
    recordingId: RecordingId,
    message: Pick<Pending, 'box' | 'contactId' | 'hasWords'>,
  ): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#pending.set(recordingId, { ...message, end: resolve });
    return promise;
  }

  fact(caller: Caller, fact: ContactFact): void {
    if (fact.type === 'recording.ended') this.#recorded(caller, fact);
    else if (fact.type === 'contact.closed') this.#forget(fact.contactId);
  }

  #recorded(caller: Caller, { data, at }: Extract<ContactFact, { type: 'recording.ended' }>): void {
    const { recordingId, durationMs, result } = data;
    const pending = this.#pending.get(recordingId);
    if (pending === undefined) return;
    this.#pending.delete(recordingId);
    const { box, contactId, hasWords, end } = pending;
    if (result !== 'complete') return end('not-kept');
    if (!hasWords(durationMs)) return end('nothing-said');
    const { number, callerPhone, callerName } = caller;
    const message = { box, contactId, recordingId, number, callerPhone, callerName, at, durationMs };
    this.#save(message).then(
      (isKept) => end(isKept ? undefined : 'unknown-box'),
      (error: unknown) => {
        this.#log(error);
        end('not-kept');
      },
    );
  }

  /** Nothing of a contact that is over is recorded any more; a caller may have gone before the tone. */
  #forget(contactId: ContactId): void {
    for (const [recordingId, pending] of this.#pending) {
      if (pending.contactId !== contactId) continue;
      this.#pending.delete(recordingId);
      pending.end('nothing-said');
    }
  }
}
