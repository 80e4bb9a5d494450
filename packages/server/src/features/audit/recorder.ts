import type { FastifyRequest } from 'fastify';
import { addressOf, principalOf } from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';

/** Who did something, as the audit log keeps it. */
export interface AuditActor {
  kind: 'user' | 'api-key' | 'system' | 'cli';
  userId: string | null;
  ip: string | null;
}

/** One change or access to be remembered. */
export interface AuditRecord {
  tenantId: string;
  actor: AuditActor;
  /** `<subject>.<verb>`, such as `queue.updated`. */
  action: string;
  subjectType: string;
  subjectId: string | null;
  before?: unknown;
  after?: unknown;
}

const SECRET_FIELD = /password|secret|hash|ha1|token|^key$/i;
const REMOVED = '(secret)';

/** The actor of an authenticated request. */
export function actorOf(request: FastifyRequest): AuditActor {
  const principal = principalOf(request);
  return { kind: principal.kind, userId: principal.userId, ip: addressOf(request) };
}

/**
 * Appends to the audit log in the transaction of the change itself, so that neither exists without the other. Fields
 * whose name says secret are replaced; that they were set remains visible.
 */
export async function recordAudit(transaction: DatabaseTransaction, record: AuditRecord): Promise<void> {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(withoutSecrets(value)));
  await transaction
    .insertInto('audit_log')
    .values({
      id: newId(),
      tenant_id: record.tenantId,
      at: new Date(),
      actor_user_id: record.actor.userId,
      actor_kind: record.actor.kind,
      action: record.action,
      subject_type: record.subjectType,
      subject_id: record.subjectId,
      before: json(record.before),
      after: json(record.after),
      ip: record.actor.ip,
    })
    .execute();
}

/**
 * Appends what an authenticated request does.
 *
 * @param action `<subject>.<verb>`; the part before the point is the type of the subject.
 */
export async function recordChange(
  transaction: DatabaseTransaction,
  request: FastifyRequest,
  action: string,
  subjectId: string | null,
  change: { before?: unknown; after?: unknown } = {},
): Promise<void> {
  const { tenantId } = principalOf(request);
  const subjectType = action.split('.', 1)[0] ?? action;
  await recordAudit(transaction, {
    tenantId,
    actor: actorOf(request),
    action,
    subjectType,
    subjectId,
    ...change,
  });
}

/** A copy in which the value of every field with a secret name is replaced; booleans such as `hasPassword` stay. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_FIELD.test(name) ? hidden(inner) : withoutSecrets(inner),
    ]),
  );
}

/** A mapping under a secret name has parts of its own, each judged by its name; everything else goes as a whole. */
function hidden(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'object' && !Array.isArray(value)) return withoutSecrets(value);
  return REMOVED;
}
