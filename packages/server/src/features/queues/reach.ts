import { NumberTarget, type QueueSettings } from '@crosspoint/contracts';
import { routesTo } from '../../carriers/sip/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { EntryPoints } from '../numbers/index.ts';
import { allTrunks } from '../trunks/index.ts';

type Trunks = Parameters<typeof routesTo>[1];

/** What numbers lead to, as the review of queues has to know it. */
export interface NumberReach {
  /** The key of the queue behind a number of the house. */
  queueOf(number: string): string | undefined;
  isOfHouse(number: string): boolean;
  /** Whether a trunk takes calls to that number. */
  isDialable(number: string): boolean;
}

/** @param numbers of the house, with the key of the queue to which each leads, or undefined. */
export function numberReach(
  numbers: Iterable<readonly [number: string, queue: string | undefined]>,
  trunks: Trunks,
): NumberReach {
  const entryPoints = new EntryPoints(
    [...numbers].map(([number, queue]) => [number, { queue }] as const),
    trunks.map(({ settings }) => settings.numbering.country),
  );
  return {
    queueOf: (number) => entryPoints.find(number)?.queue,
    isOfHouse: (number) => entryPoints.find(number) !== undefined,
    isDialable: (number) => routesTo(number, trunks).length > 0,
  };
}

/** Whether anything of these settings depends on numbers. */
export function asksForNumbers({ overflow }: Pick<QueueSettings, 'overflow'>): boolean {
  return overflow.some(({ target }) => target.kind === 'number' || target.kind === 'outside');
}

/** Of the transaction's tenant; queues by their ids. */
export async function readNumberReach(transaction: DatabaseTransaction): Promise<NumberReach> {
  const rows = await transaction.selectFrom('numbers').select(['number', 'target']).execute();
  const numbers = rows.map((row) => {
    const target = NumberTarget.parse(row.target);
    return [row.number, target.kind === 'queue' ? target.queueId : undefined] as const;
  });
  return numberReach(numbers, await allTrunks(transaction));
}
