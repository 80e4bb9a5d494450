import { SystemPart } from '@crosspoint/contracts';
import { Gauge, type Registry } from 'prom-client';
import type { SystemSources } from './sources.ts';

/** Adds to `/metrics` which parts work and what waits for the database; asked when Prometheus asks. */
export function registerSystemMetrics(
  registry: Registry,
  { parts, probe }: Pick<SystemSources, 'parts' | 'probe'>,
): void {
  const registers = [registry];
  new Gauge({
    name: 'crosspoint_part_healthy',
    help: 'Whether a part of the server works: 1, or 0.',
    labelNames: ['part'],
    registers,
    async collect() {
      const { parts: health } = await probe();
      for (const part of SystemPart.options) this.set({ part }, health[part].healthy ? 1 : 0);
    },
  });
  new Gauge({
    name: 'crosspoint_facts_waiting_rows',
    help: 'Rows of facts in memory that are neither in the database nor on disk.',
    registers,
    async collect() {
      this.set((await parts()).facts.waitingRows);
    },
  });
  new Gauge({
    name: 'crosspoint_facts_spooled_bytes',
    help: 'Facts on disk that wait for the database.',
    registers,
    async collect() {
      this.set((await parts()).facts.spooledBytes);
    },
  });
}
