import { join } from 'node:path';
import type { AgentFact, TenantId } from '@crosspoint/contracts';
import {
  type LineDefence,
  mediaHostOf,
  type SipAccounts,
  SipCarrierService,
} from '../../carriers/sip/index.ts';
import { type MediaClient, MediaSupervisor } from '../../media/index.ts';
import {
  type Database,
  type FactsWriter,
  type Log,
  monotonicNow,
  newId,
  SecretBox,
  type Settings,
} from '../../platform/index.ts';
import { TenantCentre } from './centre.ts';
import { type CentreConfiguration, loadConfiguration } from './configuration.ts';
import { lastActivities } from './history.ts';
import type { CallJournal } from './journal.ts';
import { Ledger } from './ledger.ts';
import type { MediaPlaneEvents } from './media-places.ts';
import { MediaPlane } from './media-plane.ts';
import { PickUpRights } from './pick-up-rights.ts';
import { tlsOf } from './sip-opening.ts';
import { applyStarCode } from './star-codes.ts';
import { saveCallback } from '../callbacks/index.ts';
import { waitingByAgent, WaitingMessages } from '../voicemails/index.ts';
import { AllowedNetworks, HttpLookup, recognitionDoor, speechDoor } from '../flows/index.ts';
import { CallerHistory } from '../routing/index.ts';
import { PromptLibrary } from '../prompts/index.ts';
import { RecognitionRoom } from '../recognition/index.ts';
import { byTimer, SpeechRoom } from '../speech/index.ts';
import { countDaySoFar } from './day-so-far.ts';
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

/** What calls are made of; each part knows the others where it needs them. */
export interface CallParts {
  centre: TenantCentre;
  sip: SipCarrierService;
  media: MediaSupervisor;
  facts: FactsWriter;
  plane: MediaPlane;
  journal: CallJournal;
  statistics: LiveStatistics;
  database: Database;
  log: Log;
}

export function clientsOf(media: MediaSupervisor): MediaClient[] {
  return media.nodes.map(({ client }) => client);
}

/** @param died the process of that client is gone, and its calls are to go on elsewhere. */
export function openMedia(
  { settings, log }: CallServiceOptions,
  died: (client: MediaClient) => void,
): MediaSupervisor {
  return new MediaSupervisor(
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
        died(client);
      },
    },
  );
}

/** Who has been idle, or without response, for longer than so begins anew after a start. */
const activityMsMax = 7 * 86_400_000;

/** What the centre has to know before it can take calls. */
export interface CentreKnowledge {
  configuration: CentreConfiguration;
  statistics: LiveStatistics;
  box: SecretBox;
  prompts: PromptLibrary;
  callerHistory: CallerHistory;
}

