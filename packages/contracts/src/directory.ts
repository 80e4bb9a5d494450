import { z } from 'zod';
import { AgentActivity } from './states.ts';
import { AgentId, QueueId } from './ids.ts';
import { Instant } from './instants.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';

/** Whether a colleague can be called now: `free`, `busy` with a contact, or why not. */
export const Presence = z.enum(['free', 'busy', 'break', 'offline', 'unreachable']);
export type Presence = z.infer<typeof Presence>;

/** Whom a call can go to: a colleague, or a queue. What a colleague does in detail is not told here. */
export const DirectoryEntry = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('agent'),
      id: AgentId,
      name: z.string(),
      extension: z.string().nullable(),
      presence: Presence,
      activity: AgentActivity,
      since: Instant.nullable(),
    }),
    z.object({
      kind: z.literal('queue'),
      id: QueueId,
      name: z.string(),
      waiting: z.number().int(),
      agentsReady: z.number().int(),
      open: z.boolean(),
      estimatedWaitSeconds: z.number().nullable(),
    }),
  ])
  .meta({ id: 'DirectoryEntry' });
export type DirectoryEntry = z.infer<typeof DirectoryEntry>;
export const DirectoryPage = pageOf(DirectoryEntry);

export const DirectoryQuery = PageQuery.extend({
  /** Part of a name, or the beginning of an extension. */
  search: SearchText.optional(),
  kind: z.enum(['agent', 'queue']).optional(),
});
