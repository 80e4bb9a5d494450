import type {
  AgentActivity,
  AgentStatus,
  ContactOutcome,
  ContactState,
  LiveCall,
  Permission,
  ReasonCode,
  RecordingStatus,
  Role,
  WeekdayName,
  WrapUpMode,
} from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { m } from '#lib/paraglide/messages.js';
import { language } from './language.svelte.ts';

/** Stable words of the contracts, in the language of the person; and the colour that each state has everywhere. */
export interface Label {
  text: string;
  tone: Tone;
}

const activities: Record<AgentActivity, [() => string, Tone]> = {
  idle: [m.activity_idle, 'idle'],
  offered: [m.activity_offered, 'offered'],
  'on-contact': [m.activity_on_contact, 'talk'],
  hold: [m.activity_hold, 'hold'],
  'wrap-up': [m.activity_wrap_up, 'wrap'],
  'not-responding': [m.activity_not_responding, 'bad'],
  unreachable: [m.activity_unreachable, 'bad'],
  break: [m.activity_break, 'break'],
  offline: [m.activity_offline, 'off'],
};
export const activityNames = Object.keys(activities) as AgentActivity[];
export function activityLabel(activity: AgentActivity): Label {
  const [text, tone] = activities[activity];
  return { text: text(), tone };
}

const statuses: Record<AgentStatus, [() => string, Tone]> = {
  available: [m.status_available, 'talk'],
  break: [m.status_break, 'break'],
  offline: [m.status_offline, 'off'],
};
export const statusNames = Object.keys(statuses) as AgentStatus[];
export function statusLabel(status: AgentStatus): Label {
  const [text, tone] = statuses[status];
  return { text: text(), tone };
}

const callStates: Record<LiveCall['state'], [() => string, Tone]> = {
  ringing: [m.call_ringing, 'offered'],
  waiting: [m.call_waiting, 'waiting'],
  talking: [m.call_talking, 'talk'],
  hold: [m.call_hold, 'hold'],
  ending: [m.call_ending, 'off'],
};
export function callStateLabel(state: LiveCall['state']): Label {
  const [text, tone] = callStates[state];
  return { text: text(), tone };
}

const outcomes: Record<ContactOutcome, [() => string, Tone]> = {
  answered: [m.outcome_answered, 'talk'],
  abandoned: [m.outcome_abandoned, 'bad'],
  overflowed: [m.outcome_overflowed, 'hold'],
  callback: [m.outcome_callback, 'wrap'],
  deflected: [m.outcome_deflected, 'break'],
  failed: [m.outcome_failed, 'bad'],
};
export const outcomeNames = Object.keys(outcomes) as ContactOutcome[];
export function outcomeLabel(outcome: ContactOutcome): Label {
  const [text, tone] = outcomes[outcome];
  return { text: text(), tone };
}

const contactStates: Record<ContactState, [() => string, Tone]> = {
  arriving: [m.contact_state_arriving, 'off'],
  dialling: [m.contact_state_dialling, 'offered'],
  waiting: [m.contact_state_waiting, 'waiting'],
  offered: [m.contact_state_offered, 'offered'],
  connected: [m.contact_state_connected, 'talk'],
  'wrap-up': [m.contact_state_wrap_up, 'wrap'],
  ended: [m.contact_state_ended, 'off'],
  closed: [m.contact_state_closed, 'off'],
};
export function contactStateLabel(state: ContactState): Label {
  const [text, tone] = contactStates[state];
  return { text: text(), tone };
}

const recordingStatuses: Record<RecordingStatus, [() => string, Tone]> = {
  recording: [m.recording_status_recording, 'talk'],
  complete: [m.recording_status_complete, 'off'],
  failed: [m.recording_status_failed, 'bad'],
};
export function recordingStatusLabel(status: RecordingStatus): Label {
  const [text, tone] = recordingStatuses[status];
  return { text: text(), tone };
}

const roles: Record<Role, () => string> = {
  admin: m.role_admin,
  supervisor: m.role_supervisor,
  agent: m.role_agent,
  analyst: m.role_analyst,
  custom: m.role_custom,
};
export const roleNames = Object.keys(roles) as Role[];
export const fixedRoleNames = roleNames.filter((role) => role !== 'custom');
/** The name of a role; of one that the tenant has made, the name that it was given. */
export const roleLabel = (role: Role, custom: { name: string } | null = null): string =>
  custom?.name ?? roles[role]();

export const weekdayNames: Record<WeekdayName, () => string> = {
  monday: m.weekday_monday,
  tuesday: m.weekday_tuesday,
  wednesday: m.weekday_wednesday,
  thursday: m.weekday_thursday,
  friday: m.weekday_friday,
  saturday: m.weekday_saturday,
  sunday: m.weekday_sunday,
};

const wrapUpModes: Record<WrapUpMode, () => string> = {
  none: m.wrapup_mode_none,
  optional: m.wrapup_mode_optional,
  mandatory: m.wrapup_mode_mandatory,
  timed: m.wrapup_mode_timed,
};
export const wrapUpModeNames = Object.keys(wrapUpModes) as WrapUpMode[];
export const wrapUpModeLabel = (mode: WrapUpMode): string => wrapUpModes[mode]();

