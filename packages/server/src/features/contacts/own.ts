import type { AgentId, ContactId, Permission } from '@crosspoint/contracts';
import { type ApiContext, type Bounds, boundsOf, partsWithin, type Principal } from '../../http/index.ts';
import { partsOfLive } from './parts.ts';

const unbounded: Bounds = { owner: undefined, scope: undefined };

/**
 * Which contacts a principal reaches with a permission, where one contact is asked for. One that the agent is offered or has in
 * hand is the own, and one that rings somebody in scope is in scope, before any conversation stands in its row.
 */
export function boundsOfContact(
  { centreOf }: ApiContext,
  principal: Principal,
  permission: Permission,
  contactId: ContactId,
): Bounds {
  const { owner, scope } = boundsOf(principal, permission);
  const centre = centreOf(principal.tenantId);
  if (owner !== undefined) {
    const inHand = centre?.agent(owner as string as AgentId)?.contacts ?? [];
    return inHand.some((contact) => contact.contactId === contactId) ? unbounded : { owner, scope };
  }
  const isLive = scope !== undefined && partsWithin(partsOfLive(centre, contactId), scope);
  return isLive ? unbounded : { owner, scope };
}
