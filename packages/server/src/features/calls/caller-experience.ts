import {
  type ContactFact,
  type ContactId,
  type LegId,
  type LiveConference,
  PromptLanguage,
  type QueueId,
  type RecordingId,
} from '@crosspoint/contracts';
import { type CallbackRecord, conferenceTexts, type LegView } from '@crosspoint/core';
import type { Carrier } from '../../carriers/door.ts';
import { CallbackService, newCallback } from '../callbacks/index.ts';
import type { PlaySource } from '../../media/index.ts';
import { type CallerNote, type FlowRunner, hasWords, type HttpLookup } from '../flows/index.ts';
import type { Services } from '../telephone/index.ts';
import type { LiveConferences, PinTarget } from '../conferences/index.ts';
import { type PromptLibrary, WaitingCallers } from '../prompts/index.ts';
import { MessageKeeper } from '../voicemails/index.ts';
import type { Recogniser } from '../recognition/index.ts';
import type { Speech } from '../speech/index.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { SecretBox } from '../../platform/index.ts';
import { createConferences, isOfConferences } from './conferences.ts';
import { type CentreFlowsContext, createFlowRunner } from './flows.ts';
import type { CallJournal } from './journal.ts';
import type { JournaledContact } from './journal-files.ts';
import { JournaledFlows } from './journaled-flow.ts';
import type { MediaPlane } from './media-plane.ts';
import { openContact } from './outbound.ts';
import { messageFlows } from './overflow-flows.ts';
import { deskReception } from './telephone.ts';
import type { CentreLog, CentreState, OpenContact } from './state.ts';

export interface CallerExperienceContext {
  state: CentreState;
  dispatcher: Dispatcher;
  carrier: Carrier;
  media: MediaPlane;
  prompts: PromptLibrary;
  speech: Speech;
  recogniser: Recogniser;
  journal: CallJournal;
  /** Seals what callers key in flows. */
  box: SecretBox;
  lookup: HttpLookup;
  /** Of the menus by telephone. */
  services: Services;
  transferByFlow: CentreFlowsContext['transfer'];
  saveCallback: (record: CallbackRecord) => Promise<void>;
  /** There are other messages in boxes than before. */
  messagesChanged: () => void;
  routeRefusal: (number: string) => { code: number; reason: string } | undefined;
  conferenceChanged: (live: LiveConference) => void;
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
  readonly flows: FlowRunner;
  readonly messages: MessageKeeper;
  readonly conferences: LiveConferences;
  readonly #context: CallerExperienceContext;
  readonly #notes: JournaledFlows;