const readinessReasons: Record<string, () => string> = {
  ready: m.readiness_ready,
  'status-offline': m.readiness_status_offline,
  'status-break': m.readiness_status_break,
  'no-device': m.readiness_no_device,
  'device-unreachable': m.readiness_device_unreachable,
  'not-responding': m.readiness_not_responding,
  'wrap-up': m.readiness_wrap_up,
  'at-capacity': m.readiness_at_capacity,
  'backing-off': m.readiness_backing_off,
  'device-failing': m.readiness_device_failing,
  delay: m.readiness_delay,
  'another-is-asked': m.readiness_another_is_asked,
  'serves-another-first': m.readiness_serves_another_first,
  'not-named': m.readiness_not_named,
  'lacks-requirement': m.readiness_lacks_requirement,
  ringing: m.readiness_ringing,
};
/** Why an agent can or cannot take an offer now; an unknown code is shown as it is. */
export const readinessLabel = (reason: string): string => readinessReasons[reason]?.() ?? reason;

/** The name of a reason code in the person's language, else in English, else the code. */
export function reasonCodeName(code: string, codes: readonly ReasonCode[]): string {
  const name = codes.find((one) => one.code === code)?.name;
  return name?.[language.current] ?? name?.en ?? code;
}

const permissions: Record<Permission, () => string> = {
  'account.own': m.permission_account_own,
  'api-keys.manage': m.permission_api_keys_manage,
  'users.read': m.permission_users_read,
  'users.write': m.permission_users_write,
  'roles.read': m.permission_roles_read,
  'roles.write': m.permission_roles_write,
  'sessions.manage': m.permission_sessions_manage,
  'agents.read': m.permission_agents_read,
  'agents.write': m.permission_agents_write,
  'agents.status': m.permission_agents_status,
  'teams.read': m.permission_teams_read,
  'teams.write': m.permission_teams_write,
  'teams.beyond': m.permission_teams_beyond,
  'schedules.read': m.permission_schedules_read,
  'schedules.write': m.permission_schedules_write,
  'reason-codes.read': m.permission_reason_codes_read,
  'reason-codes.write': m.permission_reason_codes_write,
  'queues.read': m.permission_queues_read,
  'queues.write': m.permission_queues_write,
  'queues.live': m.permission_queues_live,
  'queues.override': m.permission_queues_override,
  'callbacks.read': m.permission_callbacks_read,
  'callbacks.write': m.permission_callbacks_write,
  'calendars.read': m.permission_calendars_read,
  'calendars.write': m.permission_calendars_write,
  'segments.read': m.permission_segments_read,
  'segments.write': m.permission_segments_write,
  'voicemails.read': m.permission_voicemails_read,
  'voicemails.write': m.permission_voicemails_write,
  'conferences.read': m.permission_conferences_read,
  'conferences.write': m.permission_conferences_write,
  'conferences.join': m.permission_conferences_join,
  'conferences.moderate': m.permission_conferences_moderate,
  'flows.read': m.permission_flows_read,
  'flows.write': m.permission_flows_write,
  'routing.read': m.permission_routing_read,
  'routing.write': m.permission_routing_write,
  'numbers.read': m.permission_numbers_read,
  'numbers.write': m.permission_numbers_write,
  'trunks.read': m.permission_trunks_read,
  'trunks.write': m.permission_trunks_write,
  'contacts.read': m.permission_contacts_read,
  'contacts.annotate': m.permission_contacts_annotate,
  'contacts.explain': m.permission_contacts_explain,
  'directory.read': m.permission_directory_read,
  'alerts.read': m.permission_alerts_read,
  'alerts.acknowledge': m.permission_alerts_acknowledge,
  'alerts.write': m.permission_alerts_write,
  'calls.read': m.permission_calls_read,
  'calls.control': m.permission_calls_control,
  'calls.dial': m.permission_calls_dial,
  'calls.listen': m.permission_calls_listen,
  'calls.whisper': m.permission_calls_whisper,
  'calls.barge': m.permission_calls_barge,
  'calls.take-over': m.permission_calls_take_over,
  'recordings.read': m.permission_recordings_read,
  'recordings.listen': m.permission_recordings_listen,
  'scorecards.read': m.permission_scorecards_read,
  'scorecards.write': m.permission_scorecards_write,
  'evaluations.read': m.permission_evaluations_read,
  'evaluations.write': m.permission_evaluations_write,
  'evaluations.acknowledge': m.permission_evaluations_acknowledge,
  'coaching.read': m.permission_coaching_read,
  'coaching.write': m.permission_coaching_write,
  'performance.read': m.permission_performance_read,
  'dashboard.read': m.permission_dashboard_read,
  'notifications.read': m.permission_notifications_read,
  'notifications.write': m.permission_notifications_write,
  'configuration.read': m.permission_configuration_read,
  'configuration.write': m.permission_configuration_write,
  'audit.read': m.permission_audit_read,
  'security.read': m.permission_security_read,
  'security.write': m.permission_security_write,
  'system.read': m.permission_system_read,
  'stream.subscribe': m.permission_stream_subscribe,
};
export const permissionNames = Object.keys(permissions) as Permission[];
export const permissionLabel = (permission: Permission): string => permissions[permission]();
