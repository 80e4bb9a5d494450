import type { ContactFact, ContactFactType, TenantId } from '@crosspoint/contracts';
import type { ContactHistory } from '@crosspoint/core';
import {
  type ContactRow,
  type Facts,
  FactsError,
  type FactsWriter,
  type RecordingRow,
} from '../../platform/index.ts';
import { contactRow, voicemailRow } from './contact-row.ts';
import type { CentreState, OpenContact, TurnOutput } from './state.ts';
import type { LiveStatistics } from './statistics.ts';

export interface LedgerOptions {
  tenantId: TenantId;
  facts: Pick<FactsWriter, 'append' | 'health'>;
  statistics: LiveStatistics;
  log: { error(fields: object, message: string): void };
}

/** After these a contact's row differs; the others only lengthen its timeline. */
const rowFacts: ReadonlySet<ContactFactType> = new Set([
  'contact.started',
  'queue.entered',
  'queue.left',
  'segment.started',
  'segment.ended',
  'contact.ended',
  'contact.closed',
]);

/** Where the facts of a turn go: into the statistics at once, into the database with the next group commit. */
export class Ledger {
  readonly statistics: LiveStatistics;
  readonly #options: LedgerOptions;
  #lastStored: Promise<boolean> = Promise.resolve(true);

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.statistics = options.statistics;
  }

  /** False when the database has been away for so long that new contacts should not be taken. */
  get hasRoom(): boolean {
    return this.#options.facts.health.state !== 'full';
  }

  /** As `store` says of all that was handed over, since facts are stored in their order. */
  get lastStored(): Promise<boolean> {
    return this.#lastStored;
  }

  /** Resolves when the turn is durable, or was refused for good, which is logged; false: the next process has to store it. */
  store(state: CentreState, turn: TurnOutput, agentEventIds: readonly string[]): Promise<boolean> {
    for (const fact of turn.contactFacts) this.statistics.contactFact(fact);
    turn.agentFacts.forEach((fact, index) => this.statistics.agentFact(fact, agentEventIds[index] ?? ''));
    // A turn without facts is durable when those before it are, not at once.
    if (turn.contactFacts.length + turn.agentFacts.length + turn.recordings.length === 0)
      return this.#lastStored;
    return this.#append({
      tenantId: this.#options.tenantId,
      contactEvents: turn.contactFacts,
      agentEvents: turn.agentFacts,
      agentEventIds,
      contacts: contactRows(state, turn),
      recordings: turn.recordings,
      voicemails: turn.contactFacts.flatMap((fact) => voicemailRow(fact, contactIn(state, turn, fact)) ?? []),
    });
  }

  recordingChanged(row: RecordingRow): void {
    void this.#append({ tenantId: this.#options.tenantId, recordings: [row] });
  }

  /** The last facts of a contact whose machine does not live to write them. */
  closed(facts: readonly ContactFact[], history: ContactHistory | undefined): void {
    for (const fact of facts) this.statistics.contactFact(fact);
    void this.#append({
      tenantId: this.#options.tenantId,
      contactEvents: facts,
      contacts: history === undefined ? [] : [contactRow(history)],
    });
  }

  #append(facts: Facts): Promise<boolean> {
    this.#lastStored = this.#stored(facts);
    return this.#lastStored;
  }

  async #stored(facts: Facts): Promise<boolean> {
    try {
      await this.#options.facts.append(facts);
      return true;
    } catch (error) {
      this.#options.log.error({ err: error }, 'facts could not be stored');
      return !(error instanceof FactsError && error.code === 'facts-closed');
    }
  }
}

/** The rows that the facts of a turn change. Facts of one contact stand together; should they not, the writer merges. */
function contactRows(state: CentreState, turn: TurnOutput): ContactRow[] {
  const rows: ContactRow[] = [];
  for (const { contactId, type } of turn.contactFacts) {
    if (!rowFacts.has(type) || rows.at(-1)?.id === contactId) continue;
    const history = contactIn(state, turn, { contactId })?.reducer.history();
    if (history !== undefined) rows.push(contactRow(history));
  }
  return rows;
}

function contactIn(
  { contacts }: CentreState,
  { closed }: TurnOutput,
  { contactId }: Pick<ContactFact, 'contactId'>,
): OpenContact | undefined {
  return contacts.get(contactId) ?? closed.find(({ id }) => id === contactId);
}
