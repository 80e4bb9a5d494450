import type { BanReason, BanSettings } from '@crosspoint/contracts';

/** A source, or one user of it, that is not answered; `untilMs` of infinity stands until it is lifted. */
export interface BanEntry {
  readonly id: string;
  readonly source: string;
  readonly username: string | undefined;
  reason: BanReason;
  note: string;
  createdAtMs: number;
  untilMs: number;
  /** Bans of this source and user within the memory, this one included. */
  offences: number;
  /** What was dropped because of it. */
  dropped: number;
  /** Short ones, on evidence that could be forged, are neither stored nor remembered. */
  isStored: boolean;
}

export interface BanRequest {
  source: string;
  username?: string | undefined;
  reason: BanReason;
  note?: string;
  /** What it rests on could have been sent by somebody else in this source's name (UDP). */
  couldBeForged?: boolean;
  /** Given by a person; undefined: as the settings say. */
  seconds?: number | null | undefined;
}

/** How long a source is remembered after its ban, so that the next one is longer. */
const memoryMs = 86_400_000;
const bansMax = 20_000;
/** Long enough to blunt a scan, short enough to hurt nobody whose address was forged. */
const forgeableBanMs = 60_000;

/** Who is not answered, and for how long: each further ban of one source within a day is twice as long. */
export class Bans {
  readonly #newId: () => string;
  readonly #bySource = new Map<string, BanEntry>();
  /** Of single users, by source and then by name. */
  readonly #byUser = new Map<string, Map<string, BanEntry>>();
  #count = 0;

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  get size(): number {
    return this.#count;
  }

  /** The ban of a whole source that stands now. */
  ofSource(source: string, nowMs: number): BanEntry | undefined {
    const ban = this.#bySource.get(source);
    return ban !== undefined && ban.untilMs > nowMs ? ban : undefined;
  }

  /** Whether a message of that source has to be asked for its user. */
  hasUsers(source: string): boolean {
    return this.#byUser.has(source);
  }

  ofUser(source: string, username: string, nowMs: number): BanEntry | undefined {
    const ban = this.#byUser.get(source)?.get(username);
    return ban !== undefined && ban.untilMs > nowMs ? ban : undefined;
  }

  /** What is remembered of that source, or of that user of it, also when the ban is over. */
  find(source: string, username: string | undefined): BanEntry | undefined {
    return username === undefined ? this.#bySource.get(source) : this.#byUser.get(source)?.get(username);
  }

  /** Bans a source, or makes its ban longer; returns it. */
  ban(request: BanRequest, settings: BanSettings, nowMs: number): BanEntry {
    const { source, username, reason, couldBeForged = false } = request;
    const old = this.find(source, username);
    const isRemembered = old?.isStored === true && nowMs - old.createdAtMs < memoryMs + this.#lengthMs(old);
    const offences = couldBeForged ? 1 : 1 + (isRemembered ? old.offences : 0);
    const lengthMs = couldBeForged ? forgeableBanMs : growingMs(settings, offences);
    const untilMs = nowMs + (request.seconds === undefined ? lengthMs : secondsMs(request.seconds));
    const entry: BanEntry = {
      id: old?.id ?? this.#newId(),
      source,
      username,
      reason,
      note: request.note ?? '',
      createdAtMs: nowMs,
      // A short ban does not end a longer one.
      untilMs: couldBeForged && old !== undefined ? Math.max(old.untilMs, untilMs) : untilMs,
      offences: couldBeForged && isRemembered ? old.offences : offences,
      dropped: old?.dropped ?? 0,
      isStored: !couldBeForged || isRemembered,
    };
    this.restore(entry);
    if (this.#count > bansMax) this.#makeRoom(nowMs);
    return entry;
  }

  /** Takes a stored ban back, in place of what there is for that source and user. */
  restore(entry: BanEntry): void {
    this.#remove(entry);
    this.#count++;
    if (entry.username === undefined) {
      this.#bySource.set(entry.source, entry);
      return;
    }
    const users = this.#byUser.get(entry.source);
    if (users === undefined) this.#byUser.set(entry.source, new Map([[entry.username, entry]]));
    else users.set(entry.username, entry);
  }

  /** Ends a ban and forgets its offences: a person has judged it. */
  lift(id: string): BanEntry | undefined {
    for (const entry of this.#all()) {
      if (entry.id !== id) continue;
      this.#remove(entry);
      return entry;
    }
    return undefined;
  }

  /** Those that stand now, newest first. */
  list(nowMs: number): BanEntry[] {
    return [...this.#all()]
      .filter(({ untilMs }) => untilMs > nowMs)
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  }

  /** Forgets what is over and would not make another ban longer; returns what was forgotten. */
  sweep(nowMs: number): BanEntry[] {
    const over = [...this.#all()].filter(({ untilMs, isStored }) =>
      isStored ? untilMs + memoryMs <= nowMs : untilMs <= nowMs,
    );
    for (const entry of over) this.#remove(entry);
    return over;
  }

  #lengthMs({ untilMs, createdAtMs }: BanEntry): number {
    return untilMs - createdAtMs;
  }

  *#all(): Generator<BanEntry> {
    yield* this.#bySource.values();
    for (const users of this.#byUser.values()) yield* users.values();
  }

  #remove({ source, username }: BanEntry): void {
    if (username === undefined) {
      if (this.#bySource.delete(source)) this.#count--;
      return;
    }
    const users = this.#byUser.get(source);
    if (users?.delete(username) === true) this.#count--;
    if (users?.size === 0) this.#byUser.delete(source);
  }

  /** Above the limit a tenth goes at once, what ends first before the rest, so that it is not sought each time. */
  #makeRoom(nowMs: number): void {
    this.sweep(nowMs);
    const excess = this.#count - Math.floor(bansMax * 0.9);
    const soonest = [...this.#all()].toSorted((a, b) => a.untilMs - b.untilMs).slice(0, Math.max(0, excess));
    for (const entry of soonest) this.#remove(entry);
  }
}

function growingMs({ firstBanSeconds, banSecondsMax }: BanSettings, offences: number): number {
  return Math.min(firstBanSeconds * 2 ** Math.min(offences - 1, 40), banSecondsMax) * 1_000;
}

function secondsMs(seconds: number | null): number {
  return seconds === null ? Number.POSITIVE_INFINITY : seconds * 1_000;
}
