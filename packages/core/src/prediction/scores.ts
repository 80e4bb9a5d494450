import type { AgentId, PromptLanguage } from '@crosspoint/contracts';
import { addOutcomes, handleSums, noOutcomes, type Outcomes } from './outcomes.ts';
import { shrink, type Shrunk, sumsOfRate } from './shrinkage.ts';

/** What came of the contacts of one language that one agent had. */
export interface AgentOutcomes {
  agentId: AgentId;
  /** Null: not known. */
  language: PromptLanguage | null;
  outcomes: Outcomes;
}

/** What a contact is expected to take with one agent. */
export interface AgentScore {
  agentId: AgentId;
  contacts: number;
  handleSeconds: number;
  /** 0–1; 0 while nothing of it was measured. */
  repeatRate: number;
  unsuccessfulRate: number;
  /** Of all that a contact leads to, with its standard deviation. */
  costSeconds: number;
  costDeviation: number;
  /** How much of the score is the agent's own measurement and not the mean of all, 0–1. */
  confidence: number;
}

/** The agents for one kind of contact, the best first. */
export interface KindScores {
  /** Null: all contacts of the queue. */
  language: PromptLanguage | null;
  contacts: number;
  usualCostSeconds: number;
  agents: AgentScore[];
}

/** With fewer contacts of a kind nothing is predicted for it. */
const contactsMin = 50;

/**
 * The agents of a queue, for all of its contacts and for each language with enough of them. A caller who has to call again, like a
 * contact that came to nothing, is expected to cost one more contact of mean length.
 */
export function scoreAgents(measured: readonly AgentOutcomes[]): KindScores[] {
  const languages = new Set(measured.flatMap(({ language }) => language ?? []));
  return [null, ...languages].flatMap((language) => {
    const scores = scoresOf(language, byAgent(measured, language));
    return scores.contacts >= contactsMin && scores.agents.length > 1 ? [scores] : [];
  });
}

function byAgent(
  measured: readonly AgentOutcomes[],
  language: PromptLanguage | null,
): Map<AgentId, Outcomes> {
  const sums = new Map<AgentId, Outcomes>();
  for (const each of measured) {
    if (language !== null && each.language !== language) continue;
    const sum = sums.get(each.agentId) ?? noOutcomes();
    addOutcomes(sum, each.outcomes);
    sums.set(each.agentId, sum);
  }
  return sums;
}

function scoresOf(language: PromptLanguage | null, agents: ReadonlyMap<AgentId, Outcomes>): KindScores {
  const outcomes = [...agents.values()];
  const handle = shrink(outcomes.map(handleSums));
  const repeats = shrink(outcomes.map(({ followed, repeated }) => sumsOfRate(followed, repeated)));
  const failures = shrink(outcomes.map(({ judged, unsuccessful }) => sumsOfRate(judged, unsuccessful)));
  const parts: readonly Part[] = [
    { shrunk: handle, weight: 1 },
    { shrunk: repeats, weight: handle.mean },
    { shrunk: failures, weight: handle.mean },
  ];
  const spreadSquared = parts.reduce((sum, { shrunk, weight }) => sum + (weight * shrunk.spread) ** 2, 0);
  const scores = [...agents].map(([agentId, { contacts }], index): AgentScore => {
    const varianceLeft = sumOver(parts, index, ({ deviation }, weight) => (weight * deviation) ** 2);
    return {
      agentId,
      contacts,
      handleSeconds: handle.estimates[index]?.mean ?? 0,
      repeatRate: repeats.estimates[index]?.mean ?? 0,
      unsuccessfulRate: failures.estimates[index]?.mean ?? 0,
      costSeconds: sumOver(parts, index, ({ mean }, weight) => weight * mean),
      costDeviation: Math.sqrt(varianceLeft),
      confidence: spreadSquared > 0 ? Math.max(0, 1 - varianceLeft / spreadSquared) : 0,
    };
  });
  return {
    language,
    contacts: outcomes.reduce((sum, each) => sum + each.contacts, 0),
    usualCostSeconds: parts.reduce((sum, { shrunk, weight }) => sum + weight * shrunk.mean, 0),
    agents: scores.sort((a, b) => a.costSeconds - b.costSeconds || (a.agentId < b.agentId ? -1 : 1)),
  };
}

interface Part {
  shrunk: Shrunk;
  weight: number;
}

function sumOver(
  parts: readonly Part[],
  index: number,
  valueOf: (estimate: Shrunk['estimates'][number], weight: number) => number,
): number {
  let sum = 0;
  for (const { shrunk, weight } of parts) {
    const estimate = shrunk.estimates[index];
    if (estimate !== undefined) sum += valueOf(estimate, weight);
  }
  return sum;
}
