import pg from 'pg';

/** Of so many statements each connection keeps the plan. A plan over the partitioned tables is some tens of kilobytes. */
const KEPT_MAX = 256;
/** Sent so often before it is kept: most statements of a start, and of a list with an odd filter, never come again. */
const SENT_BEFORE_KEPT = 5;
/** So many statements are counted at once; then counting begins anew. */
const COUNTED_MAX = 2_000;
/** Longer ones are rows written together, whose text depends on how many there are. */
const KEPT_CHARACTERS_MAX = 8_192;

/** A column came or went under a statement whose plan is kept: `cached plan must not change result type`. */
const RESULT_CHANGED = '0A000';
/** A pooler gave us another connection in the meantime: the name is unknown there, or known already. */
const NAME_UNKNOWN = '26000';
const NAME_TAKEN = '42P05';

/**
 * Names the statements that are sent again and again, so that PostgreSQL parses and plans each of them once per
 * connection. Planning costs it as much as answering: a page of contacts took 3.0 ms of processor time, with a plan kept 1.6.
 */
export class KeptPlans {
  readonly #sent = new Map<string, number>();
  readonly #names = new Map<string, string>();
  #generation = 0;
  #isOff = false;

  /** The name of a statement that deserves one, from the fifth time it is sent. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#isOff || this.#names.size >= KEPT_MAX || text.length > KEPT_CHARACTERS_MAX) return undefined;
    const sent = (this.#sent.get(text) ?? 0) + 1;
    if (sent < SENT_BEFORE_KEPT) {
      if (this.#sent.size >= COUNTED_MAX) this.#sent.clear();
      this.#sent.set(text, sent);
      return undefined;
    }
    this.#sent.delete(text);
    const name = `kept_${this.#generation}_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  /** A named statement failed: whether names still serve is judged by the SQLSTATE. */
  failed(code: unknown): void {
    if (code === RESULT_CHANGED) this.#generation++;
    else if (code === NAME_UNKNOWN || code === NAME_TAKEN) this.#isOff = true;
    else return;
    this.#names.clear();
  }
}

/** A client of PostgreSQL whose statements get their names from `plans`. */
export function clientKeeping(plans: KeptPlans): typeof pg.Client {
  class KeepingClient extends pg.Client {
    // Only what Kysely sends has this form; everything else goes its way unchanged.
    override query(...asked: readonly unknown[]): never {
      const [text, values] = asked;
      const isNameable =
        asked.length === 2 && typeof text === 'string' && Array.isArray(values) && values.length > 0;
      const name = isNameable ? plans.nameOf(text) : undefined;
      const send = super.query.bind(this) as (...args: readonly unknown[]) => unknown;
      if (name === undefined) return send(...asked) as never;
      const answer = send({ name, text, values }) as Promise<unknown>;
      answer.catch((error: unknown) => plans.failed((error as { code?: unknown } | null)?.code));
      return answer as never;
    }
  }
  return KeepingClient;
}
