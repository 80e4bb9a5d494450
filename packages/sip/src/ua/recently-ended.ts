/** How many dialogs are remembered. */
const entriesMax = 2_000;

/** The dialogs that have ended within a time, so that whoever wants to replace one learns that it is over. */
export class RecentlyEnded {
  private readonly lifetimeMs: number;
  /** When each was over; the oldest first. */
  private readonly endedAtMs = new Map<string, number>();

  constructor(lifetimeMs: number) {
    this.lifetimeMs = lifetimeMs;
  }

  add(dialogKey: string, nowMs: number): void {
    for (const [key, atMs] of this.endedAtMs) {
      if (this.endedAtMs.size < entriesMax && nowMs - atMs < this.lifetimeMs) break;
      this.endedAtMs.delete(key);
    }
    this.endedAtMs.set(dialogKey, nowMs);
  }

  has(dialogKey: string, nowMs: number): boolean {
    const atMs = this.endedAtMs.get(dialogKey);
    return atMs !== undefined && nowMs - atMs < this.lifetimeMs;
  }
}
