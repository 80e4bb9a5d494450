import type { AgentStatus } from '@crosspoint/contracts';
import { blockingWrapUp, loadOf } from './agent.ts';
import type { DistributorInput } from './door.ts';
import type { Agent } from './model.ts';
import type { State } from './state.ts';
import { endOptionalWrapUps } from './wrap-up.ts';

type StatusChosen = Extract<DistributorInput, { type: 'status.chosen' }>;

/** Rules 4 and 5: a status chosen during an offer, a contact or its wrap-up applies after it. */
export function chooseStatus(state: State, agent: Agent, input: StatusChosen): void {
  const { status, reasonCode } = input;
  const unchanged = status === agent.status && reasonCode === agent.reasonCode;
  const clears = status === 'available' && (agent.notResponding || agent.pausedUntil > state.now);
  if (unchanged && agent.nextStatus === null && !clears) return;
  if (isEngaged(agent) && !unchanged) agent.nextStatus = { status, reasonCode };
  else if (unchanged) agent.nextStatus = null;
  else applyStatus(state, agent, status, reasonCode);
  if (clears) backToWork(state, agent);
  state.agentFact({
    agentId: agent.id,
    at: state.now,
    type: 'status.chosen',
    data: { status, reasonCode, by: input.by, byUserId: input.byUserId },
  });
}

/** Applies the status that was waiting once nothing holds it back. */
export function applyDueStatus(state: State, agent: Agent): void {
  const next = agent.nextStatus;
  if (next === null || isEngaged(agent)) return;
  applyStatus(state, agent, next.status, next.reasonCode);
}

function isEngaged(agent: Agent): boolean {
  return loadOf(agent) > 0 || blockingWrapUp(agent) !== undefined;
}

function applyStatus(state: State, agent: Agent, status: AgentStatus, reasonCode: string | null): void {
  const staffedChange = Number(status !== 'offline') - Number(agent.status !== 'offline');
  if (staffedChange !== 0) {
    for (const { queue } of agent.memberships) {
      queue.staffed += staffedChange;
      state.touchQueue(queue);
    }
  }
  agent.status = status;
  agent.reasonCode = reasonCode;
  agent.statusSince = state.now;
  agent.nextStatus = null;
  if (status === 'available') backToWork(state, agent);
  else endOptionalWrapUps(state, agent);
}

/** Choosing `available` is the one click back from Not Responding; the device's own back-off stays. */
function backToWork(state: State, agent: Agent): void {
  agent.notResponding = false;
  agent.nonResponses = 0;
  agent.pausedUntil = 0;
  agent.idleSince = state.now;
}
