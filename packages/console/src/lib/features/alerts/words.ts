import type { Alert, AlertKind } from '@crosspoint/contracts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';

const names: Record<AlertKind, () => string> = {
  'longest-wait': m.alert_longest_wait,
  waiting: m.alert_waiting,
  'service-level': m.alert_service_level,
  'no-agents': m.alert_no_agents,
};
export const alertKinds = Object.keys(names) as AlertKind[];
export const alertKindName = (kind: AlertKind): string => names[kind]();

/** A figure of that kind: seconds, contacts or a ratio; nothing where the kind has none. */
export function alertFigure(kind: AlertKind, value: number): string {
  switch (kind) {
    case 'longest-wait':
      return shown.duration(value);
    case 'waiting':
      return shown.number(value);
    case 'service-level':
      return shown.percent(value);
    case 'no-agents':
      return '';
  }
}

/** What is wrong, in a short sentence. */
export function alertWords({ kind, worst, threshold }: Alert): string {
  if (kind === 'no-agents') return m.alert_no_agents();
  const figures = { worst: alertFigure(kind, worst), threshold: alertFigure(kind, threshold) };
  return `${alertKindName(kind)}: ${m.alert_figures(figures)}`;
}
