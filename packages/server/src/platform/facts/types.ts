import type { AgentFact, ContactFact, ContactOutcome } from '@crosspoint/contracts';

/** The row of a contact as derived from its facts. Instants are Unix time in milliseconds. */
export interface ContactRow {
  readonly id: string;
  readonly number: string;
  readonly direction: 'inbound' | 'outbound';
  readonly callerPhone: string;
  readonly callerName: string;
  /** The queue and agent that had the contact last. */
  readonly queueId: string | null;
  readonly agentId: string | null;
  readonly outcome: ContactOutcome | null;
  readonly reason: string | null;
  readonly startedAt: number;
  readonly queuedAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly closedAt: number | null;
  readonly state: string;
  /** Stored as JSON. */
  readonly segments: readonly unknown[];
  /** The `seq` of the newest fact in it; an older row never replaces a newer one. */
  readonly lastSeq: number;
}

/** The row of a recording. It is written at its start and again, as a whole, at each change. */
export interface RecordingRow {
  readonly id: string;
  readonly contactId: string;
  readonly segmentId: string | null;
  readonly queueId: string | null;
  readonly agentId: string | null;
  readonly path: string;
  readonly format: string;
  readonly channels: 1 | 2;
  /** Hertz. */
  readonly sampleRate: number;
  readonly durationSeconds: number;
  readonly sizeBytes: number;
  readonly status: 'recording' | 'complete' | 'failed';
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly deletedAt: number | null;
}

/** A message that a caller has left. It is written once, and what becomes of it then is not the writer's. */
export interface VoicemailRow {
  readonly id: string;
  /** By name: of a box that is gone meanwhile nothing is kept. */
  readonly box: string;
  readonly contactId: string;
  readonly recordingId: string;
  readonly number: string;
  readonly callerPhone: string;
  readonly callerName: string;
  readonly leftAt: number;
  readonly durationMs: number;
}

/** What one `append` makes durable, all or nothing. */
export interface Facts {
  readonly tenantId: string;
  /** Appended; an event that is already stored (same contact, seq and instant) is skipped. */
  readonly contactEvents?: readonly ContactFact[];
  readonly agentEvents?: readonly AgentFact[];
  /** Under which the agents' events are stored, in their order; drawn when missing. Those that are there are skipped. */
  readonly agentEventIds?: readonly string[];
  /** Inserted or replaced. */
  readonly contacts?: readonly ContactRow[];
  readonly recordings?: readonly RecordingRow[];
  /** Inserted; one that is already stored is skipped. */
  readonly voicemails?: readonly VoicemailRow[];
}

export interface FactsHealth {
  /**
   * `ok`; `retrying`: the database does not answer and nothing is lost yet; `full`: what waits has reached half of
   * its limit in memory or on disk, take no new contacts; `closed`.
   */
  readonly state: 'ok' | 'retrying' | 'full' | 'closed';
  /** Rows accepted that are neither committed nor on disk yet. */
  readonly backlogRows: number;
  /** What waits on disk until the database answers, in bytes. */
  readonly spooledBytes: number;
  /** Since when the database does not answer (Unix time in milliseconds). */
  readonly failingSince: number | undefined;
  readonly lastError: string | undefined;
}

/** Why facts were not stored. `backlog-full` and `closed` are decided before anything is accepted. */
export class FactsError extends Error {
  readonly code: 'facts-backlog-full' | 'facts-closed' | 'facts-rejected';

  constructor(code: FactsError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'FactsError';
    this.code = code;
  }
}
