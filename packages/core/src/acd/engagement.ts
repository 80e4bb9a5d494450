import type { DistributorInput } from './door.ts';
import { matchAgent } from './matching.ts';
import { refreshAgent } from './presence.ts';
import type { State } from './state.ts';

type Engaged = Omit<Extract<DistributorInput, { type: 'agent.engaged' }>, 'type'>;

/**
 * An agent is taken up by a call that no queue gave, one that the agent makes or that came by extension: it fills a slot, and
 * shows as a contact, one that is offered until the agent has answered. Who calls the house as a caller has no slot left. Nothing is counted, and no wrap-up follows.
 */
export function engageAgent(state: State, input: Engaged): void {
  const { agentId, contactId, engaged, isRinging, asCaller } = input;
  const agent = state.agents.get(agentId);
  const former = agent?.engagements.get(contactId);
  if (agent === undefined || (former === undefined && !engaged)) return;
  if (engaged) {
    if (former?.isRinging === (isRinging === true)) return;
    const engagement = { held: false, isRinging: isRinging === true, asCaller: asCaller === true };
    agent.engagements.set(contactId, engagement);
  } else {
    agent.engagements.delete(contactId);
    agent.idleSince = state.now;
  }
  refreshAgent(state, agent);
  matchAgent(state, agent);
}
