import type { ContactExplanation } from '@crosspoint/contracts';

type Agent = ContactExplanation['agents'][number];
export interface GroupedReasons {
  single: Agent[];
  many: { reason: string; count: number }[];
}

const singlesMax = 6;
/** Nearest to an answer first: who will be free soon is worth more than who has gone home. */
const order = [
  'ringing',
  'ready',
  'another-is-asked',
  'serves-another-first',
  'delay',
  'wrap-up',
  'at-capacity',
  'backing-off',
  'device-failing',
  'not-responding',
  'device-unreachable',
  'no-device',
  'status-break',
  'status-offline',
  'lacks-requirement',
  'not-named',
];
const rank = (reason: string): number => {
  const index = order.indexOf(reason);
  return index < 0 ? order.length : index;
};

/** The agent who is being asked, then those who could answer soonest by name, and how many share each other reason. */
export function groupReasons(agents: readonly Agent[], offeredTo: string | null = null): GroupedReasons {
  const sorted = [...agents].sort(
    (a, b) =>
      Number(b.id === offeredTo) - Number(a.id === offeredTo) ||
      rank(a.reason) - rank(b.reason) ||
      (a.until ?? '9').localeCompare(b.until ?? '9') ||
      a.name.localeCompare(b.name),
  );
  if (sorted.length <= singlesMax) return { single: sorted, many: [] };
  const counts = new Map<string, number>();
  for (const agent of sorted.slice(singlesMax)) counts.set(agent.reason, (counts.get(agent.reason) ?? 0) + 1);
  return {
    single: sorted.slice(0, singlesMax),
    many: [...counts].map(([reason, count]) => ({ reason, count })),
  };
}
