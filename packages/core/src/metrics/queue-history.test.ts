import type { ContactFact } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { Story } from '../../test/facts-kit.ts';
import { addsUp, createQueueIntervals, createQueueStatistics, totalOf } from './index.ts';

const queueId = 'q' as never;
const thresholds = { serviceLevel: { seconds: 20, target: 0.8 }, shortAbandonSeconds: 5 };
const hours = (...starts: number[]) =>
  starts.map((from, index) => ({ from, to: starts[index + 1] ?? from + 100_000 }));

/** A day on which everything happens: queueing on, transfers into another queue and back, callbacks, a stop in between. */
function oddDay(): ContactFact[] {
  const stories = [
    new Story('answered')
      .started(0)
      .entered(0)
      .left(10_000, 'answered', 10_000)
      .talk(10_000, 60_000)
      .wrapUp(60_000, 70_000),
    new Story('gave-up').started(40_000).entered(40_000).left(110_000, 'abandoned', 70_000),
    new Story('went-on')
      .started(50_000)
      .entered(50_000)
      .left(90_000, 'overflowed', 40_000)
      .entered(90_000, 'r', 2),
    new Story('called-back').started(95_000).entered(95_000).left(120_000, 'callback', 25_000),
    new Story('twice')
      .started(99_000)
      .entered(99_000)
      .left(101_000, 'answered', 2_000)
      .talk(101_000, 130_000)
      .entered(130_000, 'q', 2)
      .left(210_000, 'answered', 80_000, { n: 2 })
      .talk(210_000, 260_000, { segment: 2 }),
    new Story('waits').started(205_000).entered(205_000),
  ];
  return stories.flatMap(({ facts }) => facts).toSorted((a, b) => a.at - b.at);
}

describe('the past of a queue', () => {
  test('[QUE-12] counts each thing when it happened, and the sum is the day of the board', () => {
    const history = createQueueIntervals(queueId, thresholds, hours(0, 100_000, 200_000));
    const board = createQueueStatistics();
    board.configure(queueId, thresholds);
    for (const fact of oddDay()) {
      history.apply(fact);
      board.apply(fact);
    }
    const counted = history.finish();
    // Counted by hand from the stories above.
    expect(
      counted.map(({ waitingBefore, counts: c }) => [
        waitingBefore,
        c.offered - waitingBefore,
        ...[c.answered, c.abandoned, c.overflowed, c.callbacks, c.waiting, c.handled],
      ]),
    ).toEqual([
      [0, 5, 1, 0, 1, 0, 3, 1],
      [3, 1, 1, 1, 0, 1, 1, 1],
      [1, 1, 1, 0, 0, 0, 1, 1],
    ]);
    expect(counted.every(({ counts }) => addsUp(counts))).toBe(true);
    expect(totalOf(counted)).toMatchObject({ from: 0, to: 300_000, waitingBefore: 0 });
    expect(totalOf(counted).counts).toEqual(board.counts(queueId));
  });

  test('[QUE-12] who waits since before the first interval is in it, and what follows the last one is not', () => {
    const history = createQueueIntervals(queueId, thresholds, hours(100_000));
    for (const fact of oddDay()) history.apply(fact);
    const [only] = history.finish();
    expect(only).toMatchObject({
      waitingBefore: 3,
      counts: { offered: 4, answered: 1, waiting: 1, talkMs: 29_000 },
    });
  });

  test('[QUE-12] intervals in which nothing happens are there', () => {
    const counted = createQueueIntervals(queueId, thresholds, hours(0, 100_000)).finish();
    expect(counted.map(({ from, counts }) => [from, counts.offered])).toEqual([
      [0, 0],
      [100_000, 0],
    ]);
    expect(totalOf([])).toMatchObject({ waitingBefore: 0, counts: { offered: 0 } });
  });
});
