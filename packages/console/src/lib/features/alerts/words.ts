import type { Alert, AlertCondition, AlertKind, ReasonCode } from '@crosspoint/contracts';
import { queryString } from '#lib/api/client.ts';
import { activityLabel, reasonCodeName } from '#lib/i18n/labels.ts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';

const names: Record<AlertKind, () => string> = {
  'longest-wait': m.alert_longest_wait,
  waiting: m.alert_waiting,
  'service-level': m.alert_service_level,
  'no-agents': m.alert_no_agents,
  'status-time': m.alert_status_time,
  'talk-time': m.alert_talk_time,
  'wrap-up-time': m.alert_wrap_up_time,
  'missed-offers': m.alert_missed_offers,
  'not-adherent': m.alert_not_adherent,
};
export const alertKinds = Object.keys(names) as AlertKind[];
export const alertKindName = (kind: AlertKind): string => names[kind]();

/** A figure of that kind: seconds, contacts, offers or a ratio; nothing where the kind has none. */
export function alertFigure(kind: AlertKind, value: number): string {
  switch (kind) {
    case 'waiting':
    case 'missed-offers':
      return shown.number(value);
    case 'service-level':
      return shown.percent(value);
    case 'no-agents':
      return '';
    case 'longest-wait':
    case 'status-time':
    case 'talk-time':
    case 'wrap-up-time':
    case 'not-adherent':
      return shown.duration(value);
  }
}

/** Whom it is about. */
export const alertSubject = ({ queueName, agentName }: Pick<Alert, 'queueName' | 'agentName'>): string =>
  queueName ?? agentName ?? '';

/** Where one sees how it stands with the queue or the agent now. */
export const alertAddress = ({ queueId, agentName }: Alert): string =>
  queueId === null
    ? `/supervisor/agents${queryString({ search: agentName ?? '' })}`
    : `/supervisor/queues${queryString({ queue: queueId })}`;

/** What an alert is called: of an agent by the rule that found it. */
export const alertTitle = ({ kind, ruleName }: Alert): string => ruleName ?? alertKindName(kind);

/** What is wrong, in a short sentence. */
export function alertWords(alert: Alert): string {
  const { kind, worst, threshold } = alert;
  if (kind === 'no-agents') return m.alert_no_agents();
  const figures = { worst: alertFigure(kind, worst), threshold: alertFigure(kind, threshold) };
  return `${alertTitle(alert)}: ${m.alert_figures(figures)}`;
}

/** Under which condition a rule raises an alert; its limit stands beside it. */
export function conditionWords(condition: AlertCondition, codes: readonly ReasonCode[]): string {
  if (condition.kind !== 'status-time') return alertKindName(condition.kind);
  const { activity, reasonCode } = condition;
  const status = activityLabel(activity).text;
  if (reasonCode === null) return `${alertKindName(condition.kind)}: ${status}`;
  return `${alertKindName(condition.kind)}: ${status}, ${reasonCodeName(reasonCode, codes)}`;
}

export const conditionLimit = (condition: AlertCondition): number =>
  condition.kind === 'missed-offers' ? condition.count : condition.seconds;
