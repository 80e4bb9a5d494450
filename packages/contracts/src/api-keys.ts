import { z } from 'zod';
import { UserId } from './ids.ts';
import { Instant } from './instants.ts';
import { pageOf, PageQuery, QueryBoolean, SearchText } from './pages.ts';
import { Permission } from './permissions.ts';

export const ApiKey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    /** The first characters of the key, to recognise it by. */
    prefix: z.string(),
    scopes: z.array(Permission),
    owner: z.object({ id: UserId, username: z.string(), name: z.string() }),
    createdAt: Instant,
    lastUsedAt: Instant.nullable(),
    expiresAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;
export const ApiKeyPage = pageOf(ApiKey);

export const ApiKeyQuery = PageQuery.extend({
  revoked: QueryBoolean.optional(),
  /** In the name, the prefix and the owner's names. */
  search: SearchText.optional(),
});

/** A key can do what its scopes name, and never more than its owner's role. */
export const ApiKeyInput = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(Permission).min(1),
  /** In the future; null or absent: until revoked. */
  expiresAt: Instant.nullable().default(null),
});
export type ApiKeyInput = z.input<typeof ApiKeyInput>;

/** The answer that carries the key itself; it is not stored and cannot be shown again. */
export const ApiKeyCreated = ApiKey.extend({ key: z.string() }).meta({ id: 'ApiKeyCreated' });
export type ApiKeyCreated = z.infer<typeof ApiKeyCreated>;
