import { join } from 'node:path';
import type { SipCarrierService } from '../../carriers/sip/index.ts';
import type { MediaSupervisor } from '../../media/index.ts';
import {
  centreClock,
  type Database,
  FactsSpool,
  FactsWriter,
  KeptClock,
  type Log,
  monotonicNow,
} from '../../platform/index.ts';
import type { TenantCentre } from './centre.ts';
import { countDaySoFar } from './day-so-far.ts';
import { rememberedCallers } from './remembered-callers.ts';
import { CallJournal } from './journal.ts';
import type { MediaPlane } from './media-plane.ts';
import { reconcile, reconcileIntervalMs } from './reconcile.ts';
import { recover } from './recovery.ts';
import { Restoration } from './restoration.ts';
import { openSip } from './sip-opening.ts';
import { loadOpenCallbacks } from '../callbacks/index.ts';
import type { LiveStatistics } from './statistics.ts';
import {
  assemble,
  type CallParts,
  type CallServiceOptions,
  clientsOf,
  learn,
  openMedia,
} from './assembly.ts';

/** How long open contacts may take to end when the server stops. */
const endCallsTimeoutMs = 1_500;
const endCallsCheckMs = 20;
/** A process that has lived so long with the calls of the former one is not brought down by them. */
const settledAfterMs = 300;
/** How far the machine's clock is from that of the calls before somebody is told. */
const clockToldMs = 5_000;

/** Everything that makes calls happen: media processes, SIP, the centre and its ledger, opened and closed in order. */
export class CallService {
  readonly centre: TenantCentre;
  readonly sip: SipCarrierService;
  readonly media: MediaSupervisor;
  readonly facts: FactsWriter;
  readonly plane: MediaPlane;
  readonly #journal: CallJournal;
  readonly #statistics: LiveStatistics;
  readonly #database: Database;
  readonly #log: Log;
  #reconciler: NodeJS.Timeout | undefined;
  #keptClock: KeptClock | undefined;
  #isClockTold = false;

  constructor(parts: CallParts) {
    this.centre = parts.centre;
    this.sip = parts.sip;
    this.media = parts.media;
    this.facts = parts.facts;
    this.plane = parts.plane;
    this.#journal = parts.journal;
    this.#statistics = parts.statistics;
    this.#database = parts.database;
    this.#log = parts.log;
  }

  /** Opens everything, repairs what a crash left behind, and takes calls from then on. */
  static async start(options: CallServiceOptions): Promise<CallService> {
    const { settings, database, log, tenantId } = options;
    const keptClock = new KeptClock(settings.dataDir, centreClock);
    const spool = new FactsSpool(join(settings.dataDir, 'facts'));
    const facts = new FactsWriter({ connection: database.connection, spool, log });
    const { journal, left } = CallJournal.open(settings.dataDir, monotonicNow, log);
    // Calls that are taken up go on in the time in which they were; without any the machine's clock counts.
    if (left !== undefined && left.contacts.size > 0) keptClock.resume();
    const restoration = new Restoration(left, log);
    let service: CallService | undefined;
    const media = openMedia(options, (client) => service?.plane.evacuate(client));
    try {
      clientsOf(media).forEach((client, index) => {
        const heard = left?.heard[index];
        if (heard !== undefined) client.hearAfter(heard);
      });
      await media.start();
      const now = monotonicNow;
      const recordingsDir = join(settings.dataDir, 'recordings');
      // What is known of contacts is read below: all of it must be in the database.
      await facts.settled();
      await restoration.storeFacts(tenantId, database, facts);
      const { contactIds, recordingIds } = restoration;
      const goesOn = { contactIds, recordingIds };
      await recover({ tenantId, database, facts, media: clientsOf(media), recordingsDir, goesOn, now, log });
      const known = await learn(options, (fact) => restoration.note(fact));
      const callbacks = await database.inTenant(tenantId, loadOpenCallbacks);
      const assembled = new CallService(assemble(options, { facts, media, journal }, known));
      service = assembled;
      assembled.#keptClock = keptClock;
      const parts = {
        ...{ centre: service.centre, sip: service.sip, plane: service.plane },
        journal,
        recordingsDir,
        now,
      };
      for (const input of await rememberedCallers(database, tenantId, known.configuration.queues, now())) {
        service.centre.dispatcher.toDistributor(input);
      }
      restoration.restore(parts);
      journal.begin(() => clientsOf(media).map(({ lastSequence }) => lastSequence ?? 0));
      service.centre.experience.callbacks.restore(callbacks);
      await openSip(settings, () => assembled.sip.open(() => restoration.resume(parts), left?.bindings));
      for (const client of clientsOf(media)) client.deliver();
      setTimeout(() => journal.settled(), settledAfterMs).unref();
      assembled.#reconciler = setInterval(() => assembled.#reconcile(), reconcileIntervalMs);
      return assembled;
    } catch (error) {
      // Whatever still ticks would keep the process from ending with its error.
      service?.centre.close();
      // Calls of the former process go on in the media processes, for the next start to take up.
      if (restoration.contactIds.size > 0) media.detach();
      else await media.stop();
      await facts.close();
      journal.close();
      throw error;
    }
  }

