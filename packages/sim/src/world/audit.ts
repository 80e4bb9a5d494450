import type { ContactFact, ContactId } from '@crosspoint/contracts';

interface Seen {
  seq: number;
  at: number;
  entered: number;
  left: number;
  offers: Set<string>;
  talks: Set<number>;
  legs: Set<string>;
  recordings: Set<string>;
  wrapUps: number;
  outcome: string | null;
  closed: boolean;
  answeredStay: boolean;
}

/** Reads every fact as it is written and throws at the first that could not have happened after those before. */
export class FactsAuditor {
  readonly #contacts = new Map<ContactId, Seen>();
  closed = 0;

  get open(): number {
    return this.#contacts.size;
  }

  read(fact: ContactFact): void {
    const seen = this.#contacts.get(fact.contactId) ?? blank();
    this.#contacts.set(fact.contactId, seen);
    const expect = (holds: boolean, what: string) => {
      if (!holds) throw new Error(`${what}: ${JSON.stringify(fact)}`);
    };
    expect(!seen.closed, 'A fact after contact.closed');
    expect(fact.seq === seen.seq + 1, `seq ${seen.seq} is followed by a gap`);
    expect(fact.at >= seen.at, 'Time runs backwards');
    expect(fact.seq !== 1 || fact.type === 'contact.started', 'The first fact is contact.started');
    seen.seq = fact.seq;
    seen.at = fact.at;
    follow(seen, fact, expect);
    if (fact.type !== 'contact.closed') return;
    this.closed += 1;
    this.#contacts.delete(fact.contactId);
  }
}

function blank(): Seen {
  return {
    seq: 0,
    at: 0,
    entered: 0,
    left: 0,
    offers: new Set(),
    talks: new Set(),
    legs: new Set(),
    recordings: new Set(),
    wrapUps: 0,
    outcome: null,
    closed: false,
    answeredStay: false,
  };
}

type Expect = (holds: boolean, what: string) => void;

function follow(seen: Seen, fact: ContactFact, expect: Expect): void {
  switch (fact.type) {
    case 'leg.added':
      seen.legs.add(fact.data.legId);
      return;
    case 'leg.ended':
      return expect(seen.legs.delete(fact.data.legId), 'A leg ends that was not there');
    case 'queue.entered':
      seen.entered += 1;
      return expect(seen.entered === seen.left + 1, 'Two stays at once');
    case 'queue.left':
      seen.left += 1;
      seen.answeredStay ||= fact.data.result === 'answered';
      expect(seen.offers.size === 0, 'A stay ends with a live offer');
      return expect(seen.entered === seen.left, 'A stay ends that had not begun');
    case 'offer.made':
      expect(seen.entered > seen.left, 'An offer without a stay');
      // Only a strategy that rings several together makes a second offer while one lives.
      expect(seen.offers.size === 0 || fact.data.why === 'ring-all', 'Two live offers');
      seen.offers.add(fact.data.offerId);
      return;
    case 'offer.ended':
      return expect(seen.offers.delete(fact.data.offerId), 'An offer ends that was not made');
    case 'segment.started':
      expect(seen.talks.size === 0 && seen.answeredStay, 'A talk without an answered stay, or two at once');
      seen.talks.add(fact.data.segment);
      return;
    case 'segment.ended':
      expect(fact.data.talkMs >= 0 && fact.data.holdMs >= 0, 'A negative time');
      return expect(seen.talks.delete(fact.data.segment), 'A talk ends that had not begun');
    case 'recording.started':
      seen.recordings.add(fact.data.recordingId);
      return;
    case 'recording.ended':
      return expect(seen.recordings.delete(fact.data.recordingId), 'An unknown recording ends');
    case 'wrapup.started':
      seen.wrapUps += 1;
      return;
    case 'wrapup.ended':
      seen.wrapUps -= 1;
      return expect(seen.wrapUps >= 0, 'A wrap-up ends that had not begun');
    case 'contact.ended':
      expect(seen.outcome === null, 'A second outcome');
      expect(seen.entered === seen.left && seen.talks.size === 0, 'An outcome while it waits or talks');
      seen.outcome = fact.data.outcome;
      return expect(
        seen.answeredStay === (fact.data.outcome === 'answered') || fact.data.outcome === 'failed',
        'The outcome disagrees with the queue',
      );
    case 'contact.closed': {
      const open = seen.legs.size + seen.recordings.size + seen.talks.size + seen.wrapUps;
      seen.closed = true;
      return expect(open === 0 && seen.outcome !== null, 'Closed with something left');
    }
    default:
      return;
  }
}
