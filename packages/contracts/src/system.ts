import { z } from 'zod';
import { Instant } from './instants.ts';

export const PartHealth = z.object({
  healthy: z.boolean(),
  /** What is wrong and what to do; empty when healthy. */
  detail: z.string(),
});
export type PartHealth = z.infer<typeof PartHealth>;

/** `GET /readyz`: 200 when every part is healthy, 503 otherwise. */
export const SystemReadiness = z
  .object({
    ready: z.boolean(),
    parts: z.object({ database: PartHealth, media: PartHealth, sip: PartHealth, storage: PartHealth }),
  })
  .meta({ id: 'SystemReadiness' });
export type SystemReadiness = z.infer<typeof SystemReadiness>;

/** A part of the server that works or does not. */
export const SystemPart = SystemReadiness.shape.parts.keyof();
export type SystemPart = z.infer<typeof SystemPart>;

export const SystemInfo = z
  .object({
    name: z.literal('crosspoint'),
    version: z.string(),
    nodeVersion: z.string(),
    startedAt: Instant,
    serverTime: Instant,
    health: SystemReadiness.shape.parts,
    /** Version and size as they were known last, while the database is away. */
    database: z.object({ kind: z.enum(['embedded', 'server']), version: z.string(), sizeBytes: z.number() }),
    /** What happened and is not in the database yet: rows in memory, bytes on disk. */
    facts: z.object({ waitingRows: z.number().int(), spooledBytes: z.number().int() }),
    /** Where telephones register: `sip:<agent>@<host>:<port>`. */
    sip: z.object({
      realm: z.string(),
      host: z.string(),
      publicHost: z.string().nullable(),
      transports: z.array(
        z.object({ transport: z.enum(['udp', 'tcp', 'tls', 'ws']), port: z.number().int() }),
      ),
    }),
    media: z.object({
      packets: z.enum(['koffi', 'dgram']),
      processes: z.array(
        z.object({ pid: z.number().int().nullable(), healthy: z.boolean(), legs: z.number().int() }),
      ),
      rtpPortMin: z.number().int(),
      rtpPortMax: z.number().int(),
    }),
    storage: z.object({
      recordingsBytes: z.number(),
      recordings: z.number().int(),
      freeBytes: z.number().nullable(),
    }),
    memory: z.object({ residentBytes: z.number() }),
    stream: z.object({ clients: z.number().int() }),
  })
  .meta({ id: 'SystemInfo' });
export type SystemInfo = z.infer<typeof SystemInfo>;
