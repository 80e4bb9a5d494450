import { join } from 'node:path';
import type {
  AgentActivity,
  AgentFact,
  AgentId,
  ContactFact,
  ContactId,
  LegId,
  RecordingId,
  TenantId,
} from '@crosspoint/contracts';
import {
  contactHistory,
  type ContactEffect,
  type ContactInput,
  createContactReducer,
  type LegView,
  type ReplayedContact,
  replayContact,
} from '@crosspoint/core';
import { leftBehind, type SipCarrierService, type SipLegSnapshot } from '../../carriers/sip/index.ts';
import type { Database, FactsWriter, RecordingRow } from '../../platform/index.ts';
import type { TenantCentre } from './centre.ts';
import { contactRow, voicemailRow } from './contact-row.ts';
import type { CallJournal } from './journal.ts';
import type { JournaledContact, ReadJournal } from './journal-files.ts';
import { applyMediaEffect, isMediaEffect } from './media-effects.ts';
import type { MediaPlace } from './media-places.ts';
import type { MediaPlane } from './media-plane.ts';
import type { OpenContact } from './state.ts';
import { MachineTimers } from './timers.ts';

interface Left {
  journaled: JournaledContact;
  replayed: ReplayedContact;
  /** Its legs as they were when the former process ended. */
  legs: readonly LegView[];
  /** What was decided about sound, in order. */
  sound: ContactEffect[];
}

interface RestorationLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface RestorationParts {
  centre: TenantCentre;
  sip: SipCarrierService;
  plane: MediaPlane;
  journal: CallJournal;
  recordingsDir: string;
  now: () => number;
}

const restarted = 'server-restarted';
/** A leg that has sent nothing for so long may be one whose far end has hung up meanwhile. */
const silentMs = 1_000;
/** So long a hang-up is repeated that nobody confirms (64*T1 of RFC 3261 §17.1.2.2). */
const hangUpRepeatedMs = 32_000;

/**
 * Takes up the contacts of a control process that is gone: their machines are run again over what the journal kept, their dialogs
 * and sound go on where they are, and the distributor is told where each stood. Calls that rang do not go on ringing: they are
 * cancelled, and whoever was offered waits in the former place.
 */
export class Restoration {
  readonly #left: Left[] = [];
  readonly #read: ReadJournal | undefined;
  readonly #log: RestorationLog;
  /** The newest of each leg, whichever contact had it then. */
  readonly #snapshots = new Map<LegId, SipLegSnapshot>();
  readonly #activities = new Map<AgentId, { activity: AgentActivity; since: number }>();
  #restored: ReadonlySet<LegId> = new Set();

  constructor(read: ReadJournal | undefined, log: RestorationLog) {
    this.#read = read;
    this.#log = log;
    for (const journaled of read?.contacts.values() ?? []) {
      for (const snapshot of journaled.legs.values())
        this.#snapshots.set(snapshot.legId, leftBehind(snapshot));
      const left = this.#replay(journaled);
      if (left !== undefined) this.#left.push(left);
    }
  }

