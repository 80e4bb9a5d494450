import type { ContactFact, ContactId, RecordingId, VoicemailId } from '@crosspoint/contracts';

interface Expected {
  readonly box: string;
  readonly contactId: ContactId;
  /** Whether what was recorded holds words. */
  readonly hasWords: (durationMs: number) => boolean;
}
type End = (failure: string | undefined) => void;

/** What the machine of the contact is told with the end of the recording, and says in its fact. */
export interface LeftMessage {
  readonly voicemailId: VoicemailId;
  readonly box: string;
}

/**
 * Messages that are being left. A caller who hangs up ends the message as well as one who falls silent, so that what becomes of it is
 * decided by the end of its recording, whoever still waits for it. A message is stored with its fact, so that a database that is
 * away loses none.
 */
export class MessageKeeper {
  readonly #pending = new Map<RecordingId, Expected & { readonly end: End }>();
  /** Decided, and not stored yet. */
  readonly #storing = new Map<VoicemailId, End>();
  readonly #newId: () => string;
  readonly #hasBox: (box: string) => boolean;
  readonly #changed: () => void;

  /** @param options `changed`: there are other messages than before. */
  constructor(options: { newId: () => string; hasBox: (box: string) => boolean; changed: () => void }) {
    this.#changed = options.changed;
    this.#newId = options.newId;
    this.#hasBox = options.hasBox;
  }

  /** Resolves when the recording is over: to undefined when the message is stored, else to why it is not. */
  expect(recordingId: RecordingId, message: Expected): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#pending.set(recordingId, { ...message, end: resolve });
    return promise;
  }

  /** A recording is over: the message that it is, if it is one. `left` follows. */
  recorded(recordingId: RecordingId, durationMs: number, complete: boolean): LeftMessage | undefined {
    const pending = this.#pending.get(recordingId);
    if (pending === undefined) return undefined;
    this.#pending.delete(recordingId);
    const { box, hasWords, end } = pending;
    const failure = this.#failure(box, complete, hasWords(durationMs));
    if (failure !== undefined) {
      end(failure);
      return undefined;
    }
    const voicemailId = this.#newId() as VoicemailId;
    this.#storing.set(voicemailId, end);
    return { voicemailId, box };
  }

  /** Facts are about to be stored, among them those of messages; false: by the next process at the earliest. */
  left(facts: readonly ContactFact[], stored: Promise<boolean>): void {
    for (const fact of facts) {
      if (fact.type !== 'voicemail.left') continue;
      const { voicemailId } = fact.data;
      void stored.then((isStored) => {
        this.#storing.get(voicemailId)?.(isStored ? undefined : 'not-kept');
        this.#storing.delete(voicemailId);
        this.#changed();
      });
    }
  }

  /** Nothing of a contact that is over is recorded any more; a caller may have gone before the tone. */
  fact(fact: ContactFact): void {
    if (fact.type !== 'contact.closed') return;
    for (const [recordingId, pending] of this.#pending) {
      if (pending.contactId !== fact.contactId) continue;
      this.#pending.delete(recordingId);
      pending.end('nothing-said');
    }
  }

  #failure(box: string, complete: boolean, hasWords: boolean): string | undefined {
    if (!complete) return 'not-kept';
    if (!hasWords) return 'nothing-said';
    return this.#hasBox(box) ? undefined : 'unknown-box';
  }
}
