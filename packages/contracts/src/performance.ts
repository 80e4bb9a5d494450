import { z } from 'zod';
import { AgentId, TeamId } from './ids.ts';
import { Instant } from './instants.ts';
import { oneOrMore } from './pages.ts';

/** A period holds at most so many days. */
export const PERFORMANCE_DAYS_MAX = 100;

/**
 * What was done in a period, by the formulas of the catalogue of figures, the same as on the live board. Null while there is
 * nothing to divide by.
 */
export const PerformanceFigures = z.object({
  /** Conversations that queues gave and that began; those that are over. */
  answered: z.number().int(),
  handled: z.number().int(),
  /** (talk + hold + wrap-up) / handled. */
  handleSecondsMean: z.number().nullable(),
  talkSecondsMean: z.number().nullable(),
  holdSecondsMean: z.number().nullable(),
  wrapUpSecondsMean: z.number().nullable(),
  /** 0–1: (talk + hold + wrap-up) / (that + idle). */
  occupancy: z.number().nullable(),
  /** Offers that ran out; offers that were turned down. */
  missed: z.number().int(),
  rejected: z.number().int(),
  transfers: z.number().int(),
  /** Finished evaluations with a score, and the mean of their scores. */
  evaluations: z.number().int(),
  scoreMean: z.number().nullable(),
});
export type PerformanceFigures = z.infer<typeof PerformanceFigures>;

export const AgentPerformance = PerformanceFigures.extend({
  agentId: AgentId,
  agent: z.string(),
  teams: z.array(z.string()),
});
export type AgentPerformance = z.infer<typeof AgentPerformance>;

export const TeamPerformance = PerformanceFigures.extend({
  teamId: TeamId,
  team: z.string(),
  /** Agents of the team and of teams within it. */
  agents: z.number().int(),
});
export type TeamPerformance = z.infer<typeof TeamPerformance>;

export const Performance = z
  .object({
    from: Instant,
    /** Not later than now. */
    to: Instant,
    /** By name. */
    agents: z.array(AgentPerformance),
    teams: z.array(TeamPerformance),
    /** All agents above together. */
    total: PerformanceFigures,
  })
  .meta({ id: 'Performance' });
export type Performance = z.infer<typeof Performance>;

export const PerformanceQuery = z.strictObject({
  from: Instant,
  to: Instant,
  teamId: oneOrMore(TeamId).optional(),
});
export type PerformanceQuery = z.input<typeof PerformanceQuery>;

/** Days of UTC, the last one included. */
export const PerformanceRebuildInput = z
  .strictObject({ from: z.iso.date(), to: z.iso.date() })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'is before from' });

/** How many days are added up anew. */
export const PerformanceRebuild = z.object({ days: z.number().int() }).meta({ id: 'PerformanceRebuild' });
