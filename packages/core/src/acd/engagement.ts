import type { AgentId, ContactId } from '@crosspoint/contracts';
import { matchAgent } from './matching.ts';
import { refreshAgent } from './presence.ts';
import type { State } from './state.ts';

/**
 * An agent is taken up by a call that no queue gave, one that the agent makes or that came by extension: it fills a slot, and
 * shows as a contact. Nothing is counted, and no wrap-up follows.
 */
export function engageAgent(state: State, agentId: AgentId, contactId: ContactId, engaged: boolean): void {
  const agent = state.agents.get(agentId);
  if (agent === undefined || agent.engagements.has(contactId) === engaged) return;
  if (engaged) agent.engagements.set(contactId, { held: false });
  else {
    agent.engagements.delete(contactId);
    agent.idleSince = state.now;
  }
  refreshAgent(state, agent);
  matchAgent(state, agent);
}
