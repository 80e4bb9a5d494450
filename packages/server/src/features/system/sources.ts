import type { SystemInfo } from '@crosspoint/contracts';

/** What only the running parts know of themselves; the composition root supplies it. */
export interface RunningParts {
  version: string;
  /** Unix time in milliseconds. */
  startedAt: number;
  sip: Omit<SystemInfo['sip'], 'realm' | 'publicHost'>;
  media: Pick<SystemInfo['media'], 'packets' | 'processes'>;
  facts: SystemInfo['facts'];
}

export interface SystemSources {
  parts: () => RunningParts | Promise<RunningParts>;
  probe: () => Promise<{ parts: SystemInfo['health'] }>;
  streamClients: () => number;
}
