import type { AgentId, ChosenBy, EpochMs } from '@crosspoint/contracts';
import type { ReadinessReason, WaitExplanation } from './door.ts';
import { mayTake } from './demand.ts';
import type { Agent, Candidate, Entry, Tier } from './model.ts';
import type { Chosen } from './prediction.ts';
import { behindBy, candidateBefore } from './ranking.ts';
import { countOf, readinessOf, readinessReasons } from './readiness.ts';
import { lackOf } from './requirement.ts';
import { presentStep } from './steps.ts';

/** QUE-14: what decided between the agents, recorded with each offer, and what speaks against each while a contact waits. */

/** Agents named with each decision beside the chosen one; everybody else is counted by the first reason against him. */
const rivalsMax = 5;

export interface Choice {
  /** Stable code of what decided. */
  why: string;
  /** Only where prediction can choose. */
  by?: ChosenBy;
  /** Agents of the queue who were ready. */
  consideredCount: number;
  /** The ready agents next in line, and why each stood behind. */
  considered: { agentId: AgentId; reason: string }[];
  /** The members of the queue by the first reason against them, those who were ready under `ready`. */
  against: Partial<Record<ReadinessReason, number>>;
  rulesVersion: number;
  /** Which requirement step was in force, from 1. */
  step: number;
}

/** Why this agent, before the offer changes anything. Costs a walk over the heads of a few heaps. */
export function choiceOf(entry: Entry, { candidate: chosen, by }: Chosen): Choice {
  const { queue, demand } = entry;
  const considered = rivalsOf(chosen, by);
  const against: Choice['against'] = {};
  for (const reason of readinessReasons) {
    const count = countOf(queue.reasons, reason);
    if (count > 0) against[reason] = count;
  }
  const readyHere = demand.tiers.reduce((sum, { ready }) => sum + ready.size, 0);
  return {
    why: by === 'predicted' ? 'predicted' : whyOf(entry, chosen, readyHere),
    ...(queue.settings.predictive === null ? {} : { by }),
    consideredCount: Math.max(queue.readyCount, readyHere),
    considered,
    against,
    rulesVersion: entry.rulesVersion,
    step: entry.step + 1,
  };
}

function whyOf(entry: Entry, chosen: Candidate, readyHere: number): string {
  const { kind } = presentStep(entry);
  if (kind === 'sticky') return 'sticky-agent';
  if (kind === 'assigned') return 'assigned-by-supervisor';
  // A further one beside those who ring: only this strategy makes it.
  if (entry.offers.length > 0) return 'ring-all';
  if (readyHere <= 1) return 'only-ready';
  return chosen.tier.ready.size > 1 ? entry.queue.settings.strategy : 'queue-priority';
}

/** The first few behind the chosen one; the next in a heap's order stand near its root. */
function rivalsOf(chosen: Candidate, by: ChosenBy): Choice['considered'] {
  const rivals: Choice['considered'] = [];
  const { tier, demand } = chosen;
  const reason = by === 'predicted' ? 'predicted-less' : behindBy[demand.queue.settings.strategy];
  for (const rival of nextInLine(tier, chosen)) rivals.push({ agentId: rival.agent.id, reason });
  for (const other of demand.tiers) {
    if (rivals.length >= rivalsMax) break;
    const head = other === tier ? undefined : other.ready.peek();
    if (head === undefined) continue;
    const behind =
      other.priority > tier.priority ? 'lower-priority' : other.delayMs > tier.delayMs ? 'delay' : reason;
    rivals.push({ agentId: head.agent.id, reason: behind });
  }
  return rivals;
}

function nextInLine({ ready }: Tier, chosen: Candidate): Candidate[] {
  if (ready.size <= 1) return [];
  const near: Candidate[] = [];
  const nodes = ready.values();
  for (let index = 0; index < Math.min(nodes.length, rivalsMax); index++) {
    const node = nodes[index];
    if (node !== undefined && node !== chosen) near.push(node);
  }
  return near.length > 1 ? near.sort((a, b) => (candidateBefore(a, b) ? -1 : 1)) : near;
}

/** The first reason against giving the contact to each agent of the queue, and to those who are named beside them. */
export function explainAgents(entry: Entry, now: EpochMs): WaitExplanation['agents'] {
  const { queue, demand } = entry;
  const agents = new Set<Agent>([...queue.members.keys(), ...demand.candidates.keys()]);
  return [...agents].map((agent) => explainAgent(entry, agent, now));
}

function explainAgent(entry: Entry, agent: Agent, now: EpochMs): WaitExplanation['agents'][number] {
  const { demand } = entry;
  const agentId = agent.id;
  if (entry.offers.some((offer) => offer.agent === agent)) {
    return { agentId, reason: 'ringing', until: null, lacks: null };
  }
  if (!mayTake(demand, agent)) {
    const until = entry.stepUntil === Infinity ? null : entry.stepUntil;
    const isNamed = demand.agentIds?.includes(agentId) ?? true;
    if (!isNamed) return { agentId, reason: 'not-named', until, lacks: null };
    const lacks = demand.requirement === null ? null : lackOf(demand.requirement, agent);
    return { agentId, reason: 'lacks-requirement', until, lacks };
  }
  const { ready, reason, until } = readinessOf(agent, now);
  if (!ready) return { agentId, reason, until, lacks: null };
  const delayUntil = entry.agedSince + (demand.candidates.get(agent)?.tier.delayMs ?? 0);
  if (delayUntil > now) return { agentId, reason: 'delay', until: delayUntil, lacks: null };
  // One is asked at a time, or with `ring-all` as many as the queue allows.
  if (entry.offers.length > 0) return { agentId, reason: 'another-is-asked', until: null, lacks: null };
  return { agentId, reason: 'serves-another-first', until: null, lacks: null };
}
