import type {
  ConfigurationDocument,
  ConfigurationResult,
  FieldError,
  FlowDocument,
  HeldPermissions,
  TenantId,
} from '@crosspoint/contracts';
import { sql } from 'kysely';
import { type Database, type DatabaseTransaction, SecretBox } from '../../platform/index.ts';
import type { AuditActor } from '../audit/index.ts';
import { hashPassword, verifyPassword } from '../auth/index.ts';
import { playableNames } from '../prompts/index.ts';
import { holdNames } from '../references/index.ts';
import { offlineSpeech, SpeechError } from '../speech/index.ts';
import { PlanExecutor } from './apply.ts';
import { adviseOn, checkDocument } from './check.ts';
import { type CurrentConfiguration, keyOf, readCurrent } from './current.ts';
import { type LocatedDocument, readDocument } from './document.ts';
import { exportDocument } from './export.ts';
import { planChanges, type SecretKnowledge } from './plan.ts';
import { checkReach } from './reach.ts';
import { scriptFaults } from './rules.ts';
import { reviewDocument } from './queue-review.ts';

export interface ConfigurationOptions {
  readonly database: Database;
  readonly tenantId: TenantId;
  /** Holds the key for the few secrets that are stored sealed. */
  readonly dataDir: string;
}

export interface ApplyOptions extends ConfigurationOptions {
  readonly actor: AuditActor;
  /** What the role of who applies it permits. */
  readonly held: HeldPermissions;
  /** YAML or JSON. */
  readonly text: string;
  /** Only says what would change. */
  readonly dryRun: boolean;
}

export type ApplyResult = { ok: true; result: ConfigurationResult } | { ok: false; errors: FieldError[] };

/** Any number that no other part of the product uses for an advisory lock. */
const APPLY_LOCK = 7_201_301;
const VERIFIED_AT_ONCE = 2;

/**
 * Brings the configuration to what a document says, in one transaction: all of it or nothing. Applied twice, the
 * second time changes nothing. The living centre is not told; whoever calls does that after the commit.
 */
export async function applyConfiguration(options: ApplyOptions): Promise<ApplyResult> {
  const read = readDocument(options.text);
  const { located } = read;
  if (located === undefined) return { ok: false, errors: read.ok ? [] : read.errors };
  const unknownNames = read.ok ? [] : read.errors;
  const { document } = located;
  const { database, tenantId, actor, dryRun } = options;
  const box = SecretBox.open(options.dataDir);
  const passwords = await examinePasswords(
    document,
    await database.inTenant(tenantId, (transaction) => readCurrent(transaction, tenantId)),
    options.dryRun,
  );
  if (!dryRun && unknownNames.length === 0 && document.flows.length > 0) {
    const unspoken = await speechFault(options.dataDir, document.flows);
    if (unspoken !== undefined) return { ok: false, errors: [located.errorAt(['flows'], unspoken)] };
  }
  const scripts = await scriptFaults(document.rules ?? []);
  if (scripts.length > 0) {
    return {
      ok: false,
      errors: [
        ...unknownNames,
        ...scripts.map(({ path, ...fault }) => located.errorAt(['rules', ...path.split('.')], fault)),
      ],
    };
  }
  const recordings = await playableNames(options.dataDir, tenantId);
  const applied = database.inTenant(tenantId, async (transaction): Promise<ApplyResult> => {
    await sql`select pg_advisory_xact_lock(${APPLY_LOCK})`.execute(transaction);
    const current = await readCurrent(transaction, tenantId);
    const review = reviewDocument(located, current, Date.now());
    const errors = [...unknownNames, ...checkDocument(located, current), ...review.errors];
    if (errors.length > 0) return { ok: false, errors };
    const secrets: SecretKnowledge = {
      isPassword: (username, password) => passwords.isCurrent(username, password, current),
      seal: (secret) => box.seal(secret),
      open: (sealed) => box.open(sealed),
    };
    const { steps, unchanged } = planChanges(document, current, secrets);
    const beyond = checkReach(located, current, steps, options.held);
    if (beyond.length > 0) return { ok: false, errors: beyond };
    if (!dryRun) {
      const { hashes: passwordHashes } = passwords;
      await new PlanExecutor({ transaction, tenantId, actor, box, current, passwordHashes }).execute(
        steps,
        current,
      );
      await requireNamed(transaction, tenantId, located);
    }
    const changes = steps.map((step) => step.change);
    const warnings = [...adviseOn(located, recordings), ...review.warnings];
    return { ok: true, result: { dryRun, changes, unchanged, warnings } };
  });
  return applied.catch((error: unknown) => {
    if (error instanceof TakenAway) return { ok: false, errors: error.errors };
    throw error;
  });
}