/** @param note hears since when each agent is in the present status. */
export async function learn(
  { settings, database, log, tenantId }: CallServiceOptions,
  note: (fact: AgentFact) => void,
): Promise<CentreKnowledge> {
  const box = SecretBox.open(settings.dataDir);
  const configuration = await loadConfiguration(database, tenantId, box);
  const statistics = new LiveStatistics({ timeZone: configuration.timeZone, now: monotonicNow() });
  const lately = { since: monotonicNow() - activityMsMax, before: monotonicNow() + 1 };
  const agentIds = [...configuration.agents.keys()];
  for (const fact of await lastActivities(database, tenantId, lately, agentIds)) note(fact);
  const prompts = await PromptLibrary.open(settings.dataDir, monotonicNow, (language, name) =>
    log.warn(
      { language, name },
      'there is no recording of a prompt; put one into prompts/ of the data directory',
    ),
  );
  const callerHistory = new CallerHistory();
  await database.inTenant(tenantId, (transaction) => callerHistory.load(transaction, monotonicNow()));
  return { configuration, statistics, box, prompts, callerHistory };
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

/** What assembled parts reach of each other; nothing of it is used before all exist. */
interface Neighbours {
  readonly sip: SipCarrierService;
  readonly centre: TenantCentre;
}

/** Who hears what the media processes report. */
function mediaEvents(others: Neighbours, journal: CallJournal, log: Log): MediaPlaneEvents {
  return {
    digit: (legId, digit) => {
      if (!others.sip.carrier.takesDigit(legId, digit)) others.centre.inputs.mediaDigit(legId, digit);
    },
    played: (legId, name) => others.centre.inputs.played(legId, name),
    speech: (legId, isSpeaking) => others.centre.experience.flows.speech(legId, isSpeaking),
    sound: (legId, samples) => others.centre.experience.flows.sound(legId, samples),
    answerDetected: (legId, verdict) => others.centre.inputs.answerDetected(legId, verdict),
    messageReady: (legId, ready) => others.centre.inputs.messageReady(legId, ready),
    silent: (legId, silence) => others.sip.silence.silent(legId, silence),
    soundLost: (legId, silence) => others.sip.silence.soundLost(legId, silence),
    transportFailed: (legId, reason) => others.sip.carrier.soundLost(legId, reason),
    qualityChanged: (legId) => others.centre.inputs.qualityChanged(legId),
    recordingEnded: (recordingId, summary, complete) =>
      others.centre.inputs.recordingEnded(recordingId, summary, complete),
    recordingTrouble: (recordingId, detail) => others.centre.inputs.recordingTrouble(recordingId, detail),
    moved: (legId, socket) => others.sip.carrier.soundMoved(legId, socket),
    lost: (legIds) => others.centre.inputs.mediaLost(legIds),
    placed: (place) => journal.place(place),
    fault: (what, detail) => log.warn({ detail }, what),
  };
}

/** SIP, and who hears of it. */
function openLine(
  { settings, database, log, tenantId, version, defence }: CallServiceOptions,
  {
    others,
    plane,
    pickUpRights,
    journal,
    box,
  }: {
    others: Neighbours;
    plane: MediaPlane;
    pickUpRights: PickUpRights;
    journal: CallJournal;
    box: SecretBox;
  },
): SipCarrierService {
  return new SipCarrierService({
    host: settings.sip.host,
    port: settings.sip.port,
    datagrams: settings.media.packets,
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
      centre: () => others.centre.inputs,
      agentAt: (extension) => others.centre.state.configuration.extensions.get(extension),
      deviceChanged: (agentId) => others.centre.inputs.deviceChanged(agentId),
      mayPickUp: (agentId) => pickUpRights.has(agentId),
      starCode: (agentId, command) => applyStarCode(others.centre, agentId, command),
      trunkChanged: (trunk) => others.centre.trunkChanged(trunk),
      legChanged: (snapshot) => journal.leg(snapshot),
      registered: (aor, bindings) => journal.registered(aor, bindings),
      sending: () => journal.flush(),
    },
  });
}

/** Puts the parts together; nothing is open yet, and no message comes before it is. */
export function assemble(
  options: CallServiceOptions,
  { facts, media, journal }: { facts: FactsWriter; media: MediaSupervisor; journal: CallJournal },
  { configuration, statistics, box, prompts, callerHistory }: CentreKnowledge,
): CallParts {
  const { settings, database, log, tenantId } = options;
  const clients = clientsOf(media);
  const recognition = openRecognition({ settings, database, log });
  const others: Neighbours = {
    get sip() {
      return sip;
    },
    get centre() {
      return centre;
    },
  };
  const waiting = new WaitingMessages(
    () => showWaiting(sip, database, tenantId, () => centre.state.configuration),
    (error) => log.warn({ err: error }, 'the lamps of messages on telephones may be out of date'),
  );
  const plane: MediaPlane = new MediaPlane(() => clients, mediaEvents(others, journal, log), newId);
  const pickUpRights = new PickUpRights(database, tenantId);
  const sip = openLine(options, { others, plane, pickUpRights, journal, box });
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
    countDay: () => countDaySoFar(database, tenantId, statistics, monotonicNow()),
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
  return { centre, sip, media, facts, plane, journal, statistics, database, log };
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
