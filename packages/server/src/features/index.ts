import type { BrowserAccounts, LineDefence } from '../carriers/sip/index.ts';
import type { TenantId } from '@crosspoint/contracts';
import type { ApiContext, Authenticate, Routes } from '../http/index.ts';
import { DEFAULT_TENANT_ID } from '../platform/index.ts';
import { AlertService, alertRoutes } from './alerts/index.ts';
import { agentRoutes } from './agents/index.ts';
import { auditRoutes } from './audit/index.ts';
import { apiKeyRoutes, authRoutes, createAuthenticate } from './auth/index.ts';
import { calendarRoutes } from './calendars/index.ts';
import { conferenceRoutes } from './conferences/index.ts';
import { callbackRoutes } from './callbacks/index.ts';
import { browserPhoneRoutes } from './browser-phone/index.ts';
import { coachingRoutes } from './coaching/index.ts';
import { configurationRoutes } from './configuration/index.ts';
import { contactRoutes } from './contacts/index.ts';
import { dashboardRoutes } from './dashboard/index.ts';
import { directoryRoutes } from './directory/index.ts';
import { evaluationRoutes } from './evaluations/index.ts';
import { flowRoutes, recognitionDoor, speechDoor } from './flows/index.ts';
import { NotificationService, notificationRoutes } from './notifications/index.ts';
import { AgentSums, performanceRoutes } from './performance/index.ts';
import { numberRoutes } from './numbers/index.ts';
import { PredictionService, predictionRoutes } from './prediction/index.ts';
import { promptRoutes } from './prompts/index.ts';
import { queueRoutes } from './queues/index.ts';
import { RecognitionRoom, recognitionRoutes } from './recognition/index.ts';
import { recordingRoutes } from './recordings/index.ts';
import { roleRoutes } from './roles/index.ts';
import { replayRoutes } from './replay/index.ts';
import { routingRoutes } from './routing/index.ts';
import { scheduleRoutes } from './schedules/index.ts';
import { scorecardRoutes } from './scorecards/index.ts';
import { segmentRoutes } from './segments/index.ts';
import { securityRoutes } from './security/index.ts';
import { StreamService, streamRoutes } from './stream/index.ts';
import { singleSignOnRoutes } from './single-sign-on/index.ts';
import { SpeechRoom, speechRoutes } from './speech/index.ts';
import { type SystemSources, centreRoutes, systemRoutes } from './system/index.ts';
import { teamRoutes } from './teams/index.ts';
import { trunkRoutes } from './trunks/index.ts';
import { userRoutes } from './users/index.ts';
import { voicemailRoutes } from './voicemails/index.ts';
import { wallboardRoutes } from './wallboards/index.ts';

export type { RunningParts } from './system/index.ts';

/** Everything that the HTTP server serves, and how it recognises who asks. */
export interface Features {
  readonly authenticate: Authenticate;
  readonly stream: StreamService;
  readonly alerts: AlertService;
  readonly notifications: NotificationService;
  readonly prediction: PredictionService;
  readonly agentSums: AgentSums;
  readonly routes: readonly Routes[];
}

/** Makes the routes of every feature. A new feature is added to this list. */
export function createFeatures(
  given: ApiContext,
  sources: Pick<SystemSources, 'parts' | 'probe'> & { defence: LineDefence; browsers: BrowserAccounts },
): Features {
  const authenticate = createAuthenticate(given.database, given.now);
  const alerts = new AlertService(given, DEFAULT_TENANT_ID as TenantId);
  const notifications = new NotificationService(given, DEFAULT_TENANT_ID as TenantId, alerts);
  const prediction = new PredictionService(given, DEFAULT_TENANT_ID as TenantId);
  const allStored = async () =>
    (await sources.probe()).parts.database.healthy && (await sources.parts()).facts.spooledBytes === 0;
  const agentSums = new AgentSums(given, DEFAULT_TENANT_ID as TenantId, allStored);
  const stream = new StreamService(given, authenticate, alerts, sources.probe);
  const context: ApiContext = {
    ...given,
    configurationChanged: (tenantId) => {
      stream.configurationChanged(tenantId);
      alerts.configurationChanged();
      prediction.configurationChanged();
    },
    accessChanged: (concerns, options) => stream.accessChanged(concerns, options),
  };
  const { database, settings, now, log } = context;
  const speech = new SpeechRoom({
    ...{ database, now, log, dataDir: settings.dataDir },
    door: speechDoor(settings.flows.lookupNetworks, now),
  });
  const recognition = new RecognitionRoom({
    ...{ database, now, log, dataDir: settings.dataDir },
    door: recognitionDoor(settings.flows.lookupNetworks, now),
  });
  const routes = [
    authRoutes(context),
    singleSignOnRoutes(context),
    apiKeyRoutes(context),
    userRoutes(context),
    roleRoutes(context),
    agentRoutes(context),
    browserPhoneRoutes(context, sources.browsers),
    teamRoutes(context),
    scheduleRoutes(context),
    queueRoutes(context),
    predictionRoutes(context, prediction),
    numberRoutes(context),
    flowRoutes(context, speech.of),
    promptRoutes(context, speech.of),
    speechRoutes(context, speech),
    recognitionRoutes(context, recognition, (tenantId, spoken) => speech.samplesOf(tenantId, spoken)),
    calendarRoutes(context),
    segmentRoutes(context),
    conferenceRoutes(context),
    voicemailRoutes(context),
    routingRoutes(context),
    replayRoutes(context),
    trunkRoutes(context),
    callbackRoutes(context),
    contactRoutes(context),
    recordingRoutes(context),
    scorecardRoutes(context),
    evaluationRoutes(context),
    performanceRoutes(context, agentSums, allStored),
    coachingRoutes(context),
    dashboardRoutes(context),
    wallboardRoutes(context),
    alertRoutes(context, alerts),
    notificationRoutes(context, notifications),
    directoryRoutes(context),
    configurationRoutes(context),
    auditRoutes(context),
    securityRoutes(context, sources.defence),
    centreRoutes(context),
    systemRoutes(context, { ...sources, streamClients: () => stream.clients }),
    streamRoutes(stream),
  ];
  return { authenticate, stream, alerts, notifications, prediction, agentSums, routes };
}