  /**
   * Counts what happened today before this process, while calls are taken: as long as that lasts, figures of the day are missing,
   * and strategies that spread the work go without them.
   */
  async catchUp(): Promise<void> {
    await countDaySoFar(this.#database, this.centre.tenantId, this.#statistics, monotonicNow());
    this.centre.tallyAgents();
  }

  /** The media processes as the system page shows them. */
  async mediaParts(): Promise<{
    packets: 'koffi' | 'dgram';
    processes: { pid: number | null; healthy: boolean; legs: number }[];
  }> {
    const clients = clientsOf(this.media);
    const processes = await Promise.all(
      clients.map(async (client) => {
        const stats = await client.stats().catch(() => undefined);
        return {
          pid: stats?.processId ?? null,
          healthy: stats !== undefined,
          legs: this.plane.legCount(client),
        };
      }),
    );
    return { packets: clients[0]?.hello?.packetPath ?? 'dgram', processes };
  }

  /** What happened and is not in the database yet. */
  get waitingFacts(): { waitingRows: number; spooledBytes: number } {
    const { backlogRows, spooledBytes } = this.facts.health;
    return { waitingRows: backlogRows, spooledBytes };
  }

  /** Why what happens in calls cannot be kept on the disk of the data directory; undefined when it can. */
  get diskTrouble(): string | undefined {
    const reason = this.#journal.failure;
    if (reason === undefined) return this.plane.recordingTroubles.detail;
    return `The journal of calls cannot be written (${reason}). Calls go on, but would not survive a crash: make room on the disk.`;
  }

  #reconcile(): void {
    const reachable = this.sip.reachableAgents();
    const { hasOpenCalls } = this.centre.endings;
    if (hasOpenCalls) this.media.keepSpare();
    this.#watchClock(!hasOpenCalls && reachable.size === 0);
    reconcile(this.centre, reachable);
  }

  /** Without calls and telephones, none of which would end by it, a machine's clock that was set is followed at once. */
  #watchClock(isQuiet: boolean): void {
    const wasTold = this.#isClockTold;
    const { behindMs } = centreClock;
    this.#isClockTold = Math.abs(behindMs) > clockToldMs;
    this.#keptClock?.keep(this.#isClockTold);
    if (this.#isClockTold && !wasTold) {
      this.#log.warn(
        { seconds: Math.round(behindMs / 1000) },
        'the clock of this machine was set; calls go on, and times follow by five minutes an hour. A restart without calls follows at once',
      );
    }
    if (isQuiet) centreClock.jump();
  }

  /** Whether new calls are refused since this server is about to stop. */
  get isDraining(): boolean {
    return this.centre.inputs.isDraining;
  }

  /** Takes no new calls, and resolves when those that are up have ended, after `limitMs`, or when `hurry` settles. */
  async drain(limitMs: number, hurry: Promise<void>): Promise<void> {
    if (limitMs === 0) return;
    this.centre.inputs.drain();
    const { openCalls } = this.centre.endings;
    if (openCalls > 0) {
      const limitSeconds = limitMs / 1000;
      this.#log.info(
        { contacts: openCalls, limitSeconds },
        'no new calls are taken; those that are up go on',
      );
    }
    await Promise.race([this.#callsEnded(limitMs), hurry]);
  }

  /** Everything that was promised is stored. Calls go on in the media processes, for the next process to take up. */
  async handOver(): Promise<void> {
    await this.facts.close();
    this.#journal.flush();
  }

  /** A start failed after this: calls go on in the media processes for the next one to take up. Without any, all is closed. */
  async giveUp(): Promise<void> {
    if (!this.centre.endings.hasOpenCalls) return this.stop();
    clearInterval(this.#reconciler);
    this.centre.close();
    this.media.detach();
    await this.handOver();
  }

  /** Takes no new calls and ends those that are up, over whatever connection they came. */
  async endCalls(): Promise<void> {
    this.centre.endAll();
    await this.#callsEnded(endCallsTimeoutMs);
  }

  /** After `endCalls`: writes what is missing in the books and closes everything, the writer last. */
  async stop(): Promise<void> {
    clearInterval(this.#reconciler);
    this.centre.endings.closeRemaining();
    this.centre.close();
    await this.centre.experience.callbacks.close();
    await this.sip.close();
    await this.media.stop();
    const lost = await this.facts.close();
    this.#journal.settled();
    this.#journal.close();
    if (lost > 0) this.#log.error({ rows: lost }, 'facts could not be written before the stop');
  }

  #callsEnded(limitMs: number): Promise<void> {
    const deadline = monotonicNow() + limitMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (!this.centre.endings.hasOpenCalls || monotonicNow() >= deadline) return resolve();
      setTimeout(look, endCallsCheckMs);
    };
    look();
    return promise;
  }
}
