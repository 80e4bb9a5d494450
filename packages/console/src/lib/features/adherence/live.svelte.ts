import { ADHERENT_ACTIVITIES, type AgentLive, type ScheduleSpans } from '@crosspoint/contracts';
import { api } from '#lib/api/client.ts';
import { resource } from '#lib/api/resource.svelte.ts';
import { present } from '#lib/live/present.svelte.ts';
import { session } from '#lib/session/session.svelte.ts';

const hourMs = 3_600_000;
const aheadMs = 6 * hourMs;

type Span = ScheduleSpans['agents'][number]['spans'][number];
/** What is scheduled for an agent at this moment, and whether it is done. */
export interface LiveAdherence {
  state: Span['state'];
  until: string;
  adherent: boolean;
}

/**
 * Whether agents keep their schedules, from the schedules of the next hours, the live activity and the clock. Call it
 * where a component is made; the schedules are read anew each hour.
 */
export function liveAdherence(): { readonly any: boolean; of: (agent: AgentLive) => LiveAdherence | null } {
  const hour = $derived(Math.floor(present.ms / hourMs) * hourMs);
  const spans = resource(async (signal) => {
    if (session.reach('schedules.read') !== 'all') return new Map<string, readonly Span[]>();
    const query = { from: new Date(hour).toISOString(), to: new Date(hour + aheadMs).toISOString() };
    const { agents } = await api.get<ScheduleSpans>('/schedules/spans', { signal, query });
    return new Map(agents.map(({ agentId, spans: own }) => [agentId as string, own]));
  });
  return {
    get any() {
      return (spans.data?.size ?? 0) > 0;
    },
    of(agent) {
      const now = new Date(present.ms).toISOString();
      const span = spans.data?.get(agent.id)?.find(({ from, to }) => from <= now && now < to);
      if (!span) return null;
      return {
        state: span.state,
        until: span.to,
        adherent: ADHERENT_ACTIVITIES[span.state].includes(agent.activity),
      };
    },
  };
}
