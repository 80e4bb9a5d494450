import { AgentActivity, type TenantId } from '@crosspoint/contracts';
import { Counter, Gauge, type Registry } from 'prom-client';
import { DEFAULT_TENANT_ID } from '../../platform/index.ts';
import type { ApiContext } from '../../http/index.ts';
import { agentsByActivity, callsByState, totalsOf } from './totals.ts';

/** Adds the board's figures to `/metrics`; they are computed when Prometheus asks. */
export function registerCentreMetrics(registry: Registry, centreOf: ApiContext['centreOf']): void {
  const centre = () => centreOf(DEFAULT_TENANT_ID as TenantId);
  const registers = [registry];
  new Counter({
    name: 'crosspoint_repairs_total',
    help: 'Differences from reality that the reconciler found and repaired since the start; should stay 0.',
    registers,
    collect() {
      this.reset();
      this.inc(centre()?.repairs ?? 0);
    },
  });
  new Gauge({
    name: 'crosspoint_contacts',
    help: 'Contacts of today, by what became of them; those that wait, wait now.',
    labelNames: ['result'],
    registers,
    collect() {
      const totals = totalsOf(centre()?.allQueueStats() ?? []);
      const { offered, answered, abandoned, overflowed, callbacks, waiting, deflected } = totals;
      const figures = { offered, answered, abandoned, overflowed, callbacks, waiting, deflected };
      for (const [result, count] of Object.entries(figures)) this.set({ result }, count);
    },
  });
  new Gauge({
    name: 'crosspoint_agents',
    help: 'Agents by what they do at this moment.',
    labelNames: ['activity'],
    registers,
    collect() {
      const { byActivity } = agentsByActivity(centre()?.agentsAtWork() ?? []);
      for (const activity of AgentActivity.options) this.set({ activity }, byActivity[activity]);
    },
  });
  new Gauge({
    name: 'crosspoint_calls',
    help: 'Calls that are up, by their state.',
    labelNames: ['state'],
    registers,
    collect() {
      const { waiting, ringing, talking, onHold } = callsByState(centre()?.calls() ?? []);
      for (const [state, count] of Object.entries({ waiting, ringing, talking, hold: onHold })) {
        this.set({ state }, count);
      }
    },
  });
}