  constructor(context: CallerExperienceContext) {
    this.#context = context;
    const { state, dispatcher, media, prompts, now, newId, log } = context;
    this.#notes = new JournaledFlows(context.journal, context.box, () => state.configuration.flows);
    this.conferences = createConferences(context);
    this.flows = createFlowRunner({
      ...context,
      services: (call) =>
        isOfConferences(call.service) ? this.conferences.answer(call) : context.services(call),
      notes: this.#notes,
      transfer: context.transferByFlow,
      callbacks: () => callbacks,
      messages: () => this.messages,
    });
    this.messages = new MessageKeeper({
      newId,
      hasBox: (box) => state.configuration.boxes.has(box),
      changed: context.messagesChanged,
    });
    const callbacks = new CallbackService({
      ...{ now, newId, log },
      internationalForm: (number) => state.configuration.numbers.internationalForm(number),
      save: context.saveCallback,
      begin: (record) => this.#begin(record),
      cancel: (contactId) => dispatcher.toDistributor({ type: 'entry.removed', contactId, ...bySystem }),
      liveAttempt: (record) => liveAttempt(state, record),
    });
    this.callbacks = callbacks;
    this.waiting = new WaitingCallers({
      ...{ now, library: prompts },
      settingsOf: (queueId) => state.configuration.queues.get(queueId)?.settings,
      placeOf: (contactId) => state.distributor.place(contactId),
      mayCall: (number) => this.mayCall(number),
      say: (legId, paths, name) => media.play(legId, { kind: 'sequence', paths }, { loop: false }, name),
      music: (legId, queueId) => media.play(legId, this.#musicOfQueue(queueId), { loop: true }),
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

  /** Whether a trunk takes calls to that number. */
  mayCall(number: string): boolean {
    return this.#context.routeRefusal(number) === undefined;
  }

  /** A fact of a contact was recorded. */
  fact(contact: OpenContact, fact: ContactFact): void {
    this.messages.fact(fact);
    this.flows.fact(contact, fact);
    this.conferences.fact(fact);
    this.waiting.fact(contact, fact);
    this.callbacks.fact(fact);
  }

  /** What was said to that leg is over; null: it could not be said. */
  played(legId: LegId, name: string | null): void {
    this.flows.played(legId, name);
    this.waiting.played(legId, name);
  }

  /** Queues or flows may have changed: what was not spoken here yet is. */
  configured(): void {
    this.waiting.configured();
    this.conferences.configured();
    const { log, speech, state } = this.#context;
    const { flows, boxes } = state.configuration;
    const documents = [...flows.values(), ...messageFlows(boxes)].map(({ document }) => document);
    speech.prepare(documents).catch((error: Error) => log.error({ err: error }, error.message));
    const isAsked = [...state.configuration.numbers.values()].some(({ kind }) => kind === 'conferences');
    if (!isAsked && state.configuration.conferences.size === 0) return;
    const texts = conferenceTexts.flatMap((text) =>
      PromptLanguage.options.map((language) => ({ text: text[language], language })),
    );
    speech.prepareTexts(texts).catch((error: Error) => log.error({ err: error }, error.message));
  }

  close(): void {
    this.#context.speech.close();
    this.flows.close();
    this.conferences.close();
    this.waiting.close();
  }

  /** The agent has hung up: the survey of the queue has the customer, or it is over when that is not published any more. */
  survey(contact: OpenContact, legId: LegId): void {
    const { dispatcher, state } = this.#context;
    const { flows, queues } = state.configuration;
    const settings = contact.queueId === null ? undefined : queues.get(contact.queueId)?.settings;
    const flow = flows.get(settings?.surveyFlow ?? '');
    if (flow === undefined)
      return dispatcher.toContact(contact.id, { type: 'flow.over', reason: 'flow-lost' });
    this.flows.prepare(contact, flow);
    this.flows.begin(contact.id, legId);
  }

  /** An agent is rung for a conference, and comes into it without a PIN. */
  meet(contactId: ContactId, target: PinTarget): void {
    const contact = this.#context.state.contacts.get(contactId);
    if (contact === undefined) return;
    this.conferences.expect(contactId, target);
    this.flows.prepare(contact, deskReception(this.#languageOf(target)));
  }

  /** Of the number by which others come to the conference. */
  #languageOf({ conferenceId }: PinTarget): PromptLanguage {
    const { conferences, numbers } = this.#context.state.configuration;
    const settings = conferences.get(conferenceId);
    const number = settings?.extension ?? settings?.number ?? '';
    const target = numbers.find(number);
    return target?.kind === 'conferences' ? target.language : 'en';
  }

  /** Customers hear the music of the queue they are or were last in; everybody else hears the product's own. */
  musicOf({ queueId }: OpenContact, legId: LegId): PlaySource {
    const isCustomer = this.#context.state.legs.get(legId)?.party === 'customer';
    return isCustomer && queueId !== null ? this.#musicOfQueue(queueId) : { kind: 'music' };
  }

  #musicOfQueue(queueId: QueueId): PlaySource {
    const announcements = this.#context.state.configuration.queues.get(queueId)?.settings.announcements;
    if (announcements === undefined || announcements.music === null) return { kind: 'music' };
    const sentence = { kind: 'prompt', name: announcements.music } as const;
    const [path] = this.#context.prompts.pathsOf(announcements.language, [sentence]);
    return path === undefined ? { kind: 'music' } : { kind: 'music', path };
  }

  /** A leg hears music; a customer's may be that of a queue. */
  musicBegan(contact: OpenContact, legId: LegId): void {
    if (this.#context.state.legs.get(legId)?.party === 'customer') this.waiting.musicBegan(contact, legId);
  }

  /** A contact of a former process is here again; its flow, of which these are the notes, is where it was. */
  restored(
    contact: OpenContact,
    { flow, callerNotes }: Pick<JournaledContact, 'flow' | 'callerNotes'>,
  ): void {
    // Also of callers who are gone: a message is one when its recording has ended.
    for (const note of callerNotes.values()) this.#expectMessage(contact, note);
    const customer = inFlow(contact);
    const kept = customer === undefined ? undefined : this.#notes.read(flow);
    if (customer === undefined || kept === undefined) return;
    try {
      this.flows.restore(contact, customer.legId, kept);
    } catch (error) {
      // An interpreter of another version may stumble over what the former one was told.
      this.#context.log.error(
        { err: error, contactId: contact.id },
        'a flow cannot be taken up; it begins anew',
      );
    }
  }

  /**
   * A contact of a former process goes on: one that waits hears music as before, and a flow says once more what it was saying. A
   * flow whose notes cannot be read, or that was published anew meanwhile, begins again.
   */
  resumed(
    contact: OpenContact,
    stay: { queueId: QueueId; at: number } | undefined,
    notes: readonly CallerNote[],
  ): void {
    const { dispatcher, media } = this.#context;
    const view = contact.machine.view();
    const customer = inFlow(contact);
    if (stay !== undefined) {
      this.waiting.resumed(contact, customer?.legId, stay);
      this.flows.goOn(contact.id, contact.facts, notes);
      return;
    }
    const isInFlow = view.state === 'arriving' || view.conference !== null;
    if (!isInFlow || customer === undefined) return;
    const spoken = new Set<string>(notes.map(({ recordingId }) => recordingId));
    for (const { id } of contact.recordings.values())
      if (!spoken.has(id)) media.recordings.stop(id as RecordingId);
    if (this.flows.goOn(contact.id, contact.facts, notes)) return;
    dispatcher.toContact(contact.id, { type: 'flow.recorded' });
    const last = contact.facts.findLast(({ type }) => type === 'flow.started');
    const name = last?.type === 'flow.started' ? last.data.flow : '';
    const flow = this.#context.state.configuration.flows.get(name);
    if (flow === undefined)
      return dispatcher.toContact(contact.id, { type: 'flow.over', reason: 'flow-lost' });
    this.flows.prepare(contact, flow);
    this.flows.begin(contact.id, customer.legId);
  }

  #expectMessage({ id: contactId, facts }: OpenContact, note: CallerNote): void {
    const { recordingId, box } = note;
    const isEnded = facts.some(
      (fact) => fact.type === 'recording.ended' && fact.data.recordingId === recordingId,
    );
    if (box === undefined || isEnded) return;
    void this.messages.expect(recordingId, {
      ...{ box, contactId },
      hasWords: (durationMs) => hasWords(note, durationMs),
    });
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

/** Its contact, or else the one that took a place in a queue to call this customer: an attempt lives on from the journal. */
function liveAttempt({ contacts }: CentreState, { contactId, number }: CallbackRecord): ContactId | null {
  if (contactId !== null && contacts.has(contactId)) return contactId;
  for (const { id, number: called, facts } of contacts.values()) {
    const [started, entered] = facts;
    const isOutbound = started?.type === 'contact.started' && started.data.direction === 'outbound';
    if (called === number && isOutbound && entered?.type === 'queue.entered') return id;
  }
  return null;
}

/** The leg of a caller who waits, is in a flow, or is in a conference to which a flow has led. */
function inFlow({ machine }: OpenContact): LegView | undefined {
  const { legs, conference } = machine.view();
  return legs.find(
    ({ role, state }) =>
      role === 'customer' && (state === 'waiting' || (state === 'talking' && conference !== null)),
  );
}

const bySystem = { by: 'system', byUserId: null } as const;
