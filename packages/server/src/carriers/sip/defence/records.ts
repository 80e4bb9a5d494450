import type { TenantId } from '@crosspoint/contracts';
import type { TollRefusal, TollSnapshot } from '@crosspoint/core';
import type { Database, DatabaseTransaction } from '../../../platform/index.ts';
import type { BanEntry } from './bans.ts';
import { DelayedWrite } from './delayed-write.ts';
import { removeBan, writeBan, writeTollCounters } from './repo.ts';

export interface DefenceRecordsOptions {
  database: Database;
  tenantId: TenantId;
  /** Milliseconds since the epoch, never backwards. */
  now: () => number;
  log: { warn(fields: object, message: string): void };
  /** Appends to the audit log, in the name of the system. */
  audit(
    transaction: DatabaseTransaction,
    action: string,
    subjectId: string | null,
    after: unknown,
  ): Promise<void>;
}

const banWriteDelayMs = 500;
const tollWriteDelayMs = 250;
/** A day, and the buckets that reach beyond it. */
const tollMemoryMs = 26 * 3_600_000;
/** Entries that the line itself may add to the audit log within a day: a botnet must not fill the disk by it. */
const auditsPerDayMax = 1_000;
const dayMs = 86_400_000;

/** What of bans and of outgoing calls is stored and audited, soon after it happened; what fails is tried again. */
export class DefenceRecords {
  readonly #options: DefenceRecordsOptions;
  readonly #tollChanges: () => readonly TollSnapshot[];
  readonly #bansWrite: DelayedWrite;
  readonly #tollsWrite: DelayedWrite;
  /** Bans that are not stored yet, by id; undefined for those that are to be removed. */
  readonly #unstored = new Map<string, BanEntry | undefined>();
  /** Counters of outgoing calls that are not stored yet, by account. */
  readonly #unstoredTolls = new Map<string, TollSnapshot>();
  readonly #alerts: TollRefusal[] = [];
  #audits = { day: 0, count: 0 };

  /** @param tollChanges the counters of outgoing calls that have changed since it was called last. */
  constructor(options: DefenceRecordsOptions, tollChanges: () => readonly TollSnapshot[]) {
    this.#options = options;
    this.#tollChanges = tollChanges;
    const failed = (what: string) => (error: Error) =>
      options.log.warn({ err: error }, `${what} could not be stored; it is tried again`);
    this.#bansWrite = new DelayedWrite(banWriteDelayMs, () => this.#storeBans(), failed('bans'));
    this.#tollsWrite = new DelayedWrite(
      tollWriteDelayMs,
      () => this.#storeTolls(),
      failed('what outgoing calls have used'),
    );
  }

  async close(): Promise<void> {
    await this.#bansWrite.close();
    await this.#tollsWrite.close();
  }

  banned(ban: BanEntry): void {
    this.#unstored.set(ban.id, ban);
    this.#bansWrite.due();
  }

  banOver(id: string): void {
    this.#unstored.set(id, undefined);
    this.#bansWrite.due();
  }

  /** A person has stored or removed that ban: nothing is to be done about it. */
  settled(id: string): void {
    this.#unstored.delete(id);
  }

  limitReached(refusal: TollRefusal): void {
    this.#alerts.push(refusal);
    this.#tollsWrite.due();
  }

  /** Outgoing calls have used something; how much is asked for when it is stored. */
  tollsChanged(): void {
    this.#tollsWrite.due();
  }

  tollChanged(snapshot: TollSnapshot): void {
    this.#unstoredTolls.set(snapshot.account, snapshot);
    this.#tollsWrite.due();
  }

  async #storeBans(): Promise<void> {
    const batch = [...this.#unstored];
    this.#unstored.clear();
    const { database, tenantId } = this.#options;
    try {
      await database.inTenant(tenantId, async (transaction) => {
        for (const [id, ban] of batch) {
          if (ban === undefined) await removeBan(transaction, id);
          else {
            await writeBan(transaction, tenantId, ban);
            const { source, username, reason, untilMs } = ban;
            const until = new Date(untilMs).toISOString();
            await this.#audit(transaction, 'ban.created', id, { source, username, reason, until });
          }
        }
      });
    } catch (error) {
      for (const [id, ban] of batch) if (!this.#unstored.has(id)) this.#unstored.set(id, ban);
      throw error;
    }
  }

  async #storeTolls(): Promise<void> {
    const { database, tenantId, now } = this.#options;
    const alerts = this.#alerts.splice(0);
    for (const snapshot of this.#tollChanges()) this.#unstoredTolls.set(snapshot.account, snapshot);
    const batch = [...this.#unstoredTolls];
    const at = { now: new Date(now()), forgetBefore: new Date(now() - tollMemoryMs) };
    try {
      await database.inTenant(tenantId, async (transaction) => {
        const snapshots = batch.map(([, snapshot]) => snapshot);
        await writeTollCounters(transaction, tenantId, snapshots, at);
        for (const alert of alerts)
          await this.#audit(transaction, 'outgoing-limit.reached', alert.id ?? null, alert);
      });
      for (const [account, snapshot] of batch)
        if (this.#unstoredTolls.get(account) === snapshot) this.#unstoredTolls.delete(account);
    } catch (error) {
      this.#alerts.unshift(...alerts);
      throw error;
    }
  }

  async #audit(
    transaction: DatabaseTransaction,
    action: string,
    subjectId: string | null,
    after: unknown,
  ): Promise<void> {
    const day = Math.floor(this.#options.now() / dayMs);
    if (this.#audits.day !== day) this.#audits = { day, count: 0 };
    if (++this.#audits.count > auditsPerDayMax) return;
    await this.#options.audit(transaction, action, subjectId, after);
  }
}
