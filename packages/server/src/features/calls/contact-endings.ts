import type { ContactId } from '@crosspoint/contracts';
import type { Carrier } from '../../carriers/door.ts';
import type { CentreOptions } from './centre-options.ts';
import type { Dispatcher } from './dispatcher.ts';
import { closeBooks, isOnlyWrappedUp } from './lost-contacts.ts';
import type { CentreState, OpenContact } from './state.ts';

export interface ContactEndingsContext extends Pick<CentreOptions, 'journal' | 'ledger' | 'now' | 'log'> {
  state: CentreState;
  dispatcher: Pick<Dispatcher, 'toContact'>;
  carrier: Pick<Carrier, 'hangup'>;
}

/** Ends contacts that do not end by themselves: all of them when the server stops, and one whose machine has failed. */
export class ContactEndings {
  readonly #context: ContactEndingsContext;
  /** Contacts whose machine has failed, and was told to end. */
  readonly #failed = new WeakSet<OpenContact>();

  constructor(context: ContactEndingsContext) {
    this.#context = context;
  }

  /** `npx crosspoint replay` shows from the journal how it came to that. */
  machineFailed(who: string, what: unknown, error: unknown): void {
    const { state, dispatcher, log } = this.#context;
    log.error({ err: error, who, what }, 'a machine failed; this call alone is ended');
    const contact = state.contacts.get(/^contact (.+)$/.exec(who)?.[1] as ContactId);
    if (contact === undefined) return;
    if (this.#failed.has(contact)) return this.#abandon(contact);
    this.#failed.add(contact);
    dispatcher.toContact(contact.id, { type: 'contact.failed', reason: 'internal-error' });
  }

  /** A machine that cannot even end: its legs are hung up and its books closed without it; the reconciler frees its agent. */
  #abandon(contact: OpenContact): void {
    const { state, carrier } = this.#context;
    state.contacts.delete(contact.id);
    contact.timers.clearAll();
    for (const [legId, leg] of state.legs) {
      if (leg.contactId !== contact.id) continue;
      state.legs.delete(legId);
      carrier.hangup(legId, 500, 'internal-error');
    }
    this.#closeBooks(contact, 'internal-error');
  }

  /** Contacts that are not closed yet, without those that an agent only wraps up. */
  get openCalls(): number {
    return this.#calls().length;
  }

  get hasOpenCalls(): boolean {
    for (const contact of this.#context.state.contacts.values()) if (!isOnlyWrappedUp(contact)) return true;
    return false;
  }

  #calls(): OpenContact[] {
    return [...this.#context.state.contacts.values()].filter((contact) => !isOnlyWrappedUp(contact));
  }

  /** Ends calls that are up; their facts follow as their legs and recordings end. */
  endOpen(): void {
    for (const { id } of this.#calls()) {
      this.#context.dispatcher.toContact(id, { type: 'contact.failed', reason: 'server-stopped' });
    }
  }

  /**
   * Closes what did not end in time (a phone that is gone confirms no hang-up) by the facts that are missing, so that
   * no call is left open in the books. Wrap-ups go on with the next process, which finds them in the journal.
   */
  closeRemaining(): void {
    for (const contact of this.#calls()) {
      this.#context.state.contacts.delete(contact.id);
      contact.timers.clearAll();
      this.#closeBooks(contact, 'server-stopped');
    }
  }

  #closeBooks(contact: OpenContact, reason: 'server-stopped' | 'internal-error'): void {
    const { journal, ledger, now } = this.#context;
    const closing = closeBooks(contact, now(), reason);
    ledger.closed(closing, contact.reducer.history());
    journal.closedByFacts(contact.id);
  }
}