  /** Contacts that go on. */
  get contactIds(): Set<ContactId> {
    return new Set(this.#live.map(({ journaled }) => journaled.id));
  }

  /** Recordings that go on. */
  get recordingIds(): Set<string> {
    return new Set(this.#live.flatMap(({ replayed }) => [...replayed.recordings]));
  }

  get #live(): Left[] {
    return this.#left.filter(({ journaled, replayed }) => !replayed.isClosed && !journaled.isClosedByFacts);
  }

  /** Writes the facts that the former process had not stored yet; what is there already is skipped by the database. */
  async storeFacts(tenantId: TenantId, database: Database, facts: FactsWriter): Promise<void> {
    const { storedTurn = 0, agentFacts = [] } = this.#read ?? {};
    const pending = this.#left.filter(({ journaled }) => journaled.lastTurn > storedTurn);
    const rows = await missingRecordings(tenantId, database, pending);
    const appended = pending.map(({ replayed }) => {
      const history = contactHistory([...replayed.facts]);
      const contacts = history === undefined ? [] : [contactRow(history)];
      const voicemails = replayed.facts.flatMap((fact) => voicemailRow(fact, history) ?? []);
      return facts.append({ tenantId, contactEvents: replayed.facts, contacts, voicemails });
    });
    for (const { turn, facts: agentEvents, ids: agentEventIds } of agentFacts) {
      if (turn > storedTurn) appended.push(facts.append({ tenantId, agentEvents, agentEventIds }));
    }
    if (rows.length > 0) appended.push(facts.append({ tenantId, recordings: rows }));
    await Promise.all(appended);
  }

  /** Before anything is received: the centre, the legs and their sound are as they were. */
  restore(parts: RestorationParts): void {
    const { centre, sip, plane, journal } = parts;
    const live = this.#live;
    const legs = new Set<LegId>();
    for (const left of live) for (const { legId } of left.legs) legs.add(legId);
    plane.takeover.recall(this.#placesOf(legs));
    this.#restored = sip.restore([...this.#snapshots.values()].filter(({ legId }) => legs.has(legId)));
    for (const left of live) {
      this.#gather(left);
      const contact = openAgain(left, centre);
      centre.state.contacts.set(left.journaled.id, contact);
      for (const { legId, party, agentId } of left.legs) {
        centre.state.legs.set(legId, { contactId: left.journaled.id, party, agentId });
      }
      journal.adopt(left.journaled.id, linesOf(left.journaled, this.#snapshots));
      recallSound(left, parts, contact);
      centre.experience.restored(contact, left.journaled);
    }
    const standings = live.map(({ replayed }) => replayed.standing);
    standings.sort((a, b) => (a.stay?.enteredAt ?? 0) - (b.stay?.enteredAt ?? 0));
    for (const { stay, ...standing } of standings) {
      const segments = stay === null ? [] : centre.state.segmentsOf(stay.caller);
      const contact = { ...standing, stay: stay && { ...stay, segments } };
      centre.dispatcher.toDistributor({ type: 'contact.restored', contact });
    }
    for (const [agentId, { activity, since }] of this.#activities) {
      if (activity !== 'idle' && activity !== 'not-responding') continue;
      const notResponding = activity === 'not-responding';
      centre.dispatcher.toDistributor({ type: 'agent.restored', agentId, idleSince: since, notResponding });
    }
    plane.takeover.resume();
  }

  /** A fact of an agent's day, oldest first: how the agent stood at last is what the agent goes on with. */
  note(fact: AgentFact): void {
    if (fact.type !== 'activity.changed') return;
    this.#activities.set(fact.agentId, { activity: fact.data.activity, since: fact.at });
  }

  /** Once SIP is open: what had not come to pass is given up, and far ends that are not heard are asked whether they are there. */
  resume({ centre, sip, plane, now }: RestorationParts): void {
    for (const { journaled, replayed, legs } of this.#live) {
      const contact = centre.state.contacts.get(journaled.id);
      for (const [name, at] of replayed.timers) contact?.timers.set(name, at);
      for (const leg of legs) {
        for (const input of this.#correct(leg, replayed.facts, now())) {
          centre.dispatcher.toContact(journaled.id, input);
        }
        const snapshot = this.#snapshots.get(leg.legId);
        if (!this.#restored.has(leg.legId) && snapshot !== undefined) sip.carrier.takeover.giveUp(snapshot);
        else if (leg.state === 'ending') sip.carrier.hangup(leg.legId, 200, restarted);
      }
    }
    for (const { journaled, replayed } of this.#live) {
      const contact = centre.state.contacts.get(journaled.id);
      const { stay } = replayed.standing;
      if (contact === undefined) continue;
      centre.experience.resumed(
        contact,
        stay === null ? undefined : { queueId: stay.queueId, at: stay.enteredAt },
        [...journaled.callerNotes.values()],
      );
    }
    sip.carrier.moves.tellAll(sip.carrier.legs.all());
    for (const legId of plane.takeover.silentLegs(silentMs))
      if (this.#restored.has(legId)) sip.carrier.takeover.ask(legId);
    this.#repeatHangUps(sip);
    if (this.#live.length === 0) return;
    const waiting = this.#live.filter(({ replayed }) => replayed.standing.stay !== null).length;
    this.#log.info(
      { contacts: this.#live.length, waiting, legs: this.#restored.size },
      'the calls of the former process go on',
    );
  }

  /**
   * What was hung up in the last moments may not have been told any more, or have been lost on its way with nobody left to repeat
   * it: it is told again. A far end that has heard it refuses this and is none the worse.
   */
  #repeatHangUps(sip: SipCarrierService): void {
    const contacts = [...(this.#read?.contacts.values() ?? [])];
    const newest = contacts.reduce((at, { inputs }) => Math.max(at, inputs.at(-1)?.at ?? 0), 0);
    for (const { at, input } of contacts.flatMap(({ inputs }) => inputs)) {
      const isEnd = input.type === 'leg.ended' || input.type === 'leg.failed';
      if (!isEnd || input.end.by !== 'local' || at < newest - hangUpRepeatedMs) continue;
      const snapshot = this.#snapshots.get(input.legId);
      if (snapshot !== undefined && !this.#restored.has(input.legId)) sip.carrier.takeover.giveUp(snapshot);
    }
  }

  /** A leg that came over from another contact is kept with the one that has it now. */
  #gather({ journaled, legs }: Left): void {
    for (const { legId } of legs) {
      const snapshot = this.#snapshots.get(legId);
      if (snapshot === undefined || journaled.legs.has(legId)) continue;
      journaled.legs.set(legId, { ...snapshot, contactId: journaled.id });
      const place = this.#placesOf(new Set([legId]))[0];
      if (place !== undefined) journaled.places.set(legId, { ...place, contactId: journaled.id });
    }
  }

  #replay(journaled: JournaledContact): Left | undefined {
    const sound: ContactEffect[] = [];
    try {
      const replayed = replayContact(journaled.id, journaled.inputs, (_entry, effects) => {
        for (const effect of effects) {
          if (isMediaEffect(effect) || effect.type.startsWith('recording.')) sound.push(effect);
        }
      });
      const { legs } = replayed.machine.view();
      return replayed.facts.length === 0 ? undefined : { journaled, replayed, legs, sound };
    } catch (error) {
      this.#log.error(
        { err: error, contactId: journaled.id },
        'a contact of the former process cannot be taken up; it is closed',
      );
      return undefined;
    }
  }

  #placesOf(legs: ReadonlySet<LegId>): MediaPlace[] {
    const places = new Map<LegId, MediaPlace>();
    for (const { places: known } of this.#read?.contacts.values() ?? []) {
      for (const [legId, place] of known) {
        // A leg that only rang has no sound that goes on.
        const isUp = this.#snapshots.get(legId)?.session !== undefined;
        if (legs.has(legId) && isUp) places.set(legId, place);
      }
    }
    return [...places.values()];
  }

  /** What a machine has to hear of a leg whose process is gone. */
  #correct({ legId, state, offerId }: LegView, facts: readonly ContactFact[], now: number): ContactInput[] {
    const inputs: ContactInput[] = [];
    const isRestored = this.#restored.has(legId);
    const isRinging = state === 'ringing';
    const made = facts.find((fact) => fact.type === 'offer.made' && fact.data.offerId === offerId);
    if (isRinging && made?.type === 'offer.made') {
      const { offerId: offer, queueId, agentId } = made.data;
      const ended = { offerId: offer, queueId, agentId, result: 'cancelled', reason: restarted } as const;
      inputs.push(
        { type: 'fact', fact: { type: 'offer.ended', data: { ...ended, ringMs: now - made.at } } },
        { type: 'offer.withdraw', offerId: offer, reason: 'cancelled' },
      );
    } else if (isRestored && isRinging) {
      // Our answer had been sent, or that of the far end had come, and nobody was told any more.
      inputs.push({ type: 'leg.answered', legId });
    }
    if (!isRestored)
      inputs.push({ type: 'leg.failed', legId, end: { code: 487, reason: restarted, by: 'local' } });
    return inputs;
  }
}

async function missingRecordings(
  tenantId: TenantId,
  database: Database,
  pending: readonly Left[],
): Promise<RecordingRow[]> {
  const rows = pending.flatMap(({ journaled }) => [...journaled.recordings.values()]);
  if (rows.length === 0) return [];
  const known = await database.inTenant(tenantId, (transaction) =>
    transaction
      .selectFrom('recordings')
      .select('id')
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .execute(),
  );
  const ids = new Set(known.map(({ id }) => id));
  return rows.filter(({ id }) => !ids.has(id));
}

function openAgain({ journaled, replayed }: Left, centre: TenantCentre): OpenContact {
  const { id, origin, recordings } = journaled;
  const reducer = createContactReducer();
  for (const fact of replayed.facts) reducer.apply(fact);
  const { dispatcher } = centre;
  return {
    ...{ id, machine: replayed.machine, reducer, facts: [...replayed.facts] },
    timers: new MachineTimers(dispatcher.deadlines, (name) =>
      dispatcher.toContact(id, { type: 'timer.due', name }),
    ),
    recordings: new Map(recordings),
    number: origin?.number ?? '',
    callerPhone: origin?.callerPhone ?? '',
    callerName: origin?.callerName ?? '',
    queueId: replayed.queueId ?? origin?.queueId ?? null,
    trunkId: origin?.trunkId,
  };
}

/** What was said about the sound of a contact, as far as its legs are there, is noted as said. */
function recallSound(
  { journaled, sound }: Left,
  { centre, plane, recordingsDir, now }: RestorationParts,
  contact: OpenContact,
): void {
  const musicOf = (legId: LegId) => centre.experience.musicOf(contact, legId);
  for (const effect of sound) {
    if (isMediaEffect(effect)) applyMediaEffect(plane, journaled.id, effect, musicOf);
    else if (effect.type === 'recording.start') {
      const row = journaled.recordings.get(effect.recordingId);
      if (row === undefined) continue;
      const file = {
        path: join(recordingsDir, row.path),
        format: row.format === 'mp3' ? 'mp3' : 'wav',
      } as const;
      const startedAtMs = performance.now() - (now() - row.startedAt);
      plane.takeover.recallRecording(row.id as RecordingId, file, { ...effect, startedAtMs });
    } else if (effect.type === 'recording.attach') {
      plane.recordings.hear(effect.recordingId, journaled.id, effect.right);
    } else if (effect.type === 'recording.pause') plane.recordings.pause(effect.recordingId, effect.paused);
    else if (effect.type === 'recording.stop') plane.recordings.stop(effect.recordingId);
  }
}

/** The journal of a contact that goes on, as the next file begins with it. */
function linesOf(
  { id: c, origin, inputs, legs, places, recordings, flow, callerNotes }: JournaledContact,
  snapshots: ReadonlyMap<LegId, SipLegSnapshot>,
): object[] {
  return [
    ...(origin === undefined ? [] : [{ c, o: origin }]),
    ...inputs.map(({ at, input }) => ({ c, t: at, i: input })),
    ...[...legs].map(([legId, snapshot]) => ({
      c,
      l: { ...(snapshots.get(legId) ?? snapshot), contactId: c },
    })),
    ...[...places.values()].map((place) => ({ c, m: place })),
    ...[...recordings.values()].map((row) => ({ c, r: row })),
    ...[...callerNotes.values()].map((note) => ({ c, k: note })),
    ...flow.map((sealed, index) => ({ c, f: sealed, ...(index === 0 ? { first: true } : {}) })),
  ];
}
