import { z } from 'zod';
import { TeamId, UserId } from './ids.ts';
import { pageOf, PageQuery, SearchText } from './pages.ts';

export const Team = z
  .object({
    id: TeamId,
    name: z.string(),
    parentId: TeamId.nullable(),
    parent: z.object({ id: TeamId, name: z.string() }).nullable(),
    memberIds: z.array(UserId),
    members: z.array(z.object({ id: UserId, username: z.string(), name: z.string() })),
  })
  .meta({ id: 'Team' });
export type Team = z.infer<typeof Team>;
export const TeamPage = pageOf(Team);

export const TeamQuery = PageQuery.extend({
  search: SearchText.optional(),
  sort: z.enum(['name', '-name']).default('name'),
});

export const TeamInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  parentId: TeamId.nullable().default(null),
  memberIds: z.array(UserId).max(10_000).default([]),
});
export type TeamInput = z.input<typeof TeamInput>;
