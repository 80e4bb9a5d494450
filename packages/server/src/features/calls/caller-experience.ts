import type { ContactFact, ContactId, LegId } from '@crosspoint/contracts';
import type { CallbackRecord } from '@crosspoint/core';
import type { Carrier } from '../../carriers/door.ts';
import { CallbackService, newCallback } from '../callbacks/index.ts';
import { type PromptLibrary, WaitingCallers } from '../prompts/index.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { MediaPlane } from './media-plane.ts';
import { openContact } from './outbound.ts';
import type { CentreLog, CentreState, OpenContact } from './state.ts';

export interface CallerExperienceContext {
  state: CentreState;
  dispatcher: Dispatcher;
  carrier: Carrier;
  media: MediaPlane;
  prompts: PromptLibrary;
  saveCallback: (record: CallbackRecord) => Promise<void>;
  routeRefusal: (number: string) => { code: number; reason: string } | undefined;
  now: () => number;
  newId: () => string;
  log: CentreLog;
}

/** How long a customer who is called back rings. A provider's mailbox answers well before. */
const ringTimeoutMs = 60_000;

/** What callers hear while they wait and the calls they are promised, joined to the machines and the media plane. */
export class CallerExperience {
  readonly waiting: WaitingCallers;
  readonly callbacks: CallbackService;
  readonly #context: CallerExperienceContext;

  constructor(context: CallerExperienceContext) {
    this.#context = context;
    const { state, dispatcher, media, prompts, now, newId, log, routeRefusal } = context;
    const callbacks = new CallbackService({
      ...{ now, newId, log },
      save: context.saveCallback,
      begin: (record) => this.#begin(record),
      cancel: (contactId) => dispatcher.toDistributor({ type: 'entry.removed', contactId, ...bySystem }),
      isLive: (contactId) => state.contacts.has(contactId),
    });
    this.callbacks = callbacks;
    this.waiting = new WaitingCallers({
      ...{ now, library: prompts },
      settingsOf: (queueId) => state.configuration.queues.get(queueId)?.settings,
      placeOf: (contactId) => state.distributor.place(contactId),
      mayCall: (number) => routeRefusal(number) === undefined,
      say: (legId, paths, name) => media.play(legId, { kind: 'sequence', paths }, { loop: false }, name),
      music: (legId) => media.play(legId, { kind: 'music' }, { loop: true }),
      requestCallback: async ({ agedSince, fromContactId, ...of }) => {
        const settings = state.configuration.queues.get(of.queueId)?.settings.callback;
        if (settings === undefined) return undefined;
        const asked = newCallback({ ...of, note: '' }, settings, fromContactId);
        const result = await callbacks.request(asked, agedSince);
        return result.ok ? result.id : undefined;
      },
      withdrawCallback: (id) => callbacks.withdraw(id),
      callbackAccepted: (contactId) => dispatcher.toDistributor({ type: 'callback.accepted', contactId }),
      farewellOver: (contactId) => dispatcher.toContact(contactId, { type: 'farewell.over' }),
    });
  }

  /** A fact of a contact was recorded. */
  fact(contact: OpenContact, fact: ContactFact): void {
    this.waiting.fact(contact, fact);
    this.callbacks.fact(fact);
  }

  /** A leg hears music; a customer's may be that of a queue. */
  musicBegan(contact: OpenContact, legId: LegId): void {
    if (this.#context.state.legs.get(legId)?.party === 'customer') this.waiting.musicBegan(contact, legId);
  }

  /** A contact takes the customer's place in the queue. */
  #begin(record: CallbackRecord): ContactId {
    const { state, dispatcher, carrier, newId } = this.#context;
    const { queueId, number, callerName, agedSince } = record;
    const contactId = newId() as ContactId;
    const contact = { contactId, number, callerPhone: number, callerName, queueId };
    state.contacts.set(contactId, openContact(this.#context, contact));
    const queue = state.configuration.queues.get(queueId);
    // The attempt is known to the book before it can end.
    queueMicrotask(() =>
      dispatcher.toContact(contactId, {
        type: 'contact.called-back',
        legId: newId() as LegId,
        ...{ number, callerName, queueId, agedSince, ringTimeoutMs },
        carrier: carrier.name,
        priority: 0,
        record: queue?.settings.recording === 'always',
      }),
    );
    return contactId;
  }
}

const bySystem = { by: 'system', byUserId: null } as const;
