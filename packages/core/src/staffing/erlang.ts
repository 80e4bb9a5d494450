import { betaDistributions } from './beta.ts';

/** The work that comes to a queue; all greater than 0. */
export interface Work {
  callsPerHour: number;
  /** Talk, hold and wrap-up together, mean (AHT). */
  handleSeconds: number;
}

/** What a number of agents makes of it, in the long run. Shares are of all who call. */
export interface Performance {
  /** Share of those who have to wait at all. */
  waitProbability: number;
  /** Mean wait of those who are answered (ASA). */
  averageSpeedOfAnswerSeconds: number;
  /** `answeredWithin / (answered + abandoned − shortAbandons)`, the product's own formula (MET-1). */
  serviceLevel: number;
  abandonRate: number;
  /** Share of the agents' time in which they are taken. */
  occupancy: number;
}

export interface Target {
  /** Answered within so many seconds. */
  seconds: number;
  /** Abandons below this do not count; 0 counts all. */
  shortAbandonSeconds?: number;
}

/** The probability that all of `agents` are busy when nobody can wait (Erlang B); `load` in erlangs. */
export function erlangB(agents: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= agents; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
}

/**
 * Poisson arrivals, exponential handle times, callers who never give up (Erlang C). Without enough agents the queue grows without
 * end: the wait is infinite and the service level 0.
 */
export function erlangC(agents: number, { callsPerHour, handleSeconds }: Work, target: Target): Performance {
  const load = (callsPerHour * handleSeconds) / 3600;
  if (agents <= load) {
    return {
      waitProbability: 1,
      averageSpeedOfAnswerSeconds: Infinity,
      serviceLevel: 0,
      abandonRate: 0,
      occupancy: 1,
    };
  }
  const blocked = erlangB(agents, load);
  const waitProbability = blocked / (1 - (load / agents) * (1 - blocked));
  const spare = agents - load;
  return {
    waitProbability,
    averageSpeedOfAnswerSeconds: (waitProbability * handleSeconds) / spare,
    serviceLevel: 1 - waitProbability * Math.exp((-spare * target.seconds) / handleSeconds),
    abandonRate: 0,
    occupancy: load / agents,
  };
}

/** States less likely than this beside the likeliest are left out. */
const negligible = 1e-14;
const waitingMax = 200_000;

/**
 * As Erlang C, but callers give up after an exponential time with this mean (Erlang A, Palm 1957). Who finds j others waiting waits
 * for j + 1 departures at the rates nμ + iθ; exp(−θ · that time) is beta distributed, from which the exact service level follows.
 */
export function erlangA(
  agents: number,
  { callsPerHour, handleSeconds }: Work,
  patienceSeconds: number,
  target: Target,
): Performance {
  const arrivals = callsPerHour / 3600;
  const givesUp = 1 / patienceSeconds;
  const served = agents / handleSeconds;
  const { idle, waiting, busyAgents } = stateProbabilities(agents, arrivals, handleSeconds, givesUp);
  const shape = served / givesUp;
  const short = target.shortAbandonSeconds ?? 0;
  let waitsAtAll = 0;
  let answered = 0;
  let answeredWithin = 0;
  let abandonedShortly = 0;
  let queueLength = 0;
  const answeredInTime = answeredBy(target.seconds, shape, givesUp);
  const abandonedInTime = abandonedBy(short, shape, givesUp);
  for (const [others, probability] of waiting.entries()) {
    waitsAtAll += probability;
    queueLength += others * probability;
    answered += probability * (shape / (shape + others + 1));
    answeredWithin += probability * answeredInTime(others);
    abandonedShortly += probability * abandonedInTime(others);
  }
  const isAnswered = idle + answered;
  const waitSecondsOfAll = queueLength / arrivals;
  const abandonRate = 1 - isAnswered;
  return {
    waitProbability: waitsAtAll,
    averageSpeedOfAnswerSeconds: meanWaitOfAnswered(waiting, shape, givesUp, isAnswered, waitSecondsOfAll),
    serviceLevel: (idle + answeredWithin) / (1 - abandonedShortly),
    abandonRate,
    occupancy: busyAgents / agents,
  };
}

/** The fewest agents who reach the share `level`, or `agentsMax` if even these do not. */
export function agentsNeeded(
  level: number,
  agentsMax: number,
  performance: (agents: number) => Performance,
): { agents: number; performance: Performance } {
  let low = 1;
  let high = agentsMax;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (performance(middle).serviceLevel >= level) high = middle;
    else low = middle + 1;
  }
  return { agents: low, performance: performance(low) };
}

/** By the balance of up and down, from the likeliest state in both directions so that nothing overflows. */
function stateProbabilities(agents: number, arrivals: number, handleSeconds: number, givesUp: number) {
  const downRate = (state: number) =>
    Math.min(state, agents) / handleSeconds + Math.max(0, state - agents) * givesUp;
  const weights: number[] = [1];
  let scale = 1;
  for (let state = 1; state <= agents + waitingMax; state++) {
    const weight = ((weights[state - 1] ?? 0) * arrivals) / downRate(state);
    weights.push(weight);
    scale = Math.max(scale, weight);
    if (scale > 1e250) {
      for (let index = 0; index < weights.length; index++) weights[index] = (weights[index] ?? 0) / scale;
      scale = 1;
    }
    if (state > agents && weight < scale * negligible && arrivals < downRate(state)) break;
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let idle = 0;
  let busyAgents = 0;
  weights.forEach((weight, state) => {
    if (state < agents) idle += weight / sum;
    busyAgents += (Math.min(state, agents) * weight) / sum;
  });
  return { idle, busyAgents, waiting: weights.slice(agents).map((weight) => weight / sum) };
}

/** P(answered within t) for somebody who finds so many others waiting; to be asked for 0, 1, 2 … in turn. */
function answeredBy(seconds: number, shape: number, givesUp: number): (others: number) => number {
  const next = betaDistributions(Math.exp(-givesUp * seconds), shape + 1);
  return (others) => (shape / (shape + others + 1)) * (1 - next());
}

/** P(given up within t), likewise. */
function abandonedBy(seconds: number, shape: number, givesUp: number): (others: number) => number {
  if (seconds === 0) return () => 0;
  const left = Math.exp(-givesUp * seconds);
  const next = betaDistributions(left, shape);
  const answered = answeredBy(seconds, shape, givesUp);
  return (others) => 1 - left * next() - answered(others);
}

/** The wait of all is that of the answered and that of the abandoned; the mean wait of the answered is integrated exactly. */
function meanWaitOfAnswered(
  waiting: readonly number[],
  shape: number,
  givesUp: number,
  isAnswered: number,
  waitSecondsOfAll: number,
): number {
  // E[V e^(−θV)] = −d/dθ' of the product of the transforms, each departure adding 1 / (its rate + θ).
  let sum = 0;
  let perDeparture = 0;
  let answeredShare = 1;
  for (const [others, probability] of waiting.entries()) {
    const rate = (shape + others) * givesUp;
    answeredShare *= rate / (rate + givesUp);
    perDeparture += 1 / (rate + givesUp);
    sum += probability * answeredShare * perDeparture;
  }
  return isAnswered > 0 ? sum / isAnswered : waitSecondsOfAll;
}
