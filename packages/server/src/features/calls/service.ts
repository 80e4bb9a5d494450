import { join } from 'node:path';
import type { TenantId } from '@crosspoint/contracts';
import { countedFacts } from '@crosspoint/core';
import {
  type LineDefence,
  mediaHostOf,
  type SipAccounts,
  SipCarrierService,
} from '../../carriers/sip/index.ts';
import { type MediaClient, MediaSupervisor } from '../../media/index.ts';
import {
  type Database,
  FactsSpool,
  FactsWriter,
  type Log,
  monotonicNow,
  newId,
  SecretBox,
  type Settings,
} from '../../platform/index.ts';
import { TenantCentre } from './centre.ts';
import { type CentreConfiguration, loadConfiguration } from './configuration.ts';
import { lastActivities, latestStays, replayFacts } from './history.ts';
import { rememberedCallers } from './remembered-callers.ts';
import { CallJournal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { MediaPlane } from './media-plane.ts';
import { reconcile, reconcileIntervalMs } from './reconcile.ts';
import { recover } from './recovery.ts';
import { Restoration } from './restoration.ts';
import { PickUpRights } from './pick-up-rights.ts';
import { openSip, tlsOf } from './sip-opening.ts';
import { applyStarCode } from './star-codes.ts';
import { loadOpenCallbacks, saveCallback } from '../callbacks/index.ts';
import { waitingByAgent, WaitingMessages } from '../voicemails/index.ts';
import { AllowedNetworks, HttpLookup, recognitionDoor, speechDoor } from '../flows/index.ts';
import { CallerHistory } from '../routing/index.ts';
import { PromptLibrary } from '../prompts/index.ts';
import { RecognitionRoom } from '../recognition/index.ts';
import { byTimer, SpeechRoom } from '../speech/index.ts';
import { LiveStatistics } from './statistics.ts';
import type { Services } from '../telephone/index.ts';
import { telephoneServices } from './telephone.ts';

export interface CallServiceOptions {
  settings: Settings;
  database: Database;
  log: Log;
  tenantId: TenantId;
  version: string;
  defence: LineDefence;
}

/** How long open contacts may take to end when the server stops. */
const endCallsTimeoutMs = 1_500;
const endCallsCheckMs = 20;
/** A process that has lived so long with the calls of the former one is not brought down by them. */
const settledAfterMs = 300;
/** Calls go on between the pages of the day so far, each of which takes some 10 ms. */
const catchUpPageRows = 1_000;
/** Patience is known after a start from the stays of so many days, of all queues together. */
const patienceDaysMs = 14 * 86_400_000;
const patienceStaysMax = 5_000;

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

  constructor(parts: {
    centre: TenantCentre;
    sip: SipCarrierService;
    media: MediaSupervisor;
    facts: FactsWriter;
    plane: MediaPlane;
    journal: CallJournal;
    statistics: LiveStatistics;
    database: Database;
    log: Log;
  }) {
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
    const spool = new FactsSpool(join(settings.dataDir, 'facts'));
    const facts = new FactsWriter({ connection: database.connection, spool, log });
    const { journal, left } = CallJournal.open(settings.dataDir, monotonicNow, log);
    const restoration = new Restoration(left, log);
    let service: CallService | undefined;
    const media = new MediaSupervisor(
      {
        dataDirectory: settings.dataDir,
        processCount: settings.media.processes,
        packets: settings.media.packets,
        soundTimeoutSeconds: settings.media.soundTimeoutSeconds,
        rtpPortMin: settings.rtp.portMin,
        rtpPortMax: settings.rtp.portMax,
        bindAddress: mediaHostOf(settings.sip.host),
        holdEvents: true,
        log: (message) => log.info(message),
      },
      {
        down: ({ index, client }, reason) => {
          log.error({ index, reason }, 'a media process died; its calls go on in another one');
          service?.plane.evacuate(client);
        },
      },
    );
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
      const box = SecretBox.open(settings.dataDir);
      const configuration = await loadConfiguration(database, tenantId, box);
      const statistics = new LiveStatistics({ timeZone: configuration.timeZone, now: now() });
      const today = { since: statistics.dayStart(now()), before: now() + 1 };
      const agentIds = [...configuration.agents.keys()];
      for (const fact of await lastActivities(database, tenantId, today, agentIds)) restoration.note(fact);
      const prompts = await PromptLibrary.open(settings.dataDir, now, (language, name) =>
        log.warn(
          { language, name },
          'there is no recording of a prompt; put one into prompts/ of the data directory',
        ),
      );
      const callbacks = await database.inTenant(tenantId, loadOpenCallbacks);
      const callerHistory = new CallerHistory();
      await database.inTenant(tenantId, (transaction) => callerHistory.load(transaction, now()));
      const assembled = assemble(options, {
        facts,
        media,
        configuration,
        statistics,
        box,
        prompts,
        callerHistory,
        journal,
      });
      service = assembled;
      const parts = {
        ...{ centre: service.centre, sip: service.sip, plane: service.plane },
        journal,
        recordingsDir,
        now,
      };
      for (const input of await rememberedCallers(database, tenantId, configuration.queues, now())) {
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
    const { tenantId } = this.centre;
    const since = this.#statistics.dayStart(monotonicNow());
    const earlier = { since: since - patienceDaysMs, before: since, countMax: patienceStaysMax };
    await this.#statistics.catchUp(async (take) => {
      for (const fact of await latestStays(this.#database, tenantId, earlier)) take.contactFact(fact);
      const today = { since, ...countedFacts, pageRows: catchUpPageRows };
      await replayFacts(this.#database, tenantId, today, take);
    });
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
    if (this.centre.openCalls > 0) this.media.keepSpare();
    reconcile(this.centre, this.sip.reachableAgents());
  }

  /** Whether new calls are refused since this server is about to stop. */
  get isDraining(): boolean {
    return this.centre.inputs.isDraining;
  }

  /** Takes no new calls, and resolves when those that are up have ended, after `limitMs`, or when `hurry` settles. */
  async drain(limitMs: number, hurry: Promise<void>): Promise<void> {
    if (limitMs === 0) return;
    this.centre.inputs.drain();
    const { openCalls } = this.centre;
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
    if (this.centre.openCalls === 0) return this.stop();
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
    this.centre.closeRemaining();
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
      if (this.centre.openCalls === 0 || monotonicNow() >= deadline) return resolve();
      setTimeout(look, endCallsCheckMs);
    };
    look();
    return promise;
  }
}

function clientsOf(media: MediaSupervisor): MediaClient[] {
  return media.nodes.map(({ client }) => client);
}

/** Who speaks the texts of flows: the service that the tenant has chosen, or the engine beside the server. */
function openSpeech({
  settings,
  database,
  log,
}: Pick<CallServiceOptions, 'settings' | 'database' | 'log'>): SpeechRoom {
  const door = speechDoor(settings.flows.lookupNetworks, monotonicNow);
  const { dataDir } = settings;
  return new SpeechRoom({ database, dataDir, now: Date.now, door, log, later: byTimer });
}

/** Who understands what callers say in flows. */
function openRecognition({
  settings,
  database,
  log,
}: Pick<CallServiceOptions, 'settings' | 'database' | 'log'>): RecognitionRoom {
  const door = recognitionDoor(settings.flows.lookupNetworks, monotonicNow);
  return new RecognitionRoom({ database, dataDir: settings.dataDir, now: Date.now, door, log });
}

function assemble(
  { settings, database, log, tenantId, version, defence }: CallServiceOptions,
  parts: {
    facts: FactsWriter;
    media: MediaSupervisor;
    configuration: CentreConfiguration;
    statistics: LiveStatistics;
    box: SecretBox;
    prompts: PromptLibrary;
    callerHistory: CallerHistory;
    journal: CallJournal;
  },
): CallService {
  const { facts, media, configuration, statistics, box, callerHistory, prompts, journal } = parts;
  const clients = clientsOf(media);
  const recognition = openRecognition({ settings, database, log });
  // The parts know each other through these closures; none is called before all exist.
  const waiting = new WaitingMessages(
    () => showWaiting(sip, database, tenantId, () => centre.state.configuration),
    (error) => log.warn({ err: error }, 'the lamps of messages on telephones may be out of date'),
  );
  const plane: MediaPlane = new MediaPlane(
    () => clients,
    {
      digit: (legId, digit) => {
        if (!sip.carrier.takesDigit(legId, digit)) centre.inputs.mediaDigit(legId, digit);
      },
      played: (legId, name) => centre.inputs.played(legId, name),
      speech: (legId, isSpeaking) => centre.experience.flows.speech(legId, isSpeaking),
      sound: (legId, samples) => centre.experience.flows.sound(legId, samples),
      answerDetected: (legId, verdict) => centre.inputs.answerDetected(legId, verdict),
      messageReady: (legId, ready) => centre.inputs.messageReady(legId, ready),
      silent: (legId, silence) => sip.silence.silent(legId, silence),
      soundLost: (legId, silence) => sip.silence.soundLost(legId, silence),
      transportFailed: (legId, reason) => sip.carrier.soundLost(legId, reason),
      qualityChanged: (legId) => centre.inputs.qualityChanged(legId),
      recordingEnded: (recordingId, summary, complete) =>
        centre.inputs.recordingEnded(recordingId, summary, complete),
      recordingTrouble: (recordingId, detail) => centre.inputs.recordingTrouble(recordingId, detail),
      moved: (legId, socket) => sip.carrier.soundMoved(legId, socket),
      lost: (legIds) => centre.inputs.mediaLost(legIds),
      placed: (place) => journal.place(place),
      fault: (what, detail) => log.warn({ detail }, what),
    },
    newId,
  );
  const pickUpRights = new PickUpRights(database, tenantId);
  const sip: SipCarrierService = new SipCarrierService({
    host: settings.sip.host,
    port: settings.sip.port,
    publicAddress: settings.publicAddress,
    tls: tlsOf(settings),
    qualifyIntervalMs: settings.sip.qualifySeconds * 1000,
    tenantId,
    dataDir: settings.dataDir,
    version,
    database,
    media: plane,
    defence,
    now: monotonicNow,
    newId,
    contactUserOf: (trunkId) => `t-${box.derive(`trunk-contact/${trunkId}`)}`,
    log,
    events: {
      centre: () => centre.inputs,
      agentAt: (extension) => centre.state.configuration.extensions.get(extension),
      deviceChanged: (agentId) => centre.inputs.deviceChanged(agentId),
      mayPickUp: (agentId) => pickUpRights.has(agentId),
      starCode: (agentId, command) => applyStarCode(centre, agentId, command),
      trunkChanged: (trunk) => centre.trunkChanged(trunk),
      legChanged: (snapshot) => journal.leg(snapshot),
      registered: (aor, bindings) => journal.registered(aor, bindings),
      sending: () => journal.flush(),
    },
  });
  const speech = openSpeech({ settings, database, log }).of(tenantId);
  const recordingsDir = join(settings.dataDir, 'recordings');
  const telephone = {
    ...{ database, tenantId, speech, log, recordingsDir, dataDir: settings.dataDir, now: monotonicNow },
    routeRefusal: (number: string) => sip.routes.refusalOf(number),
    messagesChanged: () => waiting.refresh(),
    configurationChanged: () => centre.configurationChanged(),
  };
  const centre: TenantCentre = new TenantCentre({
    tenantId,
    configuration,
    reload: async () => {
      await recognition.refresh(tenantId);
      return loadConfiguration(database, tenantId, box);
    },
    carrier: sip.carrier,
    accountsChanged: (next) => {
      replaceAccounts(sip, sip.accounts, tenantId, next);
      waiting.refresh();
    },
    messagesChanged: () => waiting.refresh(),
    trunks: sip.trunks,
    routeRefusal: (number) => sip.routes.refusalOf(number),
    endpointsOf: (agentId) => sip.endpointsOf(agentId),
    deviceOf: (agentId) => sip.deviceOf(agentId),
    mayPickUp: (agentId, legId) => pickUpRights.use(agentId, legId),
    media: plane,
    ledger: new Ledger({ tenantId, facts, statistics, log }),
    prompts,
    speech,
    recogniser: recognition.of(tenantId),
    callerHistory,
    lookup: new HttpLookup(new AllowedNetworks(settings.flows.lookupNetworks), monotonicNow),
    services: lazily(() => telephoneServices({ ...telephone, state: centre.state })),
    saveCallback: (record) =>
      database.inTenant(tenantId, (transaction) => saveCallback(transaction, tenantId, record)),
    journal,
    box,
    together: (turn) => sip.together(turn),
    recordingsDir,
    now: monotonicNow,
    newId,
    log,
  });
  for (const client of clients) plane.attach(client);
  recognition
    .refresh(tenantId)
    .catch((error: unknown) => log.warn({ err: error }, 'who understands callers is not known yet'));
  return new CallService({ centre, sip, media, facts, plane, journal, statistics, database, log });
}

/** Services that are put together when they are asked for first. */
function lazily(make: () => Services): Services {
  let services: Services | undefined;
  return (call) => (services ??= make())(call);
}

/** Tells telephones how many messages wait in the boxes of their agents. */
async function showWaiting(
  sip: SipCarrierService,
  database: Database,
  tenantId: TenantId,
  configuration: () => CentreConfiguration,
): Promise<void> {
  const byUsername = await database.inTenant(tenantId, waitingByAgent);
  const waiting = [...configuration().agents.values()].flatMap(({ id, username }) => {
    const count = byUsername.get(username);
    return count === undefined ? [] : [[id, count] as const];
  });
  sip.messages.show(new Map(waiting));
}

function replaceAccounts(
  sip: SipCarrierService,
  accounts: SipAccounts,
  tenantId: TenantId,
  next: CentreConfiguration,
): void {
  sip.endpoints.configure(tenantId, next.endpoints);
  sip.forget(accounts.replace(tenantId, next.accounts));
}
