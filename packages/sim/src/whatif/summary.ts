import { figure, type NamedFigure, type QueueCounts, queueMetrics } from '@crosspoint/core';
import type { RunResult } from './model.ts';

/** A mean over runs with different seeds, and how far the truth may be from it with 95 % confidence. */
export interface Estimate {
  mean: number;
  /** Null with fewer than two runs. */
  halfWidth: number | null;
}

export interface QueueSummary {
  name: string;
  /** By the names of the catalogue of metrics; what has nothing to divide by in some run is left out. */
  figures: Record<string, Estimate>;
  intervals: {
    fromSeconds: number;
    offered: Estimate;
    serviceLevel: Estimate | null;
    asaSeconds: Estimate | null;
  }[];
}

export interface Summary {
  seeds: number[];
  contacts: number;
  inputs: number;
  occupancy: Estimate;
  occupancyByInterval: Estimate[];
  queues: QueueSummary[];
}

/** Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond that the normal one. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const normal = 1.96;

export function estimate(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, halfWidth: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  return { mean, halfWidth: (studentT[count - 2] ?? normal) * Math.sqrt(variance / count) };
}

export function summarise(runs: readonly RunResult[]): Summary {
  const [first] = runs;
  return {
    seeds: runs.map(({ seed }) => seed),
    contacts: runs.reduce((sum, { contacts }) => sum + contacts, 0),
    inputs: runs.reduce((sum, { inputs }) => sum + inputs, 0),
    occupancy: estimate(runs.map(({ occupancy }) => occupancy)),
    occupancyByInterval: (first?.occupancyByInterval ?? []).map((_, index) =>
      estimate(runs.map(({ occupancyByInterval }) => occupancyByInterval[index] ?? 0)),
    ),
    queues: (first?.queues ?? []).map(({ name }, index) => {
      const results = runs.flatMap(({ queues }) => queues[index] ?? []);
      return {
        name,
        figures: figuresOf(results.map(({ counts }) => counts)),
        intervals: intervalsOf(results),
      };
    }),
  };
}

/**
 * What the second configuration changes: the differences seed by seed. Both run with the same callers, so that chance cancels out
 * and small differences show with few runs.
 */
export function compare(
  before: readonly RunResult[],
  after: readonly RunResult[],
): { name: string; figures: Record<string, Estimate> }[] {
  return (before[0]?.queues ?? []).flatMap(({ name }) => {
    const pairs = before.flatMap((run, index) => {
      const one = run.queues.find((queue) => queue.name === name)?.counts;
      const other = after[index]?.queues.find((queue) => queue.name === name)?.counts;
      return one === undefined || other === undefined ? [] : [{ one, other }];
    });
    if (pairs.length === 0) return [];
    const figures = Object.fromEntries(
      queueMetrics.flatMap(({ name: metric, compute }) => {
        const changes = pairs.map(({ one, other }) => difference(compute(one), compute(other)));
        return changes.every((change) => change !== null) ? [[metric, estimate(changes)]] : [];
      }),
    );
    return [{ name, figures }];
  });
}

function difference(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : other - one;
}

function figuresOf(all: readonly QueueCounts[]): Record<string, Estimate> {
  return Object.fromEntries(
    queueMetrics.flatMap(({ name, compute }) => {
      const values = all.map((counts) => compute(counts));
      return values.every((value) => value !== null) ? [[name, estimate(values)]] : [];
    }),
  );
}

function intervalsOf(results: readonly RunResult['queues'][number][]): QueueSummary['intervals'] {
  return (results[0]?.intervals ?? []).map(({ fromSeconds }, index) => {
    const counts = results.flatMap(({ intervals }) => intervals[index]?.counts ?? []);
    return {
      fromSeconds,
      offered: estimate(counts.map(({ offered }) => offered)),
      serviceLevel: ofFigure('serviceLevel', counts),
      asaSeconds: ofFigure('averageSpeedOfAnswerSeconds', counts),
    };
  });
}

/** Over the runs in which the interval has something to divide by. */
function ofFigure(name: NamedFigure, counts: readonly QueueCounts[]): Estimate | null {
  const values = counts.map((each) => figure(name, each)).filter((value) => value !== null);
  return values.length === 0 ? null : estimate(values);
}
