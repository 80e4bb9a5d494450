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

/**
 * What to do when somebody is turned away who should not be. What is common at every open line, or has a line of its own, needs nothing.
 * A provider sends all of its calls from a few addresses, and is a stranger until a trunk names them.
 */
const remedies: Partial<Record<RefusalReason, string>> = {
  'request-rate':
    'more messages come than from a stranger: a provider needs a trunk whose match names this address, a proxy a rule that allows it',
  'call-rate':
    'more calls come than from a stranger: a provider needs a trunk whose match names this address, or raise the calls a second under Security',
  'agent-call-rate':
    'devices of one agent call too often: look for a telephone that redials, or raise the limit under Security',
  'trunk-call-rate':
    'more calls come than this trunk may bring in a second: raise its limit, or agree on another one with the provider',
  connections:
    'too many connections from one address: allow the network under Security when a proxy or an office is behind it',
  'wrong-password': 'a password was wrong: compare the SIP password of that agent with that of the telephone',
};

/** The line of the log for somebody who is turned away, with the remedy where there is one. */
export function refusalMessage(reason: RefusalReason): string {
  const remedy = remedies[reason];
  return remedy === undefined ? 'turned away' : `turned away; ${remedy}`;
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
