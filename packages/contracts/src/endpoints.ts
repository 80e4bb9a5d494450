import { z } from 'zod';
import { SrtpUse } from './srtp.ts';

/** Which of an agent's endpoints ring: all of them, or one after the other. */
export const RingMode = z.enum(['together', 'in-order']);
export type RingMode = z.infer<typeof RingMode>;

/**
 * Where an agent can be called. `sip`: the telephones registered with the agent's account; `browser`: the softphone of the
 * console; `external`: a number outside, through a trunk.
 */
export const AgentEndpoint = z
  .strictObject({
    kind: z.enum(['sip', 'browser', 'external']),
    /** Of `external`: the number; otherwise empty. */
    address: z.string().trim().max(64).default(''),
    enabled: z.boolean().default(true),
    /** How long it rings before the next one, when they ring in order. */
    ringSeconds: z.number().int().min(5).max(120).default(20),
    /**
     * Of `external`: the key with which the agent takes the call, so that a mailbox does not; null connects whoever
     * answers.
     */
    confirmKey: z
      .string()
      .regex(/^[0-9*#]$/, 'is not one key of a telephone')
      .nullable()
      .default('1'),
    /** Of `sip`: encryption of the sound. A browser always encrypts, and of a number outside the trunk decides. */
    srtp: SrtpUse.default('off'),
  })
  .refine(({ kind, address }) => kind !== 'external' || /^\+?[0-9*#]{2,32}$/.test(address), {
    path: ['address'],
    message: 'is not a telephone number',
  });
export type AgentEndpoint = z.infer<typeof AgentEndpoint>;

/** In the order in which they ring; none: every registered device rings. */
export const AgentEndpoints = z.array(AgentEndpoint).max(5);
