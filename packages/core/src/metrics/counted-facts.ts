import type { AgentFactType, ContactFactType } from '@crosspoint/contracts';

/** The facts that the statistics of queues and agents are counted from; they pass over every other one. */
export const countedFacts: {
  contactTypes: readonly ContactFactType[];
  agentTypes: readonly AgentFactType[];
} = {
  contactTypes: [
    'contact.deflected',
    'queue.entered',
    'queue.left',
    'segment.started',
    'segment.ended',
    'wrapup.ended',
    'offer.ended',
    'transfer.started',
    'contact.closed',
  ],
  agentTypes: ['activity.changed'],
};
