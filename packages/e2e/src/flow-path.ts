import type { Contact } from '@crosspoint/contracts';

/** The nodes of flows that a contact has gone through and the ways that it took there, `node:exit` each. */
export function flowPath({ timeline }: Contact): string[] {
  return timeline.flatMap((fact) =>
    fact.type === 'flow.passed' ? [`${fact.data.node}:${fact.data.exit}`] : [],
  );
}
