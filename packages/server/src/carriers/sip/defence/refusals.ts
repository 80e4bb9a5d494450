import type { RefusalReason } from '@crosspoint/contracts';

/** What was turned away: the same reason of one source is one entry. */
export interface RefusalEntry {
  readonly id: string;
  readonly source: string;
  readonly reason: RefusalReason;
  detail: string;
  readonly firstAtMs: number;
  atMs: number;
  count: number;
}

const entriesMax = 500;
const detailCharsMax = 120;

/** The refusals of late, for a person to look at; a flood changes one number and fills nothing. */
export class RecentRefusals {
  readonly #entries = new Map<string, RefusalEntry>();
  #total = 0;

  /** Of everything since the start, also of what has left the list. */
  get total(): number {
    return this.#total;
  }

  /** True when this is the first of its kind in the list, which is worth a line in the log. */
  note(source: string, reason: RefusalReason, detail: string, nowMs: number): boolean {
    this.#total++;
    const key = `${reason} ${source}`;
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.count++;
      known.atMs = nowMs;
      if (detail !== '') known.detail = shorten(detail);
      // Behind the others, so that the map is in the order of the last occurrence.
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return false;
    }
    if (this.#entries.size >= entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(key, {
      id: key,
      source,
      reason,
      detail: shorten(detail),
      firstAtMs: nowMs,
      atMs: nowMs,
      count: 1,
    });
    return true;
  }

  /** Newest first. */
  list(): RefusalEntry[] {
    return [...this.#entries.values()].reverse();
  }
}

/** Without control characters, which a terminal would obey. */
function shorten(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, detailCharsMax);
}
