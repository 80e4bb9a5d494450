import type { TenantId } from '@crosspoint/contracts';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Centre } from '../features/calls/door.ts';
import type { Database, Settings } from '../platform/index.ts';
import type { Principal } from './principal.ts';
import { HttpProblem } from './problem.ts';

/** The parameters of a route to one thing. */
export const IdParams = z.strictObject({ id: z.uuid() });

export const API_PREFIX = '/api/v1';

/** A Fastify instance whose routes are typed by their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What every feature's routes may use. */
export interface ApiContext {
  readonly settings: Settings;
  readonly database: Database;
  readonly log: FastifyBaseLogger;
  /** Unix time in milliseconds by the clock of the calls, which does not jump when the machine's clock is set. */
  readonly now: () => number;
  /** What the machine's clock shows: codes of a second factor belong to an instant. */
  readonly wallNow: () => number;
  /** The living centre of a tenant; undefined when none runs in this process. */
  readonly centreOf: (tenantId: TenantId) => Centre | undefined;
  /** Hears that the centre of a tenant has taken up a changed configuration. */
  readonly configurationChanged?: (tenantId: TenantId) => void;
  /**
   * Hears whose permissions, sessions or teams have changed: their streams are judged again at once. `scopedOnly`: only for whom
   * teams decide what they see.
   */
  readonly accessChanged?: (
    concerns: (principal: Principal) => boolean,
    options?: { scopedOnly?: boolean },
  ) => void;
}

/** A feature's routes, to be registered under {@link API_PREFIX}. */
export type Routes = (api: Api) => void | Promise<void>;

/** The centre of a tenant, for what only the living centre can do. @throws {HttpProblem} `unavailable`. */
export function requireCentre(context: ApiContext, tenantId: TenantId): Centre {
  const centre = context.centreOf(tenantId);
  if (centre !== undefined) return centre;
  throw new HttpProblem(
    'unavailable',
    'The contact centre of this tenant does not run here. Try again in a moment.',
  );
}

/** The address that a request came from, as the audit log and the sessions keep it. */
export function addressOf(request: FastifyRequest): string {
  return request.ip;
}

/**
 * Tells the living centre that what it works by has changed. The change is stored already: a centre that cannot take it
 * up now is a fault to be logged, not a reason to tell the client that nothing happened.
 */
export async function applyToCentre(context: ApiContext, tenantId: TenantId): Promise<void> {
  try {
    await context.centreOf(tenantId)?.configurationChanged();
    context.configurationChanged?.(tenantId);
  } catch (error) {
    context.log.error(
      { err: error, tenantId },
      'the contact centre did not take up the changed configuration',
    );
  }
}
