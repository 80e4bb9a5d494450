import type { FieldError, TrunkId, TrunkSettings } from '@crosspoint/contracts';
import { type Attributes, reviewQueues, type ReviewedQueue } from '@crosspoint/core';
import { describeFinding, type NumberReach, numberReach, reviewedQueue } from '../queues/index.ts';
import { usernameOf } from './duplicates.ts';
import { type CurrentConfiguration, keyOf } from './current.ts';
import type { LocatedDocument } from './document.ts';

/**
 * Queues of the document that contradict themselves or send contacts around in a circle, together with the queues that it does not
 * name; warnings are what is allowed but hardly meant.
 */
export function reviewDocument(
  located: LocatedDocument,
  current: CurrentConfiguration,
  now: number,
): { errors: FieldError[]; warnings: FieldError[] } {
  const { queues } = located.document;
  const indexOf = new Map(queues.map(({ name }, index) => [name, index]));
  const attributesOf = attributes(located, current);
  const reach = reachOf(located, current);
  const reviewed: ReviewedQueue[] = queues.map(({ agents, ...settings }) => {
    const members = agents.flatMap((agent) =>
      attributesOf(usernameOf(agent)).map((known) => ({
        ...known,
        key: usernameOf(agent),
        delaySeconds: typeof agent === 'string' ? 0 : agent.delaySeconds,
      })),
    );
    return reviewedQueue(settings.name, settings, members, reach);
  });
  for (const [name, { settings }] of current.queues) {
    if (!indexOf.has(name)) reviewed.push(reviewedQueue(name, settings, [], reach));
  }
  const found = reviewQueues(reviewed, now).flatMap((finding) => {
    const index = indexOf.get(finding.key);
    if (index === undefined) return [];
    const { message, remedy } = describeFinding(finding);
    const error = located.errorAt(['queues', index, ...finding.path], { message, remedy });
    return [{ error, isWarning: finding.isWarning }];
  });
  return {
    errors: found.filter(({ isWarning }) => !isWarning).map(({ error }) => error),
    warnings: found.filter(({ isWarning }) => isWarning).map(({ error }) => error),
  };
}

/** What an agent knows by the document, or else by what is. */
function attributes(
  { document }: LocatedDocument,
  current: CurrentConfiguration,
): (username: string) => Attributes[] {
  const known = new Map<string, Attributes>(current.agents);
  for (const agent of document.agents) known.set(keyOf(agent.username), agent);
  return (username) => {
    const found = known.get(keyOf(username));
    return found === undefined ? [] : [found];
  };
}

/** What numbers lead to when the document is applied. */
function reachOf({ document }: LocatedDocument, { numbers, trunks }: CurrentConfiguration): NumberReach {
  const targets = [
    ...[...numbers].map(([number, { target }]) => ({ number, target })),
    ...document.numbers.map(({ number, target }) => ({ number, target })),
  ];
  const written = new Map<string, Pick<TrunkSettings, 'enabled' | 'numbering' | 'outgoing'>>([
    ...[...trunks].map(([name, { settings }]) => [name, settings] as const),
    ...document.trunks.map(({ name, ...settings }) => [name, settings] as const),
  ]);
  return numberReach(
    targets.map(({ number, target }) => {
      const isQueue = typeof target === 'object' && target !== null && 'queue' in target;
      return [number, isQueue ? target.queue : undefined];
    }),
    [...written].map(([name, settings]) => ({ id: name as TrunkId, name, settings })),
  );
}
