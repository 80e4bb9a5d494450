import type { CentreSettings, ConfigurationChange } from '@crosspoint/contracts';

export interface CentreStep {
  subject: 'centre';
  change: ConfigurationChange;
  settings: CentreSettings;
}

export function planCentre(wanted: CentreSettings | undefined, current: CentreSettings): CentreStep[] {
  if (wanted === undefined) return [];
  const isSame = wanted.timeZone === current.timeZone;
  const fields = isSame ? [] : [{ path: 'timeZone', before: current.timeZone, after: wanted.timeZone }];
  return [
    {
      subject: 'centre',
      change: { action: 'update', subject: 'centre', name: 'centre', fields },
      settings: wanted,
    },
  ];
}
