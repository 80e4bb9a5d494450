import type { QueueSettings } from '@crosspoint/contracts';
import type { QueueCounts } from '@crosspoint/core';

/** How long a random time is: its mean, and how it is spread around it. */
export interface RandomTime {
  meanSeconds: number;
  /** `log-normal` is skewed like real talk times (sigma 0.7); `exponential` is what the closed forms assume. */
  spread: 'exponential' | 'log-normal' | 'fixed';
}

export interface WhatIfQueue {
  /** Its name stands for its id in settings that name queues. */
  name: string;
  settings: QueueSettings;
  /** For each hour of the run in turn, from the start again when the run is longer; one number for all of it. */
  arrivalsPerHour: number | number[];
  patience: RandomTime;
  talk: RandomTime;
  /** For wrap-ups without a deadline. */
  wrapUp: RandomTime;
}

export interface WhatIfAgent {
  /** The username, which stands for the id. */
  name: string;
  capacity: number;
  skills: Record<string, number>;
  languages: string[];
  queues: { name: string; priority: number; delaySeconds: number; weight: number }[];
  /** How long the device rings before the agent answers. */
  answer: RandomTime;
  /** Share of the offers that ring until they time out. */
  doesNotAnswer: number;
}

/** A contact centre as far as its waiting and its work go. */
export interface WhatIfCentre {
  queues: WhatIfQueue[];
  agents: WhatIfAgent[];
  /** Which queue answers a number of the house, for overflow to numbers. */
  numbers: ReadonlyMap<string, string>;
}

/** A contact of a recorded day. */
export interface RecordedArrival {
  /** From the start of the run. */
  atSeconds: number;
  queue: string;
  /** What is not known is drawn as for the others. */
  talkSeconds?: number;
  caller?: string;
}

export interface RunOptions {
  centre: WhatIfCentre;
  /** Any 32-bit number; the same seed gives the same run to the last digit. */
  seed: number;
  /** How long callers arrive. */
  hours: number;
  /** Before this nothing counts, so that the run does not begin with an empty centre. 0 by default. */
  warmUpHours?: number;
  /** Instead of drawn arrivals. */
  recorded?: readonly RecordedArrival[];
  intervalMinutes?: number;
  startAt?: number;
}

/** One interval of the run: who came in it, and what became of them. */
export interface IntervalResult {
  fromSeconds: number;
  /** Each contact counts in the interval in which it came. */
  counts: QueueCounts;
}

export interface QueueResult {
  name: string;
  counts: QueueCounts;
  intervals: IntervalResult[];
}

export interface RunResult {
  seed: number;
  contacts: number;
  /** Inputs that the distributor handled. */
  inputs: number;
  queues: QueueResult[];
  /** Share of the agents' time that they were taken (talk and wrap-up), of the whole and per interval. */
  occupancy: number;
  occupancyByInterval: number[];
}
