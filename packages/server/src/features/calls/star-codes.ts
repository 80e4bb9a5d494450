import type { AgentId, UserId } from '@crosspoint/contracts';
import type { StarCommand } from '../../carriers/sip/index.ts';
import type { TenantCentre } from './centre.ts';

/** What an agent asked for from the phone, by the same commands as the API. */
export function applyStarCode(centre: TenantCentre, agentId: AgentId, command: StarCommand): boolean {
  const actor = { kind: 'agent' as const, userId: agentId as string as UserId };
  if (command.kind === 'finish-wrap-up') {
    const contacts = centre.agent(agentId)?.contacts ?? [];
    const wrapUp = contacts.find(({ state }) => state === 'wrap-up');
    return wrapUp !== undefined && centre.finishWrapUp(agentId, wrapUp.contactId, actor).ok;
  }
  const codes = centre.state.configuration.reasonCodes;
  const reason = command.reason === null ? null : codes[command.reason - 1];
  if (reason === undefined) return false;
  return centre.chooseStatus(agentId, command.status, reason, actor).ok;
}
