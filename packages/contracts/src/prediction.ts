import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { AgentId } from './ids.ts';
import { Instant } from './instants.ts';

/** What contacts are expected to take with each agent, and whether routing by it is better than the strategy (RTE-08). */
const rate = z.number().min(0).max(1);
const seconds = z.number().nonnegative();

export const PredictedAgent = z.object({
  agentId: AgentId,
  agent: z.string(),
  /** Measured ones, of the period. */
  contacts: z.number().int(),
  handleSeconds: seconds,
  /** The share of callers who call again within seven days. */
  repeatRate: rate,
  /** The share of contacts whose disposition is not among the good ones; 0 where none are named. */
  unsuccessfulRate: rate,
  /** Handle time, and one more contact for each repeat and each one that came to nothing; the least goes first. */
  costSeconds: seconds,
  /** The interval that holds the true cost with 95 % confidence. */
  costFrom: seconds,
  costTo: seconds,
  /** How much of it is the agent's own measurement and not the mean of all. */
  confidence: rate,
});
export type PredictedAgent = z.infer<typeof PredictedAgent>;

const verdict = z.enum(['too-few', 'better', 'worse', 'no-difference']);
const difference = z.object({ difference: z.number(), from: z.number(), to: z.number() });
const compared = <Side extends z.ZodType>(side: Side) =>
  z.object({
    predicted: side,
    control: side,
    /** Predicted less control, with the interval of 95 %; null with fewer than 30 contacts on a side. */
    difference: difference.nullable(),
    /** Contacts of both sides from which on a difference that matters is found; null while it cannot be told. */
    contactsNeeded: z.number().int().nullable(),
    verdict,
  });

export const QueuePrediction = z
  .object({
    /** Null: not yet, or the queue has no predictive routing. */
    measuredAt: Instant.nullable(),
    /** How far back contacts count. */
    days: z.number().int(),
    kinds: z.array(
      z.object({
        /** Null: all contacts of the queue, for those whose language has no scores of its own. */
        language: PromptLanguage.nullable(),
        contacts: z.number().int(),
        /** Of an agent who was not measured. */
        usualCostSeconds: seconds,
        /** The best first. */
        agents: z.array(PredictedAgent),
      }),
    ),
    /** A difference of 10 % of the mean matters. */
    handleTime: compared(z.object({ contacts: z.number().int(), meanSeconds: seconds.nullable() })),
    /** Of callers who call again within seven days; a difference of 3 points matters. */
    repeats: compared(z.object({ contacts: z.number().int(), rate: rate.nullable() })),
  })
  .meta({ id: 'QueuePrediction' });
export type QueuePrediction = z.infer<typeof QueuePrediction>;
