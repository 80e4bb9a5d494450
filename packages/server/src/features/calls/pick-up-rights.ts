import type { AgentId, LegId, Role, TenantId } from '@crosspoint/contracts';
import type { Database, DatabaseTransaction } from '../../platform/index.ts';
import { recordAudit } from '../audit/index.ts';
import { permissionsWith } from '../roles/index.ts';

/** Who may take a colleague's call by telephone: whoever may take it over in the console. */
export class PickUpRights {
  readonly #database: Database;
  readonly #tenantId: TenantId;

  constructor(database: Database, tenantId: TenantId) {
    this.#database = database;
    this.#tenantId = tenantId;
  }

  /** Rejects while the database is away. */
  has(agentId: AgentId): Promise<boolean> {
    return this.#database.inTenant(this.#tenantId, (transaction) => mayTakeOver(transaction, agentId));
  }

  /** As `has`; where it is so the audit log says who is about to take which call (rule 20). Rejects while the database is away. */
  use(agentId: AgentId, legId: LegId): Promise<boolean> {
    const tenantId = this.#tenantId;
    return this.#database.inTenant(tenantId, async (transaction) => {
      if (!(await mayTakeOver(transaction, agentId))) return false;
      const actor = { kind: 'user' as const, userId: agentId, ip: null };
      const about = { action: 'call.take-over', subjectType: 'call', subjectId: legId };
      await recordAudit(transaction, { tenantId, actor, ...about, after: { by: 'telephone' } });
      return true;
    });
  }
}

async function mayTakeOver(transaction: DatabaseTransaction, agentId: AgentId): Promise<boolean> {
  const user = await transaction
    .selectFrom('users')
    .select(['role', 'custom_role_id'])
    .where('id', '=', agentId)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  if (user === undefined) return false;
  const held = await permissionsWith(transaction, user.role as Role, user.custom_role_id);
  return held?.['calls.take-over'] === 'all';
}
