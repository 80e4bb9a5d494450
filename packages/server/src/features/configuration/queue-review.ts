import type { FieldError } from '@crosspoint/contracts';
import {
  type Attributes,
  canonicalNumber,
  findEntryPoint,
  reviewQueues,
  type ReviewedQueue,
} from '@crosspoint/core';
import { describeFinding, type QueueOfNumber, reviewedQueue } from '../queues/index.ts';
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
  const byNumber = queuesByNumber(located, current);
  const reviewed: ReviewedQueue[] = queues.map(({ agents, ...settings }) => {
    const members = agents.flatMap((agent) =>
      attributesOf(usernameOf(agent)).map((known) => ({
        ...known,
        key: usernameOf(agent),
        delaySeconds: typeof agent === 'string' ? 0 : agent.delaySeconds,
      })),
    );
    return reviewedQueue(settings.name, settings, members, byNumber);
  });
  for (const [name, { settings }] of current.queues) {
    if (!indexOf.has(name)) reviewed.push(reviewedQueue(name, settings, [], byNumber));
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

/** Which queues numbers lead to when the document is applied. */
function queuesByNumber({ document }: LocatedDocument, { numbers }: CurrentConfiguration): QueueOfNumber {
  const targets = [
    ...[...numbers].map(([number, { target }]) => ({ number, target })),
    ...document.numbers.map(({ number, target }) => ({ number, target })),
  ];
  const byNumber = new Map(
    targets.map(({ number, target }) => {
      const queue =
        typeof target === 'object' && target !== null && 'queue' in target ? target.queue : undefined;
      return [canonicalNumber(number), queue];
    }),
  );
  return (number) => findEntryPoint(byNumber, number);
}
