import type { AgentFact, ContactFact, ContactFactType, TenantId } from '@crosspoint/contracts';
import type { ContactHistory } from '@crosspoint/core';
import type { ContactRow, Database, Facts, FactsWriter, RecordingRow } from '../../platform/index.ts';
import { contactRow } from './contact-row.ts';
import type { CentreState, TurnOutput } from './state.ts';
import type { LiveStatistics } from './statistics.ts';

export interface LedgerOptions {
  tenantId: TenantId;
  facts: FactsWriter;
  database: Database;
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

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.statistics = options.statistics;
  }

  /** False when the database has been away for so long that new contacts should not be taken. */
  get hasRoom(): boolean {
    return this.#options.facts.health.state !== 'full';
  }

  /** Resolves when the turn is stored, or was refused for good, which is logged. */
  store(state: CentreState, turn: TurnOutput, agentEventIds: readonly string[]): Promise<void> {
    for (const fact of turn.contactFacts) this.statistics.contactFact(fact);
    for (const fact of turn.agentFacts) this.#agentFact(fact);
    return this.#append({
      tenantId: this.#options.tenantId,
      contactEvents: turn.contactFacts,
      agentEvents: turn.agentFacts,
      agentEventIds,
      contacts: contactRows(state, turn),
      recordings: turn.recordings,
    });
  }

  recordingChanged(row: RecordingRow): void {
    void this.#append({ tenantId: this.#options.tenantId, recordings: [row] });
  }

  /** The last facts of a contact whose machine does not live to write them. */
  closed(facts: readonly ContactFact[], history: ContactHistory | undefined): void {
    void this.#append({
      tenantId: this.#options.tenantId,
      contactEvents: facts,
      contacts: history === undefined ? [] : [contactRow(history)],
    });
  }

  #append(facts: Facts): Promise<void> {
    return this.#options.facts.append(facts).catch((error: Error) => {
      this.#options.log.error({ err: error }, 'facts could not be stored');
    });
  }

  #agentFact(fact: AgentFact): void {
    this.statistics.agentFact(fact);
    if (fact.type !== 'status.chosen' || fact.data.by === 'system') return;
    const { status, reasonCode } = fact.data;
    this.#options.database
      .inTenant(this.#options.tenantId, (transaction) =>
        transaction
          .updateTable('agents')
          .set({ chosen_status: status, reason_code: reasonCode, status_since: new Date(fact.at) })
          .where('user_id', '=', fact.agentId)
          .execute(),
      )
      .catch((error: Error) => {
        this.#options.log.error({ err: error, agentId: fact.agentId }, 'a chosen status could not be stored');
      });
  }
}

/** The rows that the facts of a turn change. Facts of one contact stand together; should they not, the writer merges. */
function contactRows(state: CentreState, turn: TurnOutput): ContactRow[] {
  const rows: ContactRow[] = [];
  for (const { contactId, type } of turn.contactFacts) {
    if (!rowFacts.has(type) || rows.at(-1)?.id === contactId) continue;
    const contact = state.contacts.get(contactId) ?? turn.closed.find(({ id }) => id === contactId);
    const history = contact?.reducer.history();
    if (history !== undefined) rows.push(contactRow(history));
  }
  return rows;
}
