import type { AgentId, ContactId, UserId } from '@crosspoint/contracts';
import { type ApiContext, ownerFilter, type Principal } from '../../http/index.ts';

/**
 * Whose contacts a principal may reach with a permission, where one contact is asked for: undefined for anybody's. A contact
 * that the agent is offered or has in hand is the own before any conversation stands in its row.
 */
export function ownerOf(
  { centreOf }: ApiContext,
  principal: Principal,
  permission: 'contacts.read' | 'contacts.annotate',
  contactId: ContactId,
): UserId | undefined {
  const owner = ownerFilter(principal, permission);
  if (owner === undefined) return undefined;
  const inHand = centreOf(principal.tenantId)?.agent(owner as string as AgentId)?.contacts ?? [];
  return inHand.some((contact) => contact.contactId === contactId) ? undefined : owner;
}
