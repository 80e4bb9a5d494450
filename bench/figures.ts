import type { Product } from '@crosspoint/e2e';

/** The parts of the product whose cost is told apart. */
export const parts = ['control', 'media', 'database'] as const;
export type Part = (typeof parts)[number];
export type Usage = Record<Part, { cpuMs: number; residentBytes: number }>;

/** CPU time used so far and memory resident now, by part, from /proc. Processes that ended meanwhile are missing. */
export function usageOf(product: Product): Usage {
  const usage: Usage = {
    control: { cpuMs: 0, residentBytes: 0 },
    media: { cpuMs: 0, residentBytes: 0 },
    database: { cpuMs: 0, residentBytes: 0 },
  };
  for (const info of product.processes()) {
    const part =
      info.pid === product.pid ? 'control' : /crosspoint-media/.test(info.commandLine) ? 'media' : 'database';
    usage[part].cpuMs += info.cpuMs;
    usage[part].residentBytes += info.residentBytes;
  }
  return usage;
}

/** CPU time used between two looks, in milliseconds. */
export function cpuBetween(before: Usage, after: Usage): Record<Part | 'total', number> {
  const cpu = { control: 0, media: 0, database: 0, total: 0 };
  for (const part of parts) {
    cpu[part] = after[part].cpuMs - before[part].cpuMs;
    cpu.total += cpu[part];
  }
  return cpu;
}

/** The value below which the given share of the values lies, by the nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Prints one figure: what, how much, and what is wanted. */
export function printFigure(what: string, value: number, unit: string, wanted = ''): void {
  const text = value >= 100 ? value.toFixed(0) : value.toFixed(2);
  console.log(`${what.padEnd(52)}${text.padStart(10)} ${unit.padEnd(8)}${wanted}`);
}