/** Something that the document names was deleted while it was applied; nothing of it stays. */
class TakenAway extends Error {
  readonly errors: FieldError[];
  constructor(errors: FieldError[]) {
    super('taken away');
    this.errors = errors;
  }
}

/** Looks once more when all rows are written: from now on nobody takes away what they name. @throws {TakenAway} */
async function requireNamed(
  transaction: DatabaseTransaction,
  tenantId: TenantId,
  located: LocatedDocument,
): Promise<void> {
  await holdNames(transaction);
  const errors = checkDocument(located, await readCurrent(transaction, tenantId));
  if (errors.length > 0) throw new TakenAway(errors);
}

/** The document that describes the configuration as it is, without secrets. */
export function exportConfiguration({
  database,
  tenantId,
}: Pick<ConfigurationOptions, 'database' | 'tenantId'>): Promise<ConfigurationDocument> {
  return database.inTenant(tenantId, async (transaction) =>
    exportDocument(await readCurrent(transaction, tenantId)),
  );
}

/** Speaks the texts of flows before anybody can call them; what keeps it from doing so. */
async function speechFault(
  dataDir: string,
  flows: readonly FlowDocument[],
): Promise<{ message: string; remedy: string } | undefined> {
  try {
    await offlineSpeech(dataDir).prepare(flows);
    return undefined;
  } catch (error) {
    if (!(error instanceof SpeechError)) throw error;
    return { message: error.message, remedy: 'Install the engine, or use recordings in place of texts.' };
  }
}

interface ExaminedPasswords {
  /** Of those that differ, by the key of the username. */
  hashes: ReadonlyMap<string, string>;
  isCurrent(username: string, password: string, current: CurrentConfiguration): boolean;
}

/**
 * Finds out which passwords are new, and hashes those. It takes some 20 ms each on another thread, too long for a
 * transaction; one that was changed by somebody else in between counts as new.
 */
async function examinePasswords(
  document: ConfigurationDocument,
  current: CurrentConfiguration,
  dryRun: boolean,
): Promise<ExaminedPasswords> {
  const wanted = new Map<string, string>();
  for (const entry of [...document.agents, ...document.users]) {
    if (entry.password !== undefined) wanted.set(keyOf(entry.username), entry.password);
  }
  const hashes = new Map<string, string>();
  const confirmed = new Map<string, string>();
  const work = [...wanted];
  const examineNext = async (): Promise<void> => {
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      const [key, password] = next;
      const stored = current.users.get(key)?.passwordHash ?? null;
      if (stored !== null && (await verifyPassword(stored, password))) confirmed.set(key, stored);
      else if (!dryRun) hashes.set(key, await hashPassword(password));
    }
  };
  await Promise.all(Array.from({ length: VERIFIED_AT_ONCE }, examineNext));
  return {
    hashes,
    isCurrent: (username, password, now) => {
      const key = keyOf(username);
      const stored = now.users.get(key)?.passwordHash;
      return (
        wanted.get(key) === password &&
        stored !== undefined &&
        stored !== null &&
        confirmed.get(key) === stored
      );
    },
  };
}
