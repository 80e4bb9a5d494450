import type { QueueSettingsInput } from '@crosspoint/contracts';

/** How the callers of a queue behave. Times are means; patience is exponential, talk is log-normal. */
export interface CallerBehaviour {
  /** For each hour of the run in turn, from the start again when the run is longer; one number for all of it. */
  arrivalsPerHour: number | number[];
  patienceSecondsMean: number;
  talkSecondsMean: number;
}

/** How agents behave; probabilities 0–1, times are means. */
export interface AgentBehaviour {
  answerSecondsMean: number;
  rejects: number;
  isBusy: number;
  doesNotAnswer: number;
  /** The device is gone: the call fails without a person having done anything. */
  deviceFails: number;
  /** The device disappears in the middle of the talk. */
  vanishes: number;
  holds: number;
  holdSecondsMean: number;
  /** For wrap-ups that wait for the agent. */
  wrapUpSecondsMean: number;
  breaksPerHour: number;
  breakSecondsMean: number;
}

export interface SimulatedQueue {
  name: string;
  settings?: Omit<QueueSettingsInput, 'name'>;
  callers: CallerBehaviour;
}

export interface SimulatedAgent {
  name: string;
  queues: { name: string; priority?: number; delaySeconds?: number; weight?: number }[];
  capacity?: number;
  behaviour?: Partial<AgentBehaviour>;
}

/** A contact centre as far as its waiting and its work go. */
export interface SimulationConfiguration {
  queues: SimulatedQueue[];
  agents: SimulatedAgent[];
}

export const usualAgent: AgentBehaviour = {
  answerSecondsMean: 3,
  rejects: 0.01,
  isBusy: 0.005,
  doesNotAnswer: 0.02,
  deviceFails: 0.005,
  vanishes: 0.002,
  holds: 0.1,
  holdSecondsMean: 30,
  wrapUpSecondsMean: 20,
  breaksPerHour: 0.25,
  breakSecondsMean: 600,
};
