import type { Migration } from 'kysely/migration';
import * as people from './0001_people.ts';
import * as routing from './0002_routing.ts';
import * as facts from './0003_facts.ts';
import * as reasonCodes from './0004_reason_codes.ts';
import * as security from './0005_security.ts';
import * as queueWeights from './0006_queue_weights.ts';
import * as endpoints from './0007_endpoints.ts';
import * as callbacks from './0008_callbacks.ts';
import * as flows from './0009_flows.ts';
import * as annotations from './0010_annotations.ts';
import * as endpointSrtp from './0011_endpoint_srtp.ts';
import * as secondFactor from './0012_second_factor.ts';
import * as alerts from './0013_alerts.ts';
import * as routingRules from './0014_routing_rules.ts';
import * as calendarsVoicemail from './0015_calendars_voicemail.ts';
import * as roles from './0016_roles.ts';
import * as prompts from './0017_prompts.ts';
import * as scorecards from './0018_scorecards.ts';
import * as notifications from './0019_notifications.ts';
import * as speech from './0020_speech.ts';
import * as schedules from './0021_schedules.ts';
import * as coaching from './0022_coaching.ts';
import * as wallboards from './0023_wallboards.ts';
import * as agentAlerts from './0024_agent_alerts.ts';
import * as telephone from './0025_telephone.ts';
import * as agentDays from './0026_agent_days.ts';
import * as conferences from './0027_conferences.ts';
import * as recognition from './0028_recognition.ts';
import * as segments from './0029_segments.ts';
import * as boxNumbers from './0030_box_numbers.ts';
import * as singleSignOn from './0031_single_sign_on.ts';
import * as endpointDtls from './0032_endpoint_dtls.ts';
import * as flowTests from './0033_flow_tests.ts';

export { DEFAULT_TENANT_ID } from './0001_people.ts';
export { isolateTenants } from './row-level-security.ts';

/** Every migration by name, in the order of their names. A released migration is never edited. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_people': people,
  '0002_routing': routing,
  '0003_facts': facts,
  '0004_reason_codes': reasonCodes,
  '0005_security': security,
  '0006_queue_weights': queueWeights,
  '0007_endpoints': endpoints,
  '0008_callbacks': callbacks,
  '0009_flows': flows,
  '0010_annotations': annotations,
  '0011_endpoint_srtp': endpointSrtp,
  '0012_second_factor': secondFactor,
  '0013_alerts': alerts,
  '0014_routing_rules': routingRules,
  '0015_calendars_voicemail': calendarsVoicemail,
  '0016_roles': roles,
  '0017_prompts': prompts,
  '0018_scorecards': scorecards,
  '0019_notifications': notifications,
  '0020_speech': speech,
  '0021_schedules': schedules,
  '0022_coaching': coaching,
  '0023_wallboards': wallboards,
  '0024_agent_alerts': agentAlerts,
  '0025_telephone': telephone,
  '0026_agent_days': agentDays,
  '0027_conferences': conferences,
  '0028_recognition': recognition,
  '0029_segments': segments,
  '0030_box_numbers': boxNumbers,
  '0031_single_sign_on': singleSignOn,
  '0032_endpoint_dtls': endpointDtls,
  '0033_flow_tests': flowTests,
};
