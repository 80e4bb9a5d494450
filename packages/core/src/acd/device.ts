import type { Agent } from './model.ts';
import type { State } from './state.ts';

/** A device that reports itself is tried again at once, whatever its back-off was. */
export function changeDevice(state: State, agent: Agent, reachable: boolean, reason: string): void {
  if (reachable) {
    agent.deviceFailures = 0;
    agent.deviceBackOffUntil = 0;
  }
  if (agent.reachable === reachable) return;
  agent.reachable = reachable;
  if (reachable) agent.idleSince = state.now;
  state.agentFact({ agentId: agent.id, at: state.now, type: 'device.changed', data: { reachable, reason } });
}
