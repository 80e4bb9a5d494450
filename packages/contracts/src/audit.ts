import { z } from 'zod';
import { UserId } from './ids.ts';
import { Instant } from './instants.ts';
import { oneOrMore, pageOf, PageQuery, SearchText } from './pages.ts';

export const AuditActorKind = z.enum(['user', 'api-key', 'system', 'cli']);

/** One change, or one access to something sensitive. Secrets are left out of `before` and `after`. */
export const AuditEntry = z
  .object({
    id: z.uuid(),
    at: Instant,
    /** The name is null when the user has since been deleted. */
    actor: z.object({ kind: AuditActorKind, userId: UserId.nullable(), name: z.string().nullable() }),
    /** `<subject>.<verb>`, such as `queue.updated`. */
    action: z.string(),
    subjectType: z.string(),
    subjectId: z.string().nullable(),
    /** The person whom it was about, or whose work it was about, as that person is called now. */
    personName: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    ip: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;
export const AuditPage = pageOf(AuditEntry);

export const AuditQuery = PageQuery.extend({
  /** Part of the action, the subject's type or id, the name of a person concerned, or the content of the change. */
  search: SearchText.optional(),
  actorUserId: UserId.optional(),
  action: oneOrMore(z.string().min(1).max(100)).optional(),
  subjectType: oneOrMore(z.string().min(1).max(100)).optional(),
  subjectId: z.string().min(1).max(200).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
  sort: z.enum(['-at', 'at']).default('-at'),
});
