import { z } from 'zod';

/**
 * How well a leg was heard, both directions together (the worse one counts), since its beginning: from RTP, RTCP and the
 * E-model of ITU-T G.107.
 */
export const LegQuality = z
  .object({
    codec: z.enum(['PCMU', 'PCMA', 'G722', 'opus']),
    /** Mean opinion score, 1.00–4.50: above 4.0 good, below 3.6 many are dissatisfied. */
    mos: z.number().min(1).max(5),
    /** Rating of the E-model, 0–100. */
    rFactor: z.number().min(0).max(100),
    lossPercent: z.number().min(0).max(100),
    jitterMs: z.number().nonnegative(),
    /** From the far end's reports; null when it sends none. */
    roundTripMs: z.number().nonnegative().nullable(),
  })
  .meta({ id: 'LegQuality' });
export type LegQuality = z.infer<typeof LegQuality>;
