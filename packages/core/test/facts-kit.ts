import type { ContactFact, ContactFactBody, ContactId } from '@crosspoint/contracts';

/** Writes facts of one contact as its machine would: numbered, at the instants given. */
export class Story {
  readonly facts: ContactFact[] = [];
  readonly #contactId: ContactId;

  constructor(contactId: string) {
    this.#contactId = contactId as ContactId;
  }

  /** Branded identifiers are plain strings here. */
  at(at: number, type: ContactFactBody['type'], data: object): this {
    const seq = this.facts.length + 1;
    this.facts.push({ contactId: this.#contactId, seq, at, type, data } as ContactFact);
    return this;
  }

  started(at: number): this {
    const caller = { number: '700', callerPhone: '+420555000111', callerName: 'Jan' };
    return this.at(at, 'contact.started', { direction: 'inbound', ...caller, carrier: 'sip', legId: 'L1' });
  }

  entered(at: number, queueId = 'q', n = 1): this {
    return this.at(at, 'queue.entered', {
      entryId: `${this.#contactId}/q${n}`,
      queueId,
      priority: 0,
      position: 1,
    });
  }

  left(at: number, result: string, waitMs: number, { queueId = 'q', n = 1, agentId = 'ann' } = {}): this {
    const entryId = `${this.#contactId}/q${n}`;
    const who = result === 'answered' ? { agentId } : {};
    return this.at(at, 'queue.left', { entryId, queueId, result, reason: result, waitMs, ...who });
  }

  talk(from: number, to: number, { holdMs = 0, agentId = 'ann', queueId = 'q', segment = 1 } = {}): this {
    this.at(from, 'segment.started', { segment, agentId, queueId, legId: 'L2' });
    const talkMs = to - from - holdMs;
    return this.at(to, 'segment.ended', { segment, agentId, talkMs, holdMs, reason: 'customer-hung-up' });
  }

  wrapUp(from: number, to: number, { agentId = 'ann', queueId = 'q' } = {}): this {
    this.at(from, 'wrapup.started', { agentId, queueId, until: null });
    return this.at(to, 'wrapup.ended', { agentId, queueId, durationMs: to - from, by: 'agent' });
  }

  ended(at: number, outcome: string): this {
    return this.at(at, 'contact.ended', { outcome, reason: outcome });
  }
}
